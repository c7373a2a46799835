import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { emfMetrics } from '../aws/emf-metrics.ts';
import { endedExecution } from '../aws/ended-execution.ts';
import { log, logger, reporting } from '../aws/log.ts';
import { middyOptions } from '../aws/middy-options.ts';
import { readSettings } from '../aws/settings.ts';
import { deploymentOf, workerPorts, workerSettingNames } from '../aws/worker-ports.ts';
import { cancelJob } from '../core/use-cases/cancel-job.ts';
import { settleJob } from '../core/use-cases/settle-job.ts';
import { functionEnder } from '../core/use-cases/worker.ts';

const settings = readSettings(process.env, workerSettingNames);
const ports = { ...workerPorts(settings, Date.now), metrics: emfMetrics(log.known) };

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

const request = z.union([settleRequest, endedExecution]);

/**
 * Invoked by the state machine after the Batch job, by EventBridge for an execution that ended before it could do that,
 * and by people who cancel a job: brings the job to its end and announces it. A cancelled job that a worker holds is
 * still open when this answers.
 */
export const handler = middy<unknown, Settled>(middyOptions)
  .use(injectLambdaContext(logger))
  .handler((event: unknown, context: Context) => reporting('settlement', {}, () => settle(event, context)));

const settle = async (event: unknown, context: Context): Promise<Settled> => {
  const { job: id, cancel, execution, failure } = request.parse(event);
  log.add({ job: id, execution });
  const ender = functionEnder(context, deploymentOf(settings), settings.KADAM_LEASE_SECONDS);
  const job = cancel ? await cancelJob(id, ender, ports) : await settleJob(id, { execution, failure }, ender, ports);
  const manifest = job.manifestKey && `s3://${settings.KADAM_OUTPUT_BUCKET}/${job.manifestKey}`;
  return { status: job.state, ...(manifest ? { manifest } : {}), ...(job.error ? { error: job.error } : {}) };
};
