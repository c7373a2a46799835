import { LostClaimError } from '../errors.ts';
import { hasEnded, type Job, type JobError, type Spent, type TerminalState } from './job.ts';

/** Who works on a job: a function's invocation, or one attempt of a Batch job. */
export type Owner = { kind: 'lambda'; requestId: string } | { kind: 'batch'; jobId: string; attempt: number };

/** The owner as the record holds it: `lambda/<request id>` or `batch/<job id>/<attempt>`. */
export const ownerToken = (owner: Owner): string =>
  owner.kind === 'lambda' ? `lambda/${owner.requestId}` : `batch/${owner.jobId}/${owner.attempt}`;

/** Whether the record's claim still holds at `now`. */
export const isHeld = (job: Job, now: number): boolean => job.claim !== undefined && job.claim.leaseUntil > now;

/**
 * Batch runs a job's attempts one after the other, so that a later attempt of the same Batch job is proof that the
 * earlier one has ended, whatever its lease says.
 */
const hasReplaced = (owner: Owner, job: Job): boolean =>
  owner.kind === 'batch' &&
  job.claim !== undefined &&
  job.claim.owner.startsWith(`batch/${owner.jobId}/`) &&
  job.claim.owner !== ownerToken(owner);

const assertOpen = (job: Job): void => {
  if (!hasEnded(job.state)) return;
  throw new LostClaimError(`Expected an open job ${job.id} but it is already ${job.state}. Nothing is left to do.`, {
    code: 'Ended',
  });
};

const heldByAnother = (job: Job): LostClaimError =>
  new LostClaimError(
    `Expected a free job ${job.id} but ${job.claim?.owner} holds it until ` +
      `${new Date(job.claim?.leaseUntil ?? 0).toISOString()}. Try again after that.`,
    { code: 'HeldByAnother' },
  );

/**
 * The job as it is once `owner` has taken it for `leaseSeconds`.
 * Throws LostClaimError: `Ended` where the job has ended, `HeldByAnother` where another worker's lease still runs.
 */
export const claimed = (job: Job, owner: Owner, now: number, leaseSeconds: number): Job => {
  assertOpen(job);
  if (isHeld(job, now) && job.claim?.owner !== ownerToken(owner) && !hasReplaced(owner, job)) throw heldByAnother(job);
  const fence = job.fence + 1;
  return {
    ...job,
    // A rejection's reason is the job's result; any other is what the attempt before this one died of.
    error: job.decision.target === 'reject' ? job.error : undefined,
    state: 'running',
    attempt: job.attempt + 1,
    fence,
    claim: { owner: ownerToken(owner), fence, leaseUntil: now + leaseSeconds * 1000 },
  };
};

/** Throws LostClaimError `Overtaken` where `stored` is no longer held under the fencing number of `mine`. */
export const assertStillMine = (stored: Job | undefined, mine: Job): Job => {
  if (stored?.claim === undefined || stored.claim.fence !== mine.claim?.fence) {
    throw new LostClaimError(
      `Expected job ${mine.id} to be held under fencing number ${mine.claim?.fence} but it is ` +
        `${stored?.claim ? `held under ${stored.claim.fence}` : (stored?.state ?? 'missing')}. This worker stops.`,
      { code: 'Overtaken' },
    );
  }
  return stored;
};

/** The job with its lease running for another `leaseSeconds` from `now`. */
export const renewed = (job: Job, now: number, leaseSeconds: number): Job =>
  job.claim === undefined ? job : { ...job, claim: { ...job.claim, leaseUntil: now + leaseSeconds * 1000 } };

/** Whether a worker was killed at the job: it holds a claim that it no longer renews. */
const isAbandoned = (job: Job, now: number): boolean =>
  job.state === 'running' && job.claim !== undefined && !isHeld(job, now);

/**
 * The job queued for Batch, with the reason added to its decision; `minimumMemoryMiB` where a worker's memory may have
 * been too small. Throws LostClaimError where it has ended or a worker still holds it.
 */
export const handedOver = (job: Job, reason: string, now: number, minimumMemoryMiB?: number): Job => {
  assertOpen(job);
  if (isHeld(job, now)) throw heldByAnother(job);
  const { claim: _claim, handedAt: _handedAt, ...rest } = job;
  const decision = { ...job.decision, target: 'batch' as const, reasons: [...job.decision.reasons, reason] };
  const execution = job.execution + 1;
  return { ...rest, state: 'queued', decision, execution, ...(minimumMemoryMiB ? { minimumMemoryMiB } : {}) };
};

/** The job given back by a worker that could not finish it and may be followed by another attempt. */
export const released = (job: Job, error: JobError): Job => {
  const { claim: _claim, ...rest } = job;
  return { ...rest, error };
};

/** The job in its terminal state: `error` for those that are rejected or failed, `measured` for those that were rendered. */
export const ended = (job: Job, state: TerminalState, now: number, error?: JobError, measured?: Spent): Job => {
  const { claim: _claim, error: _error, ...rest } = job;
  return { ...rest, state, endedAt: now, ...(error ? { error } : {}), ...(measured ? { measured } : {}) };
};

/** What is to be done with a job that a message of the work queue is about. */
export type NextStep =
  | { step: 'run' }
  /** Its execution is to be started: it waits for Batch, and whoever was to start that died before. */
  | { step: 'start' }
  | { step: 'handOver'; because: 'killed' | 'failures'; reason: string }
  /** It runs elsewhere: nothing. */
  | { step: 'leave' };

/** After so many receives the work queue's patience is not tried further: the state machine brings jobs to an end. */
const maxReceives = 3;

/**
 * Decides what a function does with a job that it was sent, for the nth time. A job that its worker was killed at, or
 * that failed again and again, is handed over to Batch; a rejection never is, it only waits to be written down.
 */
export const nextStep = (job: Job, now: number, receiveCount: number): NextStep => {
  if (hasEnded(job.state) || job.decision.target === 'reject') return { step: 'run' };
  if (job.decision.target === 'batch') return { step: job.handedAt === undefined ? 'start' : 'leave' };
  if (isAbandoned(job, now)) {
    const reason = `the function was killed during attempt ${job.attempt}: handed over to Batch`;
    return { step: 'handOver', because: 'killed', reason };
  }
  if (receiveCount > maxReceives && job.state === 'running' && job.claim === undefined) {
    const reason = `${job.attempt} attempts on the function failed (${job.error?.message}): handed over to Batch`;
    return { step: 'handOver', because: 'failures', reason };
  }
  return { step: 'run' };
};
