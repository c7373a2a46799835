import { containerNames, type JobFile, readJobFile } from '../aws/job-file.ts';
import { ConfigurationError } from '../core/errors.ts';

type Intrinsic = Record<string, unknown>;
/** Plain text or a CloudFormation function. */
type Value = string | Intrinsic;

export type ContainerTemplate = {
  /** One AWS::Batch::JobDefinition for each container, and what they need. */
  resources: Record<string, unknown>;
  /** The image of each container, by its digest: known once it has been pushed. */
  parameters: Record<string, { Type: 'String'; Default: string; Description: string }>;
  /** KADAM_CONTAINERS: what a job may use in each container. */
  limits: string;
  /** KADAM_JOB_DEFINITIONS: the ARN of each container's job definition, with its revision. */
  jobDefinitions: Intrinsic;
};

export type ContainerOptions = {
  /** In front of every job definition's name. */
  prefix: string;
  /** What the functions' environment says of the deployment; containers get the same. */
  environment: Record<string, Value>;
  /** The EFS file system that volumes may be of; empty where there is none. */
  efsFileSystemId: string;
};

/** `oil-paint` becomes `OilPaint`: CloudFormation's logical ids are letters and digits. */
export const logicalName = (container: string): string =>
  container.replace(/(^|[-_])([a-z0-9])/gi, (_, _separator, first: string) => first.toUpperCase());

/** The stack parameter that holds a container's image. */
export const imageParameter = (container: string): string => `${logicalName(container)}ImageUri`;

const jobDefinitionId = (container: string): string => `${logicalName(container)}JobDefinition`;

const roles = { job: 'JobRole', execution: 'ExecutionRole' } as const;

const volume = (given: JobFile['volumes'][number], container: string, efsFileSystemId: string) => {
  if ('host' in given) return { Name: given.name, Host: { SourcePath: given.host } };
  if (efsFileSystemId === '') {
    throw new ConfigurationError(
      `Expected the param efsFileSystemId for the volume ${given.name} of containers/${container}/job.yml but received ` +
        'nothing. Set it in serverless.yml, or take the volume out.',
      { code: 'NoFileSystem' },
    );
  }
  return {
    Name: given.name,
    EfsVolumeConfiguration: {
      FileSystemId: efsFileSystemId,
      RootDirectory: given.efs.rootDirectory,
      TransitEncryption: 'ENABLED',
    },
  };
};

const jobDefinition = (container: string, job: JobFile, options: ContainerOptions) => {
  // Batch sets no region for jobs on EC2, and the SDK asks for one.
  const environment = { ...options.environment, AWS_REGION: { Ref: 'AWS::Region' }, ...job.environment };
  return {
    Type: 'AWS::Batch::JobDefinition',
    Properties: {
      JobDefinitionName: `${options.prefix}-${container}`,
      Type: 'container',
      PlatformCapabilities: ['EC2'],
      PropagateTags: true,
      // Within a share all jobs are alike; a queue with fair shares refuses jobs that have no priority at all.
      SchedulingPriority: 0,
      // An execution in flight still submits the revision that it was started with.
      ResourceRetentionPolicy: { SkipDeregisterOnUpdate: true },
      Parameters: job.parameters,
      Timeout: { AttemptDurationSeconds: job.timeoutSeconds },
      RetryStrategy: {
        Attempts: job.retryStrategy.attempts,
        EvaluateOnExit: job.retryStrategy.evaluateOnExit?.map(({ action, onExitCode, onReason, onStatusReason }) => ({
          Action: action,
          ...(onExitCode === undefined ? {} : { OnExitCode: onExitCode }),
          ...(onReason === undefined ? {} : { OnReason: onReason }),
          ...(onStatusReason === undefined ? {} : { OnStatusReason: onStatusReason }),
        })),
      },
      ContainerProperties: {
        Image: { Ref: imageParameter(container) },
        Command: job.command,
        JobRoleArn: { 'Fn::GetAtt': [roles[job.jobRole], 'Arn'] },
        ExecutionRoleArn: { 'Fn::GetAtt': [roles[job.executionRole], 'Arn'] },
        ResourceRequirements: [
          { Type: 'VCPU', Value: String(job.vcpus) },
          { Type: 'MEMORY', Value: String(job.memoryMiB) },
        ],
        Environment: Object.entries(environment).map(([Name, Value]) => ({ Name, Value })),
        Volumes: job.volumes.map((given) => volume(given, container, options.efsFileSystemId)),
        MountPoints: job.mountPoints.map(({ volume: SourceVolume, path: ContainerPath, readOnly: ReadOnly }) => ({
          SourceVolume,
          ContainerPath,
          ReadOnly,
        })),
        User: job.user,
        Privileged: false,
        ReadonlyRootFilesystem: job.readonlyRootFilesystem,
        LinuxParameters: { InitProcessEnabled: true },
        LogConfiguration: {
          LogDriver: job.logConfiguration.driver,
          Options: {
            'awslogs-group': { Ref: 'BatchLogs' },
            'awslogs-stream-prefix': job.logConfiguration.streamPrefix,
          },
        },
      },
    },
  };
};

