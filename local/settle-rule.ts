import { setTimeout as delay } from 'node:timers/promises';
import type { LambdaService } from './lambda/create-lambda.ts';
import type { StatusChange } from './step-functions/status-change.ts';

/** As often as Lambda tries what EventBridge invokes it with. */
const maxTries = 3;

/**
 * The deployment's rule for executions that ended otherwise than well: their event goes to the function `settle`, which
 * brings the job to its end if the execution could not. Tried again after a pause, because a worker that was stopped
 * with the execution may hold the job for as long as its lease. Rejects where the last try failed, and when it is to
 * close.
 */
export const settleRule =
  (lambda: Pick<LambdaService, 'invoke'>, settleFunction: string, pauseSeconds: number) =>
  async (event: StatusChange, closing: AbortSignal): Promise<void> => {
    if (event.detail.status === 'SUCCEEDED') return;
    for (let tries = 1; ; tries++) {
      const { functionError, payload } = await lambda.invoke(settleFunction, event);
      if (functionError === undefined) return;
      if (tries === maxTries) throw new Error(payload);
      await delay(pauseSeconds * 1000, undefined, { signal: closing });
    }
  };
