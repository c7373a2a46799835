import assert from 'node:assert/strict';
import {
  DescribeComputeEnvironmentsCommand,
  DescribeJobDefinitionsCommand,
  DescribeJobQueuesCommand,
  type JobDefinition,
} from '@aws-sdk/client-batch';
import { DescribeLaunchTemplateVersionsCommand } from '@aws-sdk/client-ec2';
import { BatchGetImageCommand, DescribeRepositoriesCommand, GetLifecyclePolicyCommand } from '@aws-sdk/client-ecr';
import { readJobFile } from '../../aws/job-file.ts';
import { repositoryName } from '../../deploy/deployed-names.ts';
import { at, listOf, type Template } from '../stack/support/template.ts';
import { account, prefix, type Stack, stage } from './deploy-stack.ts';

/** Every revision of a container's job definition, the oldest first. */
export const revisionsOf = async ({ clients: { batch } }: Stack, container: string): Promise<JobDefinition[]> => {
  const named = new DescribeJobDefinitionsCommand({ jobDefinitionName: `${prefix}-${container}` });
  const { jobDefinitions = [] } = await batch.send(named);
  return jobDefinitions.sort((a, b) => (a.revision ?? 0) - (b.revision ?? 0));
};

/** The newest revision says what containers/<name>/job.yml says, and names an image that the registry has by its digest. */
export const checkJobDefinition = async (stack: Stack, container: string): Promise<string> => {
  const job = await readJobFile(container);
  const newest = (await revisionsOf(stack, container)).at(-1);
  const found = newest?.containerProperties;
  assert.deepEqual(newest?.parameters, job.parameters);
  assert.deepEqual(found?.command, job.command);
  assert.deepEqual(found?.resourceRequirements, [
    { type: 'VCPU', value: String(job.vcpus) },
    { type: 'MEMORY', value: String(job.memoryMiB) },
  ]);
  const roles = await stack.resources();
  assert.equal(found?.jobRoleArn, `arn:aws:iam::${account}:role/${roles.get('JobRole')}`);
  assert.equal(found?.executionRoleArn, `arn:aws:iam::${account}:role/${roles.get('ExecutionRole')}`);
  assert.deepEqual(
    [found?.user, found?.privileged, found?.readonlyRootFilesystem, found?.linuxParameters?.initProcessEnabled],
    [job.user, false, job.readonlyRootFilesystem, true],
  );
  assert.deepEqual(found?.volumes, [{ name: 'scratch', host: { sourcePath: '/scratch' } }]);
  assert.deepEqual(found?.mountPoints, [{ containerPath: '/tmp', readOnly: false, sourceVolume: 'scratch' }]);
  assert.deepEqual(found?.logConfiguration, {
    logDriver: 'awslogs',
    options: { 'awslogs-group': `/aws/batch/${prefix}`, 'awslogs-stream-prefix': job.logConfiguration.streamPrefix },
  });
  const { retryStrategy } = newest ?? {};
  assert.equal(retryStrategy?.attempts, job.retryStrategy.attempts);
  assert.deepEqual(
    retryStrategy?.evaluateOnExit?.map((rule) => ({ ...rule, action: rule.action?.toUpperCase() })),
    job.retryStrategy.evaluateOnExit,
  );
  const [uri = '', digest = ''] = found?.image?.split('@') ?? [];
  assert.match(uri, new RegExp(`^${account}\\.dkr\\.ecr\\.us-east-1\\.amazonaws\\.com/kadam/${stage}/${container}$`));
  const images = { repositoryName: repositoryName(stage, container), imageIds: [{ imageDigest: digest }] };
  assert.equal((await stack.clients.ecr.send(new BatchGetImageCommand(images))).images?.length, 1);
  return `revision ${newest?.revision}`;
};

/** The environment that a container gets, with every reference resolved. */
export const containerEnvironment = (definition: JobDefinition | undefined): Record<string, string> =>
  Object.fromEntries(
    (definition?.containerProperties?.environment ?? []).map(({ name = '', value = '' }) => [name, value]),
  );

