import { BatchClient } from '@aws-sdk/client-batch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { credentials, region } from '../names.ts';

/** The SDK clients that tasks send their requests with. */
export type ServiceClients = ReturnType<typeof createServiceClients>;

/** Clients for the embedded endpoint. They do not retry by themselves: that is for the state machine's Retry to say. */
export function createServiceClients(endpoint: string) {
  const config = { endpoint, region, credentials, maxAttempts: 1 };
  const clients = {
    batch: new BatchClient(config),
    // Looking after a job that has been submitted must not fail for one refused connection.
    patientBatch: new BatchClient({ ...config, maxAttempts: 5 }),
    dynamodb: new DynamoDBClient(config),
    eventBridge: new EventBridgeClient(config),
    lambda: new LambdaClient(config),
    sqs: new SQSClient(config),
  };
  const close = () => {
    for (const client of Object.values(clients)) client.destroy();
  };
  return { ...clients, close };
}
