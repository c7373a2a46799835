import { BatchClient } from '@aws-sdk/client-batch';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { credentials, region } from '../names.ts';

/** The SDK clients that tasks send their requests with. */
export type ServiceClients = ReturnType<typeof createServiceClients>;

/** Clients for the embedded endpoint. They do not retry by themselves: that is for the state machine's Retry to say. */
export const createServiceClients = (endpoint: string) => {
  const config = { endpoint, region, credentials, maxAttempts: 1 };
  return {
    batch: new BatchClient(config),
    // Looking after a job that has been submitted must not fail for one refused connection.
    patientBatch: new BatchClient({ ...config, maxAttempts: 5 }),
    lambda: new LambdaClient(config),
  };
};
