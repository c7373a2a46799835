import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { middyOptions } from '../aws/middy-options.ts';
import { readSettings } from '../aws/settings.ts';
import { deploymentOf, workerPorts, workerSettingNames } from '../aws/worker-ports.ts';
import { cancelJob } from '../core/use-cases/cancel-job.ts';
import { settleJob } from '../core/use-cases/settle-job.ts';
import { functionEnder } from '../core/use-cases/worker.ts';

const settings = readSettings(process.env, workerSettingNames);
const ports = workerPorts(settings, Date.now);

const settleRequest = z.strictObject({
  job: z.string(),
  /** A person's wish: `npm run cancel`. */
  cancel: z.literal(true).optional(),
  /** The number of the execution that asks: of an older one than the record's nothing is to be settled any more. */
  execution: z.number().int().optional(),
  failure: z.strictObject({ Error: z.string(), Cause: z.string().default('') }).optional(),
});

/** What the state machine is told of the ending: its last state shows it in the console. */
export type Settled = { status: string; manifest?: string; error?: { code: string; message: string } };

/**
 * Invoked by the state machine after the Batch job, and by people who cancel a job: brings the job to its end and
 * announces it. A cancelled job that a worker holds is still open when this answers.
 */
export const handler = middy<unknown, Settled>(middyOptions).handler(async (request: unknown, context: Context) => {
  const { job: id, cancel, execution, failure } = settleRequest.parse(request);
  const ender = functionEnder(context, deploymentOf(settings), settings.KADAM_LEASE_SECONDS);
  const job = cancel ? await cancelJob(id, ender, ports) : await settleJob(id, { execution, failure }, ender, ports);
  const manifest = job.manifestKey && `s3://${settings.KADAM_OUTPUT_BUCKET}/${job.manifestKey}`;
  return { status: job.state, ...(manifest ? { manifest } : {}), ...(job.error ? { error: job.error } : {}) };
});
