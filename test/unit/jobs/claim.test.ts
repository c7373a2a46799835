import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LostClaimError } from '../../../core/errors.ts';
import {
  assertStillMine,
  claimed,
  ended,
  handedOver,
  nextStep,
  type Owner,
  released,
  renewed,
} from '../../../core/jobs/claim.ts';
import type { Job, TerminalState } from '../../../core/jobs/job.ts';
import { aJob } from '../../support/jobs.ts';

const lambda = (requestId: string): Owner => ({ kind: 'lambda', requestId });
const batch = (jobId: string, attempt: number): Owner => ({ kind: 'batch', jobId, attempt });
const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof LostClaimError) return error.code;
    throw error;
  }
  return 'allowed';
};

describe('claimed', () => {
  const held = claimed(aJob(), batch('b1', 1), 1000, 10);

  it('starts an attempt under a new fencing number', () => {
    expect(held).toMatchObject({
      state: 'running',
      attempt: 1,
      fence: 1,
      claim: { owner: 'batch/b1/1', fence: 1, leaseUntil: 11_000 },
    });
  });

  it.each([
    ['another worker, while the lease runs', held, batch('b2', 1), 10_999, 'HeldByAnother'],
    ['another worker, once it has run out', held, batch('b2', 1), 11_000, 'allowed'],
    ['a later attempt of the same Batch job, at once', held, batch('b1', 2), 1001, 'allowed'],
    ['a Batch job whose id only begins alike', held, batch('b', 2), 1001, 'HeldByAnother'],
    ['the same worker again', held, batch('b1', 1), 1001, 'allowed'],
    ['a function, while a container works', held, lambda('r1'), 1001, 'HeldByAnother'],
    ['anybody, once the job is done', ended(held, 'done', 2000), lambda('r1'), 99_999, 'Ended'],
    ['anybody, once it was given back', released(held, { code: 'X', message: 'x' }), lambda('r1'), 1001, 'allowed'],
  ])('answers %s', (_name, job, owner, now, answer) => {
    expect(codeOf(() => claimed(job, owner, now, 10))).toBe(answer);
  });

  it('forgets what the attempt before died of, but not the reason of a rejection', () => {
    const error = { code: 'X', message: 'x' };
    expect(claimed(aJob({ error }), lambda('r'), 0, 1).error).toBeUndefined();
    const rejected = aJob({ error, decision: { target: 'reject', reasons: [] } });
    expect(claimed(rejected, lambda('r'), 0, 1).error).toEqual(error);
  });

  it('never lets two workers hold a job at once, and fencing numbers only grow', () => {
    const events = fc.array(fc.record({ worker: fc.integer({ min: 0, max: 4 }), wait: fc.nat(8000) }));
    fc.assert(
      fc.property(events, (attempts) => {
        let job: Job = aJob();
        let now = 0;
        for (const { worker, wait } of attempts) {
          now += wait;
          const before = job;
          if (codeOf(() => (job = claimed(job, lambda(`r${worker}`), now, 5))) !== 'allowed') continue;
          expect(job.fence).toBe(before.fence + 1);
          const wasFree = (before.claim?.leaseUntil ?? 0) <= now || before.claim?.owner === `lambda/r${worker}`;
          expect(wasFree).toBe(true);
        }
      }),
    );
  });
});

describe('a claim that was overtaken', () => {
  const mine = claimed(aJob(), lambda('slow'), 0, 5);
  const theirs = claimed(mine, lambda('quick'), 6000, 5);

  it('is noticed by its fencing number', () => {
    expect(codeOf(() => assertStillMine(theirs, mine))).toBe('Overtaken');
    expect(codeOf(() => assertStillMine(undefined, mine))).toBe('Overtaken');
    expect(codeOf(() => assertStillMine(ended(mine, 'done', 1), mine))).toBe('Overtaken');
    expect(codeOf(() => assertStillMine(renewed(mine, 1, 5), mine))).toBe('allowed');
  });
});

describe('handedOver', () => {
  const running = claimed(aJob({ handedAt: 5 }), lambda('r'), 0, 5);

  it('queues the job for Batch, to be started, and says why', () => {
    const job = handedOver(running, 'killed', 5000);
    expect(job).toMatchObject({ state: 'queued', decision: { target: 'batch', reasons: ['fits', 'killed'] } });
    expect(job.claim).toBeUndefined();
    expect(job.handedAt).toBeUndefined();
  });

  it('is refused while a worker holds the job, and once it has ended', () => {
    expect(codeOf(() => handedOver(running, 'killed', 4999))).toBe('HeldByAnother');
    expect(codeOf(() => handedOver(ended(running, 'failed', 1), 'killed', 9999))).toBe('Ended');
  });
});

describe('nextStep', () => {
  const running = claimed(aJob(), lambda('r'), 0, 5);
  const given = released(running, { code: 'X', message: 'S3 is ill' });
  const onBatch = handedOver(running, 'killed', 5000);
  const rejected = aJob({ decision: { target: 'reject', reasons: [] } });
  it.each([
    ['a queued job', aJob(), 1, 'run'],
    ['a job under its lease (the claim will refuse it)', running, 1, 'run'],
    ['a job whose worker was killed', running, 2, 'handOver', 5000],
    ['a job that failed once', given, 2, 'run'],
    ['a job that failed again and again', given, 4, 'handOver'],
    ['a job that was handed over but not started', onBatch, 2, 'start'],
    ['a job that was handed over and started', { ...onBatch, handedAt: 1 }, 2, 'leave'],
    ['a container between two attempts', { ...onBatch, handedAt: 1, state: 'running' as const }, 9, 'leave'],
    ['a container that was killed', claimed({ ...onBatch, handedAt: 1 }, batch('b', 1), 0, 5), 9, 'leave', 9000],
    ['a rejection whose worker was killed', claimed(rejected, lambda('r'), 0, 5), 2, 'run', 5000],
    ['a rejection that could not be written again and again', { ...rejected, state: 'running' as const }, 9, 'run'],
    ['an ended job (it may be unannounced)', ended(running, 'done' satisfies TerminalState, 1), 9, 'run'],
  ])('%s', (_name, job, receives, step, now = 1000) => {
    expect(nextStep(job, now, receives).step).toBe(step);
  });

  it('suspects the memory only where nobody knows what the worker died of', () => {
    expect(nextStep(running, 5000, 2)).toMatchObject({ because: 'killed' });
    expect(nextStep(given, 5000, 4)).toMatchObject({
      because: 'failures',
      reason: expect.stringMatching(/S3 is ill/),
    });
  });
});
