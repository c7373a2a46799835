import type { Traits } from '../image/traits.ts';
import type { Decision } from '../route/decision.ts';
import type { Upload } from './upload.ts';

/** `superseded` (a newer version of the key came) and `gone` (the upload was deleted) live in the record only. */
export type JobState = 'queued' | 'running' | 'done' | 'rejected' | 'failed' | 'superseded' | 'gone';

/** The states that a job ends in. */
export type TerminalState = Exclude<JobState, 'queued' | 'running'>;

/** Whether a job in this state has ended for good. */
export const hasEnded = (state: JobState): state is TerminalState => state !== 'queued' && state !== 'running';

/** What a person is told of a rejection or a failure. */
export type JobError = { code: string; message: string };

/** Wall seconds of a job's work, from the download to the last encoded file, and their list price. */
export type Spent = { seconds: number; dollars: number };

/** The hold that one worker has on a job: `fence` grows with every claim, `leaseUntil` is in epoch milliseconds. */
export type Claim = { owner: string; fence: number; leaseUntil: number };

/**
 * The record of one job: one version of one upload under one recipe. Everything that a worker needs is in it or is
 * pointed to by it (`recipe.hash` leads to the stored canonical recipe), so that a later deployment changes nothing.
 * Times are epoch milliseconds.
 */
export type Job = {
  id: string;
  /** Grows with every write; each write is conditional on the one that it read. */
  revision: number;
  state: JobState;
  upload: Upload;
  /** `hash` is absent where no recipe of that name exists. */
  recipe: { name: string; hash?: string };
  /** Absent where the header could not be read. */
  traits?: Traits;
  decision: Decision;
  /** Threads of the plan: fixed here, because an encoder's bytes may depend on it. */
  threads: number;
  /** The key of the manifest in the output bucket; absent where it would be longer than a key may be. */
  manifestKey?: string;
  /**
   * The number of the execution that runs the job on Batch, or would: it grows each time that the job is queued anew, so
   * that every execution has a name of its own, and an older one's news are known as such.
   */
  execution: number;
  /** Attempts begun so far, by either way. */
  attempt: number;
  /** The highest fencing number given out. */
  fence: number;
  claim?: Claim;
  /** When the job was handed to the work queue or to Step Functions; absent while that is not known to have happened. */
  handedAt?: number;
  createdAt: number;
  endedAt?: number;
  /** Why a job was rejected or failed; on an open job, what its last attempt died of. */
  error?: JobError;
  eventPublished: boolean;
  /** The metrics have counted its end. */
  isCounted?: boolean;
  /** What the job took, once it has ended, where it was rendered. */
  measured?: Spent;
  /**
   * Noted before the first write: keys under which attempts of this job may leave something over, and the writers whose
   * outputs it replaces.
   */
  touched?: { keys: string[]; replaces: string[] };
  /** 1, and one more each time that a person has the job done again after it had ended. */
  run: number;
  /** The wish of a person (its id) that asked for this run, if one did. */
  wish?: string;
  /** A person asked for this job to be cancelled while a worker held it: the worker ends it. */
  isCancelled?: boolean;
  /** MiB that a worker needs at least, after a smaller one was not enough. */
  minimumMemoryMiB?: number;
};