/** Containers that mount a file system reach it by NFS. */
const fileSystemAccess = (jobs: readonly JobFile[]): Record<string, unknown> =>
  jobs.some(({ volumes }) => volumes.some((given) => 'efs' in given))
    ? {
        JobsToFileSystem: {
          Type: 'AWS::EC2::SecurityGroupEgress',
          Properties: {
            GroupId: { Ref: 'JobsSecurityGroup' },
            IpProtocol: 'tcp',
            FromPort: 2049,
            ToPort: 2049,
            CidrIp: '0.0.0.0/0',
            Description: 'to the EFS file system',
          },
        },
      }
    : {};

/** What the state machine may submit: these job definitions, in any revision, to the two queues. */
const submitPolicy = (prefix: string, containers: readonly string[]) => ({
  Type: 'AWS::IAM::Policy',
  Properties: {
    PolicyName: 'submit',
    Roles: [{ Ref: 'WorkflowRole' }],
    PolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'Submit',
          Effect: 'Allow',
          Action: 'batch:SubmitJob',
          Resource: [
            { Ref: 'SpotQueue' },
            { Ref: 'OnDemandQueue' },
            // Batch asks for the right to the definition or to its revision, after how it is named (aws-cdk #26128).
            ...containers.flatMap((container) =>
              ['', ':*'].map((revision) => ({
                'Fn::Sub': `arn:\${AWS::Partition}:batch:\${AWS::Region}:\${AWS::AccountId}:job-definition/${prefix}-${container}${revision}`,
              })),
            ),
          ],
        },
      ],
    },
  },
});

/**
 * The part of the stack that follows from the folders of containers/: a job definition from each job.yml. Throws
 * ConfigurationError `InvalidJobFile` or `NoFileSystem`.
 */
export const containerTemplate = async (options: ContainerOptions): Promise<ContainerTemplate> => {
  const names = await containerNames();
  const files = await Promise.all(names.map(readJobFile));
  const containers = names.flatMap((name, index) => {
    const job = files[index];
    return job ? [{ name, job }] : [];
  });
  const limits = containers.map(({ name, job: { timeoutSeconds, maxMemoryMiB, diskMiB, vcpus } }) => [
    name,
    { timeoutSeconds, memoryMiB: maxMemoryMiB, diskMiB, vcpus },
  ]);
  const limitsText = JSON.stringify(Object.fromEntries(limits));
  const environment = { ...options.environment, KADAM_CONTAINERS: limitsText };
  const definitions = containers.map(({ name, job }) => [
    jobDefinitionId(name),
    jobDefinition(name, job, { ...options, environment }),
  ]);
  return {
    resources: {
      ...Object.fromEntries(definitions),
      WorkflowSubmits: submitPolicy(options.prefix, names),
      ...fileSystemAccess(files),
    },
    parameters: Object.fromEntries(
      names.map((name) => [
        imageParameter(name),
        { Type: 'String', Default: 'not-built', Description: `The image of containers/${name}, by its digest` },
      ]),
    ),
    limits: limitsText,
    jobDefinitions: {
      'Fn::Sub': JSON.stringify(Object.fromEntries(names.map((name) => [name, `\${${jobDefinitionId(name)}}`]))),
    },
  };
};
