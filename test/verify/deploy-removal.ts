import assert from 'node:assert/strict';
import {
  DescribeComputeEnvironmentsCommand,
  DescribeJobDefinitionsCommand,
  DescribeJobQueuesCommand,
} from '@aws-sdk/client-batch';
import { ListStacksCommand } from '@aws-sdk/client-cloudformation';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeInternetGatewaysCommand,
  DescribeLaunchTemplatesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcsCommand,
} from '@aws-sdk/client-ec2';
import { DescribeRepositoriesCommand } from '@aws-sdk/client-ecr';
import { ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { ListInstanceProfilesCommand, ListRolesCommand } from '@aws-sdk/client-iam';
import { ListEventSourceMappingsCommand, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { ListStateMachinesCommand } from '@aws-sdk/client-sfn';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import type { Checks } from './deploy-report.ts';
import { type Commands, expectCode } from './deploy-service.ts';
import type { Stack } from './deploy-stack.ts';

/** Everything that there is in the emulator's account of the kinds that a deployment makes, as `kind name`. */
const inventory = async ({ clients }: Stack): Promise<Set<string>> => {
  const { batch, cloudFormation, dynamoDb, ec2, ecr, events, iam, lambda, logs, s3, sqs, stepFunctions } = clients;
  const kinds: [string, Promise<(string | undefined)[]>][] = [
    ['bucket', s3.send(new ListBucketsCommand({})).then(({ Buckets = [] }) => Buckets.map(({ Name }) => Name))],
    ['queue', sqs.send(new ListQueuesCommand({})).then(({ QueueUrls = [] }) => QueueUrls)],
    ['table', dynamoDb.send(new ListTablesCommand({})).then(({ TableNames = [] }) => TableNames)],
    [
      'function',
      lambda
        .send(new ListFunctionsCommand({}))
        .then(({ Functions = [] }) => Functions.map(({ FunctionName }) => FunctionName)),
    ],
    [
      'mapping',
      lambda
        .send(new ListEventSourceMappingsCommand({}))
        .then(({ EventSourceMappings = [] }) => EventSourceMappings.map(({ UUID }) => UUID)),
    ],
    [
      'state machine',
      stepFunctions
        .send(new ListStateMachinesCommand({}))
        .then(({ stateMachines = [] }) => stateMachines.map(({ name }) => name)),
    ],
    [
      'log group',
      logs
        .send(new DescribeLogGroupsCommand({}))
        .then(({ logGroups = [] }) => logGroups.map(({ logGroupName }) => logGroupName)),
    ],
    ['role', iam.send(new ListRolesCommand({})).then(({ Roles = [] }) => Roles.map(({ RoleName }) => RoleName))],
    [
      'instance profile',
      iam
        .send(new ListInstanceProfilesCommand({}))
        .then(({ InstanceProfiles = [] }) => InstanceProfiles.map(({ InstanceProfileName }) => InstanceProfileName)),
    ],
    [
      'repository',
      ecr
        .send(new DescribeRepositoriesCommand({}))
        .then(({ repositories = [] }) => repositories.map(({ repositoryName }) => repositoryName)),
    ],
    [
      'job queue',
      batch
        .send(new DescribeJobQueuesCommand({}))
        .then(({ jobQueues = [] }) => jobQueues.map(({ jobQueueName }) => jobQueueName)),
    ],
    [
      'environment',
      batch
        .send(new DescribeComputeEnvironmentsCommand({}))
        .then(({ computeEnvironments = [] }) =>
          computeEnvironments.map(({ computeEnvironmentName }) => computeEnvironmentName),
        ),
    ],
    [
      'job definition',
      batch
        .send(new DescribeJobDefinitionsCommand({ status: 'ACTIVE' }))
        .then(({ jobDefinitions = [] }) => jobDefinitions.map(({ jobDefinitionArn }) => jobDefinitionArn)),
    ],
    ['rule', events.send(new ListRulesCommand({})).then(({ Rules = [] }) => Rules.map(({ Name }) => Name))],
    [
      'stack',
      cloudFormation
        .send(new ListStacksCommand({}))
        .then(({ StackSummaries = [] }) =>
          StackSummaries.filter(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE').map(
            ({ StackName }) => StackName,
          ),
        ),
    ],
    [
      'launch template',
      ec2
        .send(new DescribeLaunchTemplatesCommand({}))
        .then(({ LaunchTemplates = [] }) => LaunchTemplates.map(({ LaunchTemplateId }) => LaunchTemplateId)),
    ],
    ['VPC', ec2.send(new DescribeVpcsCommand({})).then(({ Vpcs = [] }) => Vpcs.map(({ VpcId }) => VpcId))],
    [
      'subnet',
      ec2.send(new DescribeSubnetsCommand({})).then(({ Subnets = [] }) => Subnets.map(({ SubnetId }) => SubnetId)),
    ],
    [
      'security group',
      ec2
        .send(new DescribeSecurityGroupsCommand({}))
        .then(({ SecurityGroups = [] }) => SecurityGroups.map(({ GroupId }) => GroupId)),
    ],
    [
      'route table',
      ec2
        .send(new DescribeRouteTablesCommand({}))
        .then(({ RouteTables = [] }) => RouteTables.map(({ RouteTableId }) => RouteTableId)),
    ],
    [
      'internet gateway',
      ec2
        .send(new DescribeInternetGatewaysCommand({}))
        .then(({ InternetGateways = [] }) => InternetGateways.map(({ InternetGatewayId }) => InternetGatewayId)),
    ],
    [
      'VPC endpoint',
      ec2
        .send(new DescribeVpcEndpointsCommand({}))
        .then(({ VpcEndpoints = [] }) => VpcEndpoints.map(({ VpcEndpointId }) => VpcEndpointId)),
    ],
  ];
  const found = new Set<string>();
  for (const [kind, list] of kinds) for (const name of await list) found.add(`${kind} ${name}`);
  return found;
};

/** What a removal leaves on purpose: `sls remove` says so. */
const staysOnPurpose = /^role AWSServiceRoleFor/;
/** Nothing is there that was not there before. */
const checkNothingLeft = async (stack: Stack, before: ReadonlySet<string>): Promise<void> => {
  const left = [...(await inventory(stack))].filter((entry) => !before.has(entry) && !staysOnPurpose.test(entry));
  assert.deepEqual(left, []);
};

/** Removes the deployment: not while there are pictures, then with them. Has to be asked before anything is deployed. */
export const removals = async (stack: Stack, { sls }: Commands): Promise<Checks> => {
  const before = await inventory(stack);
  return [
    [
      'npx sls remove: refuses while pictures are in the buckets, and deletes nothing',
      async () => {
        const there = await inventory(stack);
        const { code, output } = await sls('remove');
        assert.notEqual(code, 0);
        assert.match(output, /they hold pictures.*Nothing was deleted/s);
        assert.deepEqual(await inventory(stack), there);
      },
    ],
    [
      'npx sls remove --empty-buckets: leaves nothing',
      async () => {
        expectCode(await sls('remove', '--empty-buckets'));
        return checkNothingLeft(stack, before);
      },
    ],
  ];
};
