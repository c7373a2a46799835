import type { JobError, JobState } from '../../core/jobs/job.ts';
import type { Target } from '../../core/route/decision.ts';

/*
 * What the console answers as JSON under /_kadam/: the contract between its server and its page. Times are epoch
 * milliseconds, durations seconds. Absent fields are not known, or not yet.
 *
 *   GET  /_kadam/deployment                         Deployment
 *   GET  /_kadam/jobs?limit=&text=&state=           JobList
 *   GET  /_kadam/jobs/ID                            JobDetails
 *   PUT  /_kadam/uploads?key=&recipe=NAME,NAME      the file -> 201 ObjectReference
 *   GET  /_kadam/objects/BUCKET?key=&versionId=     the object, read-only
 *   GET  /_kadam/logs?stream=                       the end of an attempt's log, as text
 *
 * What is refused is answered with a Problem.
 */

/** What the page is about; `endpoint` is where S3 clients upload. */
export type Deployment = { endpoint: string; inputBucket: string; outputBucket: string; recipes: string[] };

/** Jobs, newest first. */
export type JobList = {
  jobs: JobSummary[];
  /** Whether there are older ones that a higher limit would show. */
  isMore: boolean;
};

/** A row of the table of uploads. */
export type JobSummary = {
  id: string;
  key: string;
  bytes: number;
  recipe: string;
  way: Target;
  state: JobState;
  /** Wall seconds on the way that was chosen: for half of such jobs, and the bound for 99 of 100. */
  predicted?: { median: number; upper: number };
  /** Wall seconds that the worker took. */
  measured?: number;
  arrivedAt: number;
  endedAt?: number;
  /** Why the job was rejected or failed; of an open job, what its last attempt died of. */
  error?: JobError;
};

/** Everything about one job. */
export type JobDetails = {
  job: JobSummary;
  /** Why the way was chosen. */
  reasons: string[];
  /** Attempts begun so far. */
  attempts: number;
  /** `jpeg, 6000 × 4000`: what the header said. */
  picture?: string;
  upload: ObjectReference;
  /** Absent where there is none (yet). */
  manifest?: ObjectReference;
  /** Whether the results of another job have taken the place of this one's. */
  isReplaced: boolean;
  outputs: Output[];
  /** Stages of the plan, as predicted and as measured. */
  stages: { id: string; predicted?: number; measured?: number }[];
  /** Of the state machine, newest first; none for a job that ran on Lambda. */
  executions: ExecutionDetails[];
};

/** An object, and where the console shows it. */
export type ObjectReference = { bucket: string; key: string; versionId?: string; href: string };

export type Output = ObjectReference & {
  bytes: number;
  width: number;
  height: number;
  contentType: string;
  /** Whether browsers show it, and it is small enough to be shown in passing. */
  isPreviewable: boolean;
};

export type ExecutionDetails = {
  name: string;
  arn: string;
  status: string;
  startedAt: number;
  stoppedAt?: number;
  error?: string;
  cause?: string;
  /** States in the order in which they were entered. */
  steps: Step[];
  /** Batch jobs that its tasks submitted. */
  batchJobs: BatchJobDetails[];
};

export type Step = { name: string; type: string; enteredAt: number; exitedAt?: number; error?: JobError };

export type BatchJobDetails = {
  id: string;
  name: string;
  status: string;
  statusReason?: string;
  attempts: {
    startedAt?: number;
    stoppedAt?: number;
    exitCode?: number;
    reason?: string;
    /** Where its log is answered as text. */
    logHref?: string;
  }[];
};

/** An answer with a status from 400 on. */
export type Problem = { error: JobError };
