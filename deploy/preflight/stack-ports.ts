import { DescribeJobQueuesCommand } from '@aws-sdk/client-batch';
import { DescribeStacksCommand, type Parameter, paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import {
  GetBucketNotificationConfigurationCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
} from '@aws-sdk/client-s3';
import { answered } from '../../aws/answered.ts';
import type { AwsClients } from '../aws-clients.ts';
import type { InputBucketPort } from './input-bucket.ts';
import type { NamedKind, NamesPort } from './name-clashes.ts';
import type { StackPort } from './stack-state.ts';

const describeStack = async ({ cloudFormation }: AwsClients, name: string) => {
  // CloudFormation tells a stack that is not there from a name that is wrong by its text alone.
  const answer = await answered(
    `CloudFormation to describe ${name}`,
    cloudFormation.send(new DescribeStacksCommand({ StackName: name })),
    ['ValidationError'],
  );
  return answer?.Stacks?.[0];
};

export const stackPort = (clients: AwsClients): StackPort => ({
  stackStatus: async (name) => (await describeStack(clients, name))?.StackStatus,
});

/** The parameters that a stack was deployed with; none where there is no stack. */
export const stackParameters = async (clients: AwsClients, name: string): Promise<Parameter[]> =>
  (await describeStack(clients, name))?.Parameters ?? [];

/** The names (physical ids) of everything that a stack has, by logical id; none where there is no stack. */
export const stackResources = async (clients: AwsClients, name: string): Promise<Map<string, string>> => {
  if ((await describeStack(clients, name)) === undefined) return new Map();
  const resources = new Map<string, string>();
  const pages = paginateListStackResources({ client: clients.cloudFormation }, { StackName: name });
  for await (const { StackResourceSummaries = [] } of pages) {
    for (const { LogicalResourceId = '', PhysicalResourceId = '' } of StackResourceSummaries) {
      resources.set(LogicalResourceId, PhysicalResourceId);
    }
  }
  return resources;
};

/** The HTTP status that an error of the SDK carries. */
export const httpStatus = (error: unknown): number | undefined => {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  const { $metadata: metadata } = error;
  const isStatus = typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata;
  return isStatus && typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
};

/** Whether a bucket is there and can be seen; the region that it is in. */
export const headBucket = async (
  { s3 }: AwsClients,
  name: string,
): Promise<{ state: 'free' | 'taken' | 'foreign'; region?: string }> => {
  try {
    const { BucketRegion } = await s3.send(new HeadBucketCommand({ Bucket: name }));
    return { state: 'taken', region: BucketRegion };
  } catch (error) {
    const status = httpStatus(error);
    if (status === 404) return { state: 'free' };
    if (status === 403) return { state: 'foreign' };
    throw error;
  }
};

export const namesPort = (clients: AwsClients): NamesPort => {
  const { batch, dynamoDb, lambda, logs } = clients;
  const looks: Record<NamedKind, (name: string) => Promise<'free' | 'taken' | 'foreign'>> = {
    bucket: async (name) => (await headBucket(clients, name)).state,
    table: async (name) => {
      const call = dynamoDb.send(new DescribeTableCommand({ TableName: name }));
      return (await answered(`DynamoDB to describe ${name}`, call, ['ResourceNotFoundException'])) ? 'taken' : 'free';
    },
    function: async (name) => {
      const call = lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
      return (await answered(`Lambda to describe ${name}`, call, ['ResourceNotFoundException'])) ? 'taken' : 'free';
    },
    'log group': async (name) => {
      const call = logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name }));
      const answer = await answered(`CloudWatch Logs to describe ${name}`, call);
      return answer?.logGroups?.some(({ logGroupName }) => logGroupName === name) ? 'taken' : 'free';
    },
    'job queue': async (name) => {
      const call = batch.send(new DescribeJobQueuesCommand({ jobQueues: [name] }));
      const answer = await answered(`Batch to describe ${name}`, call);
      return (answer?.jobQueues ?? []).some(({ status }) => status !== 'DELETED') ? 'taken' : 'free';
    },
  };
  return {
    stackResources: async (stack) => new Set((await stackResources(clients, stack)).values()),
    exists: (kind, name) => looks[kind](name),
  };
};

export const inputBucketPort = (clients: AwsClients): InputBucketPort => ({
  async bucket(name) {
    const { state, region } = await headBucket(clients, name);
    if (state === 'free') return undefined;
    if (state === 'foreign') return 'foreign';
    const [versioning, notifications] = await Promise.all([
      answered(
        `S3 to tell the versioning of ${name}`,
        clients.s3.send(new GetBucketVersioningCommand({ Bucket: name })),
      ),
      answered(
        `S3 to tell the notifications of ${name}`,
        clients.s3.send(new GetBucketNotificationConfigurationCommand({ Bucket: name })),
      ),
    ]);
    const { $metadata: _, ...configuration } = { $metadata: undefined, ...notifications };
    return {
      region: region ?? (await clients.s3.config.region()),
      versioning: versioning?.Status === 'Enabled',
      eventBridge: notifications?.EventBridgeConfiguration !== undefined,
      notifications: configuration,
    };
  },
});
