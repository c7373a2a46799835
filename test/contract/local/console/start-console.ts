import { type IncomingHttpHeaders, request as send } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import type { Job } from '../../../../core/jobs/job.ts';
import { createBatch } from '../../../../local/batch/create-batch.ts';
import { createConsole } from '../../../../local/console/create-console.ts';
import { credentials, region } from '../../../../local/names.ts';
import { createS3 } from '../../../../local/s3/create-s3.ts';
import { createStepFunctions } from '../../../../local/step-functions/create-step-functions.ts';
import { script } from '../batch/start-batch.ts';
import { openGateway } from '../open-gateway.ts';
import { machine } from '../step-functions/start-step-functions.ts';

export type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer; json: unknown };

const submit = (definition: string) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::batch:submitJob.sync',
  Parameters: { 'JobName.$': '$$.Execution.Name', JobQueue: 'jobs', JobDefinition: definition },
  Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: 'Note' }],
  Next: 'Note',
});

/**
 * The console behind the gateway, with the real S3, Batch and Step Functions. Its jobs are an array, newest first; it
 * shows the executions of the state machine `filter`, whose job fails, or of another one.
 */
export const startConsole = async (stateMachine: 'filter' | 'slow' = 'filter') => {
  await using starting = new AsyncDisposableStack();
  const { dataDir, services, endpoint, port, serve, show } = await openGateway(starting);
  const s3 = serve(await createS3({ dataDir }));
  await s3.createBucket('input', { versioning: true });
  await s3.createBucket('output', { versioning: true });
  await s3.createBucket('private', {});
  const batch = serve(
    await createBatch({
      vcpus: 2,
      queues: ['jobs'],
      jobDefinitions: [
        script('fails', 'console.log("what went wrong"); process.exit(3)', { retryStrategy: { attempts: 2 } }),
        script('stays', 'console.log("under way"); setInterval(() => {}, 1e6)'),
      ],
      environment: {},
      workingDirectory: process.cwd(),
      dataDir: join(dataDir, 'batch'),
    }),
  );
  const states = serve(
    await createStepFunctions({
      stateMachines: [
        { name: 'filter', definition: machine({ Filter: submit('fails'), Note: { Type: 'Pass', End: true } }) },
        { name: 'slow', definition: machine({ Filter: submit('stays'), Note: { Type: 'Pass', End: true } }) },
      ],
      endpoint,
    }),
  );
  Object.assign(services, { s3, batch, states });
  const jobs: Job[] = [];
  const lines: string[] = [];
  show(
    createConsole({
      endpoint,
      jobs: {
        recent: async (limit) => jobs.slice(0, limit),
        get: async (id) => jobs.find((job) => job.id === id),
      },
      ...{ inputBucket: 'input', outputBucket: 'output', recipes: ['web', 'archive'], stateMachine },
      logFile: batch.logFile,
      log: (line) => lines.push(line),
    }),
  );

  const config = { endpoint, region, credentials };
  const client = new S3Client(config);
  const sfn = new SFNClient(config);
  starting.defer(() => {
    client.destroy();
    sfn.destroy();
  });
  const running = starting.move();

  return {
    ...{ endpoint, port, jobs, client, sfn, lines },
    /** Of S3, and in its folder `batch` of Batch. */
    dataDir,
    close: () => running.disposeAsync(),
    put: async (Bucket: string, Key: string, Body: string | Buffer, ContentType?: string) =>
      (await client.send(new PutObjectCommand({ Bucket, Key, Body, ContentType }))).VersionId,
    /** Sends what it is given, as a program would that is no browser. */
    ask: (path: string, options: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {}) =>
      new Promise<Answer>((resolve, reject) => {
        const { method = 'GET', headers = {}, body = '' } = options;
        const request = send({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
          buffer(response).then((bytes) => {
            const isJson = response.headers['content-type'] === 'application/json' && bytes.length > 0;
            const json: unknown = isJson ? JSON.parse(bytes.toString()) : undefined;
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes, json });
          }, reject);
        });
        request.on('error', reject).end(body);
      }),
  };
};

/** Keys that break what is careless with them. */
export const nastyKeys = [
  'holiday/früh am See.jpg',
  '<script>alert(1)</script>.jpg',
  `"quotes" & 'apostrophes'.jpg`,
  'line\nbreak\ttab.jpg',
  'per%20cent + plus?query#fragment.jpg',
  '写真/\u{1F3D4}\u202Egpj.exe',
  '../../etc/passwd',
  '..',
  '//',
  'é'.repeat(512),
];
