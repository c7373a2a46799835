import { createBatch } from '../../../local/batch/create-batch.ts';
import { createConsole } from '../../../local/console/create-console.ts';
import { createDynamoDb } from '../../../local/dynamodb.ts';
import { createEventBridge } from '../../../local/event-bridge.ts';
import { createLambda } from '../../../local/lambda/create-lambda.ts';
import { createS3 } from '../../../local/s3/create-s3.ts';
import { createSqs } from '../../../local/sqs.ts';
import { createStepFunctions } from '../../../local/step-functions/create-step-functions.ts';
import { openGateway } from './open-gateway.ts';
import { sendAsIs } from './s3/s3-harness.ts';
import { sha256, signRequest } from './s3/sign-request.ts';

export type Call = {
  service: string;
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
};

const json = (service: string, target: string, body = '{}'): Call => ({
  ...{ service, method: 'POST', path: '/', body },
  headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target },
});

/** One request of each kind that the endpoint answers with 200; the page's is not signed. */
export const calls: readonly Call[] = [
  { service: 's3', method: 'GET', path: '/input?list-type=2' },
  json('sqs', 'AmazonSQS.ListQueues'),
  json('dynamodb', 'DynamoDB_20120810.ListTables'),
  json('states', 'AWSStepFunctions.ListStateMachines'),
  { service: 'batch', method: 'POST', path: '/v1/listjobs', body: '{"jobQueue":"jobs"}' },
  json('events', 'AWSEvents.PutEvents', '{"Entries":[{"Source":"a","DetailType":"b","Detail":"{}"}]}'),
  { service: 'lambda', method: 'GET', path: '/2015-03-31/functions' },
  { service: 'page', method: 'GET', path: '/' },
];

/** The gateway with every service there is, as the embedded cloud has them, and the page. */
export const startEndpoint = async () => {
  await using starting = new AsyncDisposableStack();
  const { dataDir, services, endpoint, port, serve, show } = await openGateway(starting);
  const s3 = serve(await createS3({ dataDir }));
  await s3.createBucket('input');
  const batch = serve(
    await createBatch({
      ...{ vcpus: 1, queues: ['jobs'], jobDefinitions: [], environment: {} },
      workingDirectory: process.cwd(),
    }),
  );
  Object.assign(services, {
    ...{ s3, batch },
    sqs: serve(await createSqs({ endpoint })),
    dynamodb: serve(createDynamoDb({})),
    states: serve(await createStepFunctions({ stateMachines: [], endpoint })),
    events: serve(createEventBridge({})),
    lambda: serve(createLambda({ functions: [], environment: {} })),
  });
  show(
    createConsole({
      ...{ endpoint, inputBucket: 'input', outputBucket: 'input', recipes: [], stateMachine: 'filter' },
      jobs: { recent: async () => [], get: async () => undefined },
      logFile: batch.logFile,
    }),
  );
  const running = starting.move();

  return {
    port,
    close: () => running.disposeAsync(),
    /** Sends a call with further headers, all of it signed as it should be; the page's is not signed. */
    ask: (
      { service, method, path, headers = {}, body = '' }: Call,
      more: Record<string, string> = {},
      secret?: string,
    ) => {
      const all = { ...headers, ...more };
      if (service === 'page') return sendAsIs(port, method, path, all, body);
      const signed = signRequest({ port, service, method, path, headers: all, payloadHash: sha256(body), secret });
      return sendAsIs(port, method, path, signed.headers, body);
    },
  };
};
