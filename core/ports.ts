import type { ByteSource } from './image/byte-source.ts';
import type { Job } from './jobs/job.ts';
import type { JobEvent } from './jobs/job-event.ts';
import type { Upload } from './jobs/upload.ts';
import type { Measurement } from './metrics/measurement.ts';
import type { HashedRecipe } from './recipe/recipe.ts';

/** An upload whose first bytes have been read, with what its own answer said of it. */
export type OpenedUpload = { upload: Upload; metadata: Record<string, string>; source: ByteSource };

/** The input bucket. */
export type InputStore = {
  /** Reads an upload's first kilobytes and its metadata; undefined where that version is gone. */
  open(upload: Upload): Promise<OpenedUpload | undefined>;
  /** The first bytes of a small object beside an upload, as text; undefined where there is none. */
  readText(bucket: string, key: string, maxBytes: number): Promise<string | undefined>;
  /** Whether the upload is still the newest version of its key. */
  standing(upload: Upload): Promise<'newest' | 'superseded' | 'gone'>;
  /**
   * Writes that version's bytes to `path` and answers their base64 SHA-256. A body that is cut short is a retryable
   * DependencyError; undefined where the version is gone.
   */
  download(upload: Upload, path: string): Promise<{ checksum: string } | undefined>;
};

/** The newest version of a key, and the run of a job that wrote it (every object of Kadam's says that in its metadata). */
export type StoredVersion = { etag: string; versionId?: string; writer?: string };

/** What a write replaces: the version that was seen, or `absent`. */
export type Replaces = Pick<StoredVersion, 'etag'> | 'absent';

/** What a write gave: the version id (in a versioned bucket) and the ETag. */
export type Written = { versionId?: string; etag: string };

/** A file on its way into the output bucket: whatever can go up beforehand has gone up, nothing is visible yet. */
export type PreparedWrite = {
  /** Makes the object visible; undefined where what it was to replace has changed in the meantime. */
  commit(replaces: Replaces): Promise<Written | undefined>;
  /** Takes back what went up beforehand. Harmless after a commit. */
  abort(): Promise<void>;
};

/** A file to be written, with the headers that it is served with. `sha256` is base64. */
export type OutputFile = {
  key: string;
  contentType: string;
  cacheControl: string;
  sha256: string;
  bytes: number;
  /** The run of a job that writes it: `<job id>/<run>`. */
  writer: string;
} & ({ path: string } | { body: string });

/** The output bucket. */
export type OutputStore = {
  /** The newest version of a key, or `absent`. */
  current(key: string): Promise<StoredVersion | 'absent'>;
  prepare(file: OutputFile): Promise<PreparedWrite>;
  /** The text of a small object; undefined where there is none. */
  readText(key: string): Promise<string | undefined>;
  /**
   * Deletes one version for good, or hides a key whose newest version has this ETag behind a delete marker. Answers
   * false where that is no longer the newest, and nothing was done.
   */
  remove(key: string, what: { versionId: string } | { etag: string }): Promise<boolean>;
};

/** The job records. */
export type JobStore = {
  /** Stores a new record; where one exists, answers that one instead (a consistent read). */
  create(job: Job): Promise<{ isNew: boolean; job: Job }>;
  get(id: string): Promise<Job | undefined>;
  /**
   * Stores `job` in place of the revision that it was made from (`job.revision`) and answers it with its new
   * revision; undefined where another write came first.
   */
  replace(job: Job): Promise<Job | undefined>;
};

/** The canonical recipes that jobs point to. */
export type RecipeStore = {
  save(recipe: HashedRecipe): Promise<void>;
  load(hash: string): Promise<HashedRecipe | undefined>;
};

/** The queue of jobs that run on Lambda. */
export type WorkQueue = { send(jobId: string): Promise<void> };

/** The state machine that runs jobs on Batch. */
export type Workflow = {
  /** Starts a job's execution; one of that number that exists already is no error. */
  start(job: Job): Promise<void>;
  /** Whether a job's execution is still under way, so that it will be brought to its end. */
  isOpen(job: Job): Promise<boolean>;
};

/** Where the endings of jobs are announced. */
export type EventPublisher = { publish(event: JobEvent): Promise<void> };

/** Epoch milliseconds. */
export type Clock = () => number;

export type LogLevel = 'info' | 'warn' | 'error';

/** What a line of the log says beside its message. An Error is shown with its stack and its causes. */
export type LogFields = Record<string, unknown>;

/**
 * The structured log. What every line of a unit of work (a message, an upload, a job) has to say belongs to its scope:
 * no call repeats it, and no line written deep inside can forget it.
 */
export type Log = {
  write(level: LogLevel, message: string, fields?: LogFields): void;
  /** Runs a unit of work in a scope of its own, which begins with what is known outside of it, and with `fields`. */
  within<Result>(fields: LogFields, work: () => Result): Result;
  /** Adds what has been learned to the scope of the unit of work that is under way; to nothing where none is. */
  add(fields: LogFields): void;
};

/** Where measurements are collected. Recording never fails. */
export type Metrics = { record(measurement: Measurement): void };
