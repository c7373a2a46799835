import type { HistoryEvent } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import type { JobError } from '../../core/jobs/job.ts';
import { parseJson } from '../../core/parse-json.ts';
import type { Step } from './answers.ts';

const submittedSchema = z.object({ JobId: z.string() });
/** What fails says so in its own words: a Batch job, or a function. */
const causeSchema = z.union([
  z.object({ StatusReason: z.string() }).transform(({ StatusReason }) => StatusReason),
  z.object({ errorMessage: z.string() }).transform(({ errorMessage }) => errorMessage),
]);

/** The states that an execution went through, from its history in its own order. */
export const stepsOf = (events: readonly HistoryEvent[]): Step[] => {
  const steps: Step[] = [];
  for (const event of events) {
    const time = event.timestamp?.getTime() ?? 0;
    const step = steps.at(-1);
    if (event.stateEnteredEventDetails) {
      const type = String(event.type).replace(/StateEntered$/, '');
      steps.push({ name: event.stateEnteredEventDetails.name ?? '', type, enteredAt: time });
    } else if (step && event.stateExitedEventDetails) step.exitedAt = time;
    else if (step) step.error = failureIn(event) ?? step.error;
  }
  return steps;
};

/** The ids of the Batch jobs that an execution's tasks submitted. */
export const batchJobsOf = (events: readonly HistoryEvent[]): string[] => {
  const ids = events.flatMap(({ taskSubmittedEventDetails: details }) => {
    const answer = submittedSchema.safeParse(parseJson(details?.output ?? ''));
    return details?.resourceType === 'batch' && answer.success ? [answer.data.JobId] : [];
  });
  return [...new Set(ids)];
};

const failureIn = ({ taskFailedEventDetails, taskTimedOutEventDetails }: HistoryEvent): JobError | undefined => {
  const { error, cause = '' } = taskFailedEventDetails ?? taskTimedOutEventDetails ?? {};
  if (error === undefined) return undefined;
  const told = causeSchema.safeParse(parseJson(cause));
  return { code: error, message: told.success ? told.data : cause };
};
