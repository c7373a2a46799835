import * as z from 'zod';
import { parseJson } from '../core/parse-json.ts';
import type { Settlement } from '../core/use-cases/settle-job.ts';

/** The part of an execution's input that leads back to its job. */
const executionInput = z.looseObject({ job: z.string(), execution: z.int() });

const endings = {
  FAILED: { code: 'ExecutionFailed', said: 'failed' },
  TIMED_OUT: { code: 'ExecutionTimedOut', said: 'timed out' },
  ABORTED: { code: 'ExecutionAborted', said: 'was stopped' },
} as const;

/**
 * EventBridge's event of an execution that ended otherwise than well, read as what `settle` needs: the job and the
 * execution's number from its input, which the event has as JSON text (an input transformer cannot look into that), and
 * how it ended. AWS adds fields, so others are let through; it leaves an input out above 248 KB, and Kadam's have a few.
 * Source: Step Functions developer guide, 'Automating Step Functions event delivery with EventBridge'.
 */
export const endedExecution = z
  .looseObject({
    source: z.literal('aws.states'),
    'detail-type': z.literal('Step Functions Execution Status Change'),
    detail: z.looseObject({
      name: z.string(),
      status: z.enum(['FAILED', 'TIMED_OUT', 'ABORTED']),
      input: z.string().transform(parseJson).pipe(executionInput),
      error: z.string().nullish(),
      cause: z.string().nullish(),
    }),
  })
  .transform(({ detail }): Settlement & { job: string; cancel?: undefined } => {
    const { code, said } = endings[detail.status];
    const why = [detail.error, detail.cause].filter((part) => part).join(': ');
    const message =
      `Expected execution ${detail.name} to bring the job to its end but it ${said}${why && ` (${why})`}. ` +
      'Have the upload reprocessed where it is wanted after all.';
    return { job: detail.input.job, execution: detail.input.execution, failure: { Error: code, Cause: message } };
  });
