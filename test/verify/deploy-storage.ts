import assert from 'node:assert/strict';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import {
  GetBucketEncryptionCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketVersioningCommand,
} from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { resourcesOf, type Template } from '../stack/support/template.ts';
import { prefix, type Stack } from './deploy-stack.ts';

/** Versioning and encryption of both buckets, and where the input bucket tells of uploads. */
export const checkBuckets = async ({ clients: { s3 }, names, arn }: Stack): Promise<void> => {
  for (const Bucket of [names.inputBucket, names.outputBucket]) {
    assert.equal((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status, 'Enabled');
    const { ServerSideEncryptionConfiguration } = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
    const [rule] = ServerSideEncryptionConfiguration?.Rules ?? [];
    assert.equal(rule?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm, 'AES256');
  }
  const told = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket: names.inputBucket }));
  assert.deepEqual(
    told.QueueConfigurations?.map(({ QueueArn, Events }) => ({ QueueArn, Events })),
    [{ QueueArn: arn('sqs', `${prefix}-uploads`), Events: ['s3:ObjectCreated:*'] }],
  );
  assert.deepEqual([told.TopicConfigurations, told.LambdaFunctionConfigurations], [undefined, undefined]);
};

const numbers = ['VisibilityTimeout', 'MessageRetentionPeriod'] as const;

/** What the template says of every queue; where letters go that nobody could deal with, and from where they may come. */
export const checkQueues = async ({ clients: { sqs }, queueUrl, arn }: Stack, template: Template): Promise<string> => {
  const queues = resourcesOf(template, 'AWS::SQS::Queue');
  for (const [id, properties] of queues) {
    const name = String(properties.QueueName).slice(prefix.length + 1);
    const QueueUrl = queueUrl(name);
    const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    for (const key of numbers) {
      if (key in properties) assert.equal(Attributes[key], String(properties[key]), `${id}: ${key}`);
    }
    assert.equal(Attributes.SqsManagedSseEnabled, 'true', id);
    const { RedrivePolicy: redrive } = Attributes;
    const dead = { uploads: 'uploads-dead', work: 'work-dead' }[name];
    assert.deepEqual(
      redrive === undefined ? undefined : JSON.parse(redrive),
      dead && { deadLetterTargetArn: arn('sqs', `${prefix}-${dead}`), maxReceiveCount: 5 },
      id,
    );
  }
  return `${queues.length} queues`;
};

/** Keys, indexes and billing of the table. */
export const checkTable = async ({ clients: { dynamoDb }, names }: Stack, template: Template): Promise<void> => {
  const { Table } = await dynamoDb.send(new DescribeTableCommand({ TableName: names.table }));
  const expected = template.Resources.JobsTable?.Properties;
  assert.deepEqual(Table?.AttributeDefinitions, expected?.AttributeDefinitions);
  assert.deepEqual(Table?.KeySchema, expected?.KeySchema);
  assert.equal(Table?.BillingModeSummary?.BillingMode, 'PAY_PER_REQUEST');
  assert.deepEqual(
    Table?.GlobalSecondaryIndexes?.map(({ IndexName, KeySchema, Projection }) => ({
      IndexName,
      KeySchema,
      Projection,
    })),
    expected?.GlobalSecondaryIndexes,
  );
};
