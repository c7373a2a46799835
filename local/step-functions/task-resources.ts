import { type AttributeValue, GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import type { Json } from './change-case.ts';
import { isRecord } from './definition.ts';
import { invokeFields, invokeFunction } from './invoke-function.ts';
import type { OpenJobs } from './open-jobs.ts';
import type { ServiceClients } from './service-clients.ts';
import { submitJobFields, submitJobSync } from './submit-job-sync.ts';
import { invalidParameters, type ServiceName, TaskError } from './task-error.ts';

/** What a running task may use. */
export type TaskContext = {
  clients: ServiceClients;
  /** Aborts when the state's time is up, the execution ends, or a branch beside it fails. */
  signal: AbortSignal;
  /** Whether the abort means that Kadam itself is going away, and the work is to be taken up again. */
  isClosing(): boolean;
  openJobs: OpenJobs;
  executionArn: string;
  stateMachineArn: string;
};

/** A service integration: which fields it takes, and how it sends the evaluated ones to the embedded service. */
export type TaskResource = {
  /** As in the ARN: `batch` and `submitJob.sync`. */
  service: string;
  action: string;
  errorsOf: ServiceName;
  fields: string[];
  run(input: Json, context: TaskContext): Promise<Json>;
};

/** A service's answer without the SDK's own part, in JSON. */
function answerOf({ $metadata: _, ...answer }: { $metadata: unknown }): Json {
  return JSON.parse(JSON.stringify(answer));
}

/** A resource whose fields are checked by a schema. */
function checked<Shape extends z.ZodRawShape>(
  [service, action, errorsOf]: [string, string, ServiceName],
  shape: Shape,
  send: (request: z.infer<z.ZodObject<Shape, z.core.$strict>>, context: TaskContext) => Promise<Json>,
): TaskResource {
  const schema = z.strictObject(shape);
  return {
    service,
    action,
    errorsOf,
    fields: Object.keys(shape),
    run(input, context) {
      const request = schema.safeParse(input);
      if (!request.success) throw invalidParameters(z.prettifyError(request.error));
      return send(request.data, context);
    },
  };
}

const attributes = z.record(
  z.string(),
  z.custom<AttributeValue>((value) => isRecord(value) && Object.keys(value).length === 1, 'Expected a DynamoDB value'),
);
const condition = {
  ConditionExpression: z.string().optional(),
  ExpressionAttributeNames: z.record(z.string(), z.string()).optional(),
  ExpressionAttributeValues: attributes.optional(),
};

const entry = z.strictObject({
  Detail: z.union([z.string(), z.record(z.string(), z.json()).transform((detail) => JSON.stringify(detail))]),
  DetailType: z.string(),
  Source: z.string(),
  EventBusName: z.string().optional(),
  Resources: z.array(z.string()).default([]),
  Time: z.coerce.date().optional(),
});

const resources: TaskResource[] = [
  {
    service: 'batch',
    action: 'submitJob.sync',
    errorsOf: 'Batch',
    fields: submitJobFields,
    run: submitJobSync,
  },
  { service: 'lambda', action: 'invoke', errorsOf: 'Lambda', fields: invokeFields, run: invokeFunction },
  checked(
    ['events', 'putEvents', 'EventBridge'],
    { Entries: z.array(entry).min(1) },
    async ({ Entries }, { clients, signal, executionArn, stateMachineArn }) => {
      // Step Functions adds who sent an event to its resources. Source: connect-eventbridge in its guide.
      const sender = [executionArn, stateMachineArn];
      const entries = Entries.map((event) => ({ ...event, Resources: [...event.Resources, ...sender] }));
      const response = await clients.eventBridge.send(new PutEventsCommand({ Entries: entries }), {
        abortSignal: signal,
      });
      const answer = answerOf(response);
      if (response.FailedEntryCount) throw new TaskError('EventBridge.FailedEntry', JSON.stringify(answer));
      return answer;
    },
  ),
  checked(
    ['dynamodb', 'getItem', 'DynamoDB'],
    {
      TableName: z.string(),
      Key: attributes,
      ConsistentRead: z.boolean().optional(),
      ProjectionExpression: z.string().optional(),
      ExpressionAttributeNames: condition.ExpressionAttributeNames,
    },
    async (request, { clients, signal }) =>
      answerOf(await clients.dynamodb.send(new GetItemCommand(request), { abortSignal: signal })),
  ),
  checked(
    ['dynamodb', 'putItem', 'DynamoDB'],
    { TableName: z.string(), Item: attributes, ...condition, ReturnValues: z.enum(['NONE', 'ALL_OLD']).optional() },
    async (request, { clients, signal }) =>
      answerOf(await clients.dynamodb.send(new PutItemCommand(request), { abortSignal: signal })),
  ),
  checked(
    ['dynamodb', 'updateItem', 'DynamoDB'],
    {
      TableName: z.string(),
      Key: attributes,
      UpdateExpression: z.string().optional(),
      ...condition,
      ReturnValues: z.enum(['NONE', 'ALL_OLD', 'UPDATED_OLD', 'ALL_NEW', 'UPDATED_NEW']).optional(),
    },
    async (request, { clients, signal }) =>
      answerOf(await clients.dynamodb.send(new UpdateItemCommand(request), { abortSignal: signal })),
  ),
  checked(
    ['sqs', 'sendMessage', 'SQS'],
    {
      QueueUrl: z.string(),
      MessageBody: z.union([
        z.string(),
        z.union([z.array(z.json()), z.record(z.string(), z.json())]).transform((body) => JSON.stringify(body)),
      ]),
      DelaySeconds: z.int().optional(),
      MessageGroupId: z.string().optional(),
      MessageDeduplicationId: z.string().optional(),
    },
    async (request, { clients, signal }) =>
      answerOf(await clients.sqs.send(new SendMessageCommand(request), { abortSignal: signal })),
  ),
];

const byArn = new Map(
  resources.map((resource) => [`arn:aws:states:::${resource.service}:${resource.action}`, resource]),
);

/** The integration that a Task's Resource names, or none where the local Step Functions has no such. */
export const findResource = (arn: unknown): TaskResource | undefined =>
  typeof arn === 'string' ? byArn.get(arn) : undefined;
