import { describe, expect, it } from 'vitest';
import { CancelledError, CapacityError, DependencyError, LostClaimError } from '../../../core/errors.ts';
import { claimed } from '../../../core/jobs/claim.ts';
import { holdClaim } from '../../../core/use-cases/hold-claim.ts';
import { keepClaim } from '../../../core/use-cases/keep-claim.ts';
import { runWhenFree } from '../../../core/use-cases/run-when-free.ts';
import { aJob } from '../../support/jobs.ts';
import { memoryJobStore, memoryLog } from '../../support/memory-ports.ts';
import { makeScene } from '../../support/scene.ts';

const owner = { kind: 'lambda', requestId: 'r1' } as const;
/** So short that renewals come while a test waits for them. */
const leaseSeconds = 0.03;

const held = async () => {
  const jobs = memoryJobStore();
  const clock = { now: 0 };
  const job = claimed(aJob(), owner, 0, leaseSeconds);
  await jobs.create(job);
  return { jobs, job, clock, ports: { jobs, now: () => clock.now, log: memoryLog() } };
};

describe('keepClaim', () => {
  it('renews the lease until it is stopped', async () => {
    const { jobs, job, clock, ports } = await held();
    const claim = keepClaim(job, leaseSeconds, ports);
    clock.now = 5000;
    await expect.poll(async () => (await jobs.get(job.id))?.claim?.leaseUntil).toBe(5030);
    claim.stop();
    expect(claim.signal.aborted).toBe(false);
  });

  it('tells the worker when the job was taken by another', async () => {
    const { jobs, job, ports } = await held();
    const claim = keepClaim(job, leaseSeconds, ports);
    const stored = await jobs.get(job.id);
    await jobs.replace(claimed(stored ?? job, { kind: 'lambda', requestId: 'r2' }, 99_000, 10));
    await expect.poll(() => claim.signal.aborted).toBe(true);
    expect(claim.signal.reason).toBeInstanceOf(LostClaimError);
    claim.stop();
  });

  it('outlives a renewal that fails', async () => {
    const { jobs, job, clock, ports } = await held();
    let failures = 2;
    const flaky = {
      ...jobs,
      get: async (id: string) => {
        if (failures-- > 0) throw new Error('DynamoDB is ill');
        return jobs.get(id);
      },
    };
    const claim = keepClaim(job, leaseSeconds, { ...ports, jobs: flaky });
    clock.now = 7000;
    await expect.poll(async () => (await jobs.get(job.id))?.claim?.leaseUntil).toBe(7030);
    claim.stop();
  });
});

describe('holdClaim', () => {
  it("gives back its own claim when the work fails, and no other worker's", async () => {
    const { jobs, job, ports } = await held();
    const work = async () => {
      throw new Error('no luck');
    };
    await expect(holdClaim(job, 10, ports, work)).rejects.toThrow('no luck');
    expect(await jobs.get(job.id)).toMatchObject({ error: { message: 'no luck' } });
    const stored = await jobs.get(job.id);
    const other = await jobs.replace(claimed(stored ?? job, { kind: 'lambda', requestId: 'r2' }, 0, 10));
    await expect(holdClaim(job, 10, ports, work)).rejects.toThrow('no luck');
    expect(await jobs.get(job.id)).toEqual(other);
  });
});

describe('an attempt that comes to nothing', () => {
  const tooSmall = new CapacityError('Expected more memory.', { code: 'OutOfMemory' });
  const lost = new LostClaimError('Expected job 1 to be held.', { code: 'Overtaken' });

  it.each([
    ['warned of', 'its claim is lost', lost, 'lambda', 'warn'],
    ['warned of', 'a person cancels it', new CancelledError('1'), 'lambda', 'warn'],
    ['warned of', 'a function is too small for it', tooSmall, 'lambda', 'warn'],
    ['an error', 'its container is too small', tooSmall, 'batch', 'error'],
    ['an error', 'a service fails', new DependencyError('Expected S3.', { code: 'ServiceFailed' }), 'lambda', 'error'],
    ['an error', 'nobody expected it', new TypeError('x is no function'), 'lambda', 'error'],
  ] as const)('is %s in the log where %s', async (_said, _what, error, target, level) => {
    const { job, ports } = await held();
    const decided = { ...job, decision: { ...job.decision, target } };
    await expect(holdClaim(decided, 10, ports, () => Promise.reject(error))).rejects.toBe(error);
    expect(ports.log.lines).toMatchObject([{ level, message: 'attempt failed', error }]);
  });
});

describe('runWhenFree', () => {
  it('waits for a worker that holds the job, and then ends it', async () => {
    const scene = await makeScene();
    const job = await scene.dispatch(scene.input.put('a.png', Buffer.from('no picture')));
    if (job === undefined) throw new Error('the upload is gone');
    await scene.jobs.replace(claimed((await scene.jobs.get(job.id)) ?? job, owner, scene.clock.now, 5));
    let waits = 0;
    const sleep = async (milliseconds: number) => {
      waits++;
      scene.clock.now += milliseconds;
    };
    const ended = await runWhenFree(job.id, scene.worker('r2'), { ...scene.ports, sleep });
    expect(ended).toMatchObject({ state: 'rejected' });
    expect(waits).toBe(5);
  });
});
