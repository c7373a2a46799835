import type { RecordFolder } from '../record-folder.ts';
import { isEnded, type Job } from './job.ts';
import { shouldRetry } from './retry-strategy.ts';
import type { AttemptEnd, RunningAttempt, StopCause } from './run-attempt.ts';
import { clientException } from './submit-job.ts';

export type SchedulerOptions = {
  /** What all queues share: this machine. */
  vcpus: number;
  queues: readonly string[];
  records: RecordFolder<Job>;
  /** Starts an attempt of a job whose log stream is set. */
  startAttempt(job: Job, onStarted: () => void): RunningAttempt;
  newLogStreamName(job: Job): string;
};

/** What AWS says of a host that Spot took away, by its kind. */
const reclaimed = {
  EC2: 'Host EC2 (instance i-local) terminated.',
  Fargate: 'Your Spot Task was interrupted.',
} as const;
export type Host = keyof typeof reclaimed;

export type Scheduler = ReturnType<typeof createScheduler>;

/**
 * Moves jobs through their statuses: waits for dependencies and for vCPUs, runs attempts, retries. Begins with the
 * jobs that its records hold.
 */
export const createScheduler = (options: SchedulerOptions) => {
  const jobs = new Map<string, Job>();
  const pending = new Set<Job>();
  const waiting = new Set<Job>();
  /** Jobs that have vCPUs, and those of them that have begun. */
  const placed = new Set<Job>();
  const running = new Map<Job, RunningAttempt>();
  let isClosing = false;

  const update = (job: Job, changes: Partial<Job>) => {
    Object.assign(job, changes);
    options.records.put(job.jobId, job);
  };

  const finish = (job: Job, status: 'SUCCEEDED' | 'FAILED', statusReason: string) => {
    pending.delete(job);
    waiting.delete(job);
    update(job, { status, statusReason, stoppedAt: Date.now() });
    for (const dependent of [...pending]) if (dependent.dependsOn.includes(job.jobId)) admit(dependent);
  };

  const admit = (job: Job) => {
    const statuses = job.dependsOn.map((id) => jobs.get(id)?.status);
    if (statuses.includes('FAILED')) return finish(job, 'FAILED', 'Dependent Job failed');
    if (statuses.every((status) => status === 'SUCCEEDED')) return makeRunnable(job);
    pending.add(job);
    update(job, { status: 'PENDING' });
  };

  const makeRunnable = (job: Job) => {
    pending.delete(job);
    if (!options.queues.includes(job.queue)) return finish(job, 'FAILED', `JobQueue ${job.queue} not found`);
    update(job, { status: 'RUNNABLE' });
    waiting.add(job);
    startNext();
  };

  // A large job that is next and waits for vCPUs is not overtaken, or small ones could starve it.
  const startNext = () => {
    for (;;) {
      const job = nextOf(waiting, placed);
      const used = [...placed].reduce((sum, { vcpus }) => sum + vcpus, 0);
      if (isClosing || job === undefined || used + job.vcpus > options.vcpus) return;
      waiting.delete(job);
      placed.add(job);
      start(job);
    }
  };

  const start = (job: Job) => {
    update(job, { status: 'STARTING', startedAt: Date.now(), logStreamName: options.newLogStreamName(job) });
    let attempt: RunningAttempt;
    try {
      attempt = options.startAttempt(job, () => update(job, { status: 'RUNNING', startedAt: Date.now() }));
    } catch (error) {
      const reason = `CannotStartContainerError: ${error}`;
      return release(job, { reason, statusReason: 'Task failed to start', outcome: 'failed' });
    }
    running.set(job, attempt);
    void attempt.ended.then((end) => {
      running.delete(job);
      if (!isClosing) release(job, end);
    });
  };

  const release = (job: Job, end: AttemptEnd) => {
    placed.delete(job);
    settle(job, end);
    startNext();
  };

  const settle = (job: Job, { outcome, ...end }: AttemptEnd) => {
    const { startedAt = Date.now(), logStreamName } = job;
    job.attempts.push({ ...end, startedAt, stoppedAt: Date.now(), logStreamName });
    if (outcome === 'succeeded') return finish(job, 'SUCCEEDED', end.statusReason);
    const isRetried = outcome === 'failed' && shouldRetry(job.retryStrategy, job.attempts.length, end);
    if (!isRetried) return finish(job, 'FAILED', end.statusReason);
    job.statusReason = end.statusReason;
    makeRunnable(job);
  };

  const stop = (job: Job, cause: StopCause) => {
    const attempt = running.get(job);
    if (attempt) attempt.stop(cause);
    else if (!isEnded(job)) finish(job, 'FAILED', cause.statusReason);
  };

  const resume = (job: Job) => {
    if (job.status === 'STARTING' || job.status === 'RUNNING') {
      settle(job, { statusReason: 'Host EC2 (instance local) terminated.', outcome: 'failed' });
    } else if (!isEnded(job)) admit(job);
  };

  const kept = options.records.load().sort((a, b) => a.createdAt - b.createdAt);
  for (const job of kept) jobs.set(job.jobId, job);
  for (const job of kept) resume(job);

  return {
    jobs,
    submit(job: Job): void {
      jobs.set(job.jobId, job);
      update(job, {});
      admit(job);
    },
    /** Ends a job that has not begun to start; nothing happens to any other, as on AWS. */
    cancel(job: Job, reason: string): void {
      if (isEnded(job) || running.has(job)) return;
      update(job, { isCancelled: true });
      finish(job, 'FAILED', reason);
    },
    /** Ends a job whatever its status; nothing happens to one that has ended. */
    terminate(job: Job, reason: string): void {
      if (isEnded(job)) return;
      update(job, { isTerminated: true });
      stop(job, { statusReason: reason, mayRetry: false });
    },
    /** Takes a running job's host away. Throws ServiceError where nothing runs. */
    reclaim(job: Job, host: Host): void {
      if (!running.has(job)) throw clientException(`Expected a running job but received ${job.jobId}`);
      stop(job, { statusReason: reclaimed[host], mayRetry: true });
    },
    /** Kills what runs. Its jobs stay RUNNING on disk: after a restart they have lost their host. */
    async close(): Promise<void> {
      isClosing = true;
      const attempts = [...running.values()];
      for (const attempt of attempts) attempt.kill();
      await Promise.all(attempts.map(({ ended }) => ended));
    },
  };
};

/** The first to have come of the share that uses the fewest vCPUs, as with a fair-share policy that weighs all alike. */
const nextOf = (waiting: Iterable<Job>, placed: Iterable<Job>): Job | undefined => {
  const used = new Map<string | undefined, number>();
  for (const { shareIdentifier, vcpus } of placed) used.set(shareIdentifier, (used.get(shareIdentifier) ?? 0) + vcpus);
  const usedBy = ({ shareIdentifier }: Job) => used.get(shareIdentifier) ?? 0;
  let next: Job | undefined;
  for (const job of waiting) if (next === undefined || usedBy(job) < usedBy(next)) next = job;
  return next;
};