/** Two environments that scale to zero, each behind its queue, in the stack's subnets with its launch template. */
export const checkEnvironments = async (stack: Stack, template: Template): Promise<void> => {
  const { batch } = stack.clients;
  const [ids, { computeEnvironments = [] }, { jobQueues = [] }] = await Promise.all([
    stack.resources(),
    batch.send(new DescribeComputeEnvironmentsCommand({})),
    batch.send(new DescribeJobQueuesCommand({ jobQueues: stack.names.jobQueues })),
  ]);
  for (const [market, type, allocationStrategy] of [
    ['Spot', 'SPOT', 'SPOT_PRICE_CAPACITY_OPTIMIZED'],
    ['OnDemand', 'EC2', 'BEST_FIT_PROGRESSIVE'],
  ] as const) {
    const arn = ids.get(`${market}Environment`);
    const found = computeEnvironments.find(({ computeEnvironmentArn }) => computeEnvironmentArn === arn);
    const expected = at(template.Resources[`${market}Environment`]?.Properties, 'ComputeResources');
    const { computeResources: resources } = found ?? {};
    assert.deepEqual(
      [found?.state, resources?.type, resources?.allocationStrategy],
      ['ENABLED', type, allocationStrategy],
    );
    assert.deepEqual([resources?.minvCpus, resources?.maxvCpus], [0, at(expected, 'MaxvCpus')]);
    const subnets = listOf(at(expected, 'Subnets')).map((subnet) => ids.get(String(at(subnet, 'Ref'))));
    assert.deepEqual(resources?.subnets, subnets);
    assert.ok(new Set(subnets).size >= 2, 'subnets of two zones');
    assert.deepEqual(resources?.securityGroupIds, [ids.get('JobsSecurityGroup')]);
    assert.equal(resources?.launchTemplate?.launchTemplateId, ids.get('LaunchTemplate'));
    assert.deepEqual(resources?.ec2Configuration, [{ imageType: 'ECS_AL2023' }]);
    const queue = jobQueues.find(({ jobQueueArn }) => jobQueueArn === ids.get(`${market}Queue`));
    assert.deepEqual(queue?.computeEnvironmentOrder, [{ order: 1, computeEnvironment: arn }]);
    assert.equal(queue?.state, 'ENABLED');
  }
};

/** Encrypted scratch disk, IMDSv2 alone, and the folder that jobs write to. */
export const checkLaunchTemplate = async (stack: Stack): Promise<void> => {
  const LaunchTemplateId = (await stack.resources()).get('LaunchTemplate');
  const versions = new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId });
  const { LaunchTemplateVersions: [newest] = [] } = await stack.clients.ec2.send(versions);
  const data = newest?.LaunchTemplateData;
  assert.deepEqual(data?.MetadataOptions, {
    HttpTokens: 'required',
    HttpEndpoint: 'enabled',
    HttpPutResponseHopLimit: 1,
  });
  const [disk] = data?.BlockDeviceMappings ?? [];
  assert.deepEqual([disk?.Ebs?.Encrypted, disk?.Ebs?.VolumeSize, disk?.Ebs?.DeleteOnTermination], [true, 230, true]);
  assert.match(Buffer.from(data?.UserData ?? '', 'base64').toString(), /install --directory --owner=1000.* \/scratch/);
};

/** Immutable tags, scans, and a bound on how many images are kept. */
export const checkRepositories = async ({ clients: { ecr }, names }: Stack): Promise<void> => {
  const repositoryNames = Object.values(names.repositories);
  const { repositories = [] } = await ecr.send(new DescribeRepositoriesCommand({ repositoryNames }));
  for (const { imageTagMutability, imageScanningConfiguration, encryptionConfiguration } of repositories) {
    assert.deepEqual(
      [imageTagMutability, imageScanningConfiguration?.scanOnPush, encryptionConfiguration?.encryptionType],
      ['IMMUTABLE', true, 'AES256'],
    );
  }
  for (const name of repositoryNames) {
    const { lifecyclePolicyText = '' } = await ecr.send(new GetLifecyclePolicyCommand({ repositoryName: name }));
    assert.match(lifecyclePolicyText, /imageCountMoreThan/);
  }
};
