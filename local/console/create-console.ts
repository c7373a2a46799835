import type { IncomingMessage, ServerResponse } from 'node:http';
import { BatchClient } from '@aws-sdk/client-batch';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import type { Job } from '../../core/jobs/job.ts';
import { ServiceError } from '../json-protocol.ts';
import { credentials, region } from '../names.ts';
import type { LocalService } from '../service.ts';
import type { Deployment } from './answers.ts';
import { describeFailure } from './describe-failure.ts';
import { describeJob } from './describe-job.ts';
import { listJobs } from './list-jobs.ts';
import { createMeasurements } from './measurements.ts';
import { pageFiles } from './page-files.ts';
import { readQuery } from './read-query.ts';
import { receiveUpload } from './receive-upload.ts';
import { pagePolicy, sendFile, sendJson, sendProblem } from './send.ts';
import { sendLog } from './send-log.ts';
import { sendObject } from './send-object.ts';

/** The job records. */
export type ConsoleJobs = {
  /** The newest jobs, at most so many, newest first. */
  recent(limit: number): Promise<Job[]>;
  get(id: string): Promise<Job | undefined>;
};

export type ConsoleOptions = Deployment & {
  jobs: ConsoleJobs;
  /** The state machine's name. */
  stateMachine: string;
  /** The file with what an attempt of a Batch job printed. */
  logFile(logStreamName: string): string;
  log?: (line: string) => void;
};

type Exchange = { request: IncomingMessage; response: ServerResponse; query: Record<string, string>; words: string[] };
type Route = { method: 'GET' | 'PUT'; path: RegExp; answer(exchange: Exchange): Promise<void> };

/** The client would write to standard error that it does not retry an upload: whoever uploads is told. */
const silent = { debug() {}, info() {}, warn() {}, error() {} };

const uploadSchema = z.strictObject({ key: z.string().min(1), recipe: z.string().default('') });
const objectSchema = z.strictObject({ key: z.string().min(1), versionId: z.string().optional() });
const logSchema = z.strictObject({ stream: z.string() });

/**
 * The page on which a person sees what happened to uploads, and uploads more, with the data that it asks for
 * (answers.ts). It is for the gateway's `fallback`, and the gateway lets no other site's requests in.
 */
export const createConsole = (options: ConsoleOptions): LocalService => {
  const { endpoint, jobs, inputBucket, outputBucket, recipes, stateMachine, log = () => undefined } = options;
  const config = { endpoint, region, credentials };
  // A browser's upload is piped through as it is: the way from here to S3 does not leave the process.
  const s3 = new S3Client({ ...config, requestChecksumCalculation: 'WHEN_REQUIRED', maxAttempts: 1, logger: silent });
  const clients = { s3, sfn: new SFNClient(config), batch: new BatchClient(config) };
  const measurementOf = createMeasurements(s3, outputBucket);

  const known = (recipe: string): string => {
    if (recipes.includes(recipe)) return recipe;
    throw new ServiceError(
      'UnknownRecipe',
      `Expected one of ${recipes.join(', ')} for recipe but received '${recipe}'.`,
    );
  };

  const routes: Route[] = [
    ...Object.entries(pageFiles).map(
      ([path, { file, type }]): Route => ({
        method: 'GET',
        path: new RegExp(`^${path.replaceAll('.', '\\.')}$`),
        answer: ({ response }) =>
          sendFile(response, file, { 'Content-Type': type, 'Content-Security-Policy': pagePolicy }),
      }),
    ),
    {
      method: 'GET',
      path: /^\/_kadam\/deployment$/,
      answer: async ({ response }) =>
        sendJson(response, 200, { endpoint, inputBucket, outputBucket, recipes } satisfies Deployment),
    },
    {
      method: 'GET',
      path: /^\/_kadam\/jobs$/,
      answer: async ({ response, query }) => sendJson(response, 200, await listJobs(query, jobs, measurementOf)),
    },
    {
      method: 'GET',
      path: /^\/_kadam\/jobs\/([0-9a-f]{32})$/,
      async answer({ response, words: [id = ''] }) {
        const job = await jobs.get(id);
        if (job === undefined)
          throw new ServiceError('NoSuchJob', `Expected a job but there is none of id ${id}.`, 404);
        sendJson(response, 200, await describeJob(job, { ...clients, outputBucket, stateMachine }));
      },
    },
    {
      method: 'PUT',
      path: /^\/_kadam\/uploads$/,
      async answer({ request, response, query }) {
        const { key, recipe } = uploadSchema.parse(query);
        const asked = recipe === '' ? [] : recipe.split(',').map(known);
        sendJson(response, 201, await receiveUpload(s3, request, { bucket: inputBucket, key, recipes: asked }));
      },
    },
    {
      method: 'GET',
      path: /^\/_kadam\/objects\/([^/]+)$/,
      async answer({ response, query, words: [bucket = ''] }) {
        if (bucket !== inputBucket && bucket !== outputBucket) {
          throw new ServiceError(
            'NoSuchBucket',
            `Expected ${inputBucket} or ${outputBucket} but received ${bucket}.`,
            404,
          );
        }
        await sendObject(s3, { bucket, ...objectSchema.parse(query) }, response);
      },
    },
    {
      method: 'GET',
      path: /^\/_kadam\/logs$/,
      answer: ({ response, query }) => sendLog(logSchema.parse(query).stream, options.logFile, response),
    },
  ];

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [pathname = '', ...query] = (request.url ?? '').split('?');
    const found = routes.find(({ path }) => path.test(pathname));
    if (found === undefined)
      throw new ServiceError('NoSuchPage', `Expected a page of the console. Open ${endpoint}/.`, 404);
    if (found.method !== (request.method === 'HEAD' ? 'GET' : request.method)) {
      response.setHeader('Allow', found.method);
      throw new ServiceError('MethodNotAllowed', `Expected ${found.method} but received ${request.method}.`, 405);
    }
    const words = found.path.exec(pathname)?.slice(1) ?? [];
    await found.answer({ request, response, query: readQuery(query.join('?')), words });
  };

  return {
    handle(request, response) {
      answer(request, response).catch((error) => {
        // Too late to say what went wrong: an answer that is cut short is no whole one.
        if (response.headersSent) return response.destroy();
        const { status, code, message } = describeFailure(error);
        if (status >= 500) log(`The console failed: ${error instanceof Error ? error.stack : error}`);
        sendProblem(response, status, { code, message });
      });
    },
    async close() {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
};
