import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import type { Job } from '../../core/jobs/job.ts';
import type { JobEvent } from '../../core/jobs/job-event.ts';
import type { Upload } from '../../core/jobs/upload.ts';
import type { Measurement } from '../../core/metrics/measurement.ts';
import type {
  EventPublisher,
  InputStore,
  JobStore,
  LogFields,
  LogLevel,
  Metrics,
  OutputStore,
  RecipeStore,
  Workflow,
  WorkQueue,
} from '../../core/ports.ts';
import type { HashedRecipe } from '../../core/recipe/recipe.ts';
import { type ScopedLog, scopedLog } from '../../core/scoped-log.ts';

/** Job records in memory; passes the job store's contract suite. */
export const memoryJobStore = (): JobStore & { all: () => Job[] } => {
  const records = new Map<string, Job>();
  return {
    all: () => [...records.values()],
    async create(job) {
      const known = records.get(job.id);
      if (known) return { isNew: false, job: structuredClone(known) };
      records.set(job.id, structuredClone(job));
      return { isNew: true, job };
    },
    get: async (id) => structuredClone(records.get(id)),
    async replace(job) {
      if (records.get(job.id)?.revision !== job.revision) return undefined;
      const next = { ...job, revision: job.revision + 1 };
      records.set(job.id, structuredClone(next));
      return next;
    },
  };
};

type StoredObject = { body: Buffer; etag: string; versionId: string; writer: string };

/** A versioned output bucket in memory; passes the output store's contract suite. */
export const memoryOutputStore = (): OutputStore & {
  keys: () => string[];
  text: (key: string) => string | undefined;
  versions: (key: string) => { writer: string }[];
} => {
  const objects = new Map<string, StoredObject[]>();
  let versions = 0;
  const markers = new Set<string>();
  const newest = (key: string) => (markers.has(key) ? undefined : objects.get(key)?.at(-1));
  return {
    versions: (key) => objects.get(key) ?? [],
    keys: () => [...objects.keys()].filter((key) => newest(key)).sort(),
    text: (key) => newest(key)?.body.toString(),
    async current(key) {
      const object = newest(key);
      if (object === undefined) return 'absent';
      const { etag, versionId, writer } = object;
      return { etag, versionId, writer };
    },
    async prepare(file) {
      const body = 'path' in file ? await readFile(file.path) : Buffer.from(file.body);
      return {
        async commit(replaces) {
          const now = newest(file.key)?.etag;
          if (now !== (replaces === 'absent' ? undefined : replaces.etag)) return undefined;
          const etag = `"${createHash('md5').update(body).digest('hex')}"`;
          const versionId = `v${++versions}`;
          objects.set(file.key, [...(objects.get(file.key) ?? []), { body, etag, versionId, writer: file.writer }]);
          markers.delete(file.key);
          return { etag, versionId };
        },
        abort: async () => {},
      };
    },
    readText: async (key) => newest(key)?.body.toString(),
    async remove(key, what) {
      if ('versionId' in what) {
        objects.set(
          key,
          (objects.get(key) ?? []).filter(({ versionId }) => versionId !== what.versionId),
        );
        return true;
      }
      if (newest(key)?.etag !== what.etag) return false;
      markers.add(key);
      return true;
    },
  };
};

/** An input bucket in memory: uploads by key, the newest version last. */
export const memoryInputStore = () => {
  const versions = new Map<string, { upload: Upload; body: Buffer; metadata: Record<string, string> }[]>();
  let count = 0;
  const find = (upload: Upload) =>
    versions.get(upload.key)?.find((version) => version.upload.versionId === upload.versionId);
  const store: InputStore & {
    put: (key: string, body: Buffer, metadata?: Record<string, string>) => Upload;
    delete: (key: string) => void;
  } = {
    put(key, body, metadata = {}) {
      const upload = { bucket: 'in', key, versionId: `u${++count}`, etag: `"${count}"`, bytes: body.length };
      versions.set(key, [...(versions.get(key) ?? []), { upload, body, metadata }]);
      return upload;
    },
    delete: (key) => versions.delete(key),
    async open(upload) {
      const found = find(upload);
      if (!found) return undefined;
      const { body, metadata } = found;
      const read = async (offset: number, length: number) => body.subarray(offset, offset + length);
      return { upload: found.upload, metadata, source: { size: body.length, read } };
    },
    readText: async (_bucket, key, maxBytes) => versions.get(key)?.at(-1)?.body.subarray(0, maxBytes).toString(),
    async standing(upload) {
      const newest = versions.get(upload.key)?.at(-1);
      if (!newest) return 'gone';
      return newest.upload.versionId === upload.versionId ? 'newest' : 'superseded';
    },
    async download(upload, path) {
      const found = find(upload);
      if (!found) return undefined;
      await writeFile(path, found.body);
      return { checksum: createHash('sha256').update(found.body).digest('base64') };
    },
  };
  return store;
};

export const memoryRecipeStore = (): RecipeStore => {
  const recipes = new Map<string, HashedRecipe>();
  return {
    save: async (recipe) => void recipes.set(recipe.hash, recipe),
    load: async (hash) => recipes.get(hash),
  };
};

export const recordingWorkQueue = (): WorkQueue & { sent: string[] } => {
  const sent: string[] = [];
  return { sent, send: async (id) => void sent.push(id) };
};

export const recordingWorkflow = (): Workflow & { started: Job[]; closed: Set<string> } => {
  const started: Job[] = [];
  const closed = new Set<string>();
  return {
    started,
    /** Ids of jobs whose execution has been stopped. */
    closed,
    start: async (job) => void started.push(job),
    isOpen: async ({ id }) => started.some((job) => job.id === id) && !closed.has(id),
  };
};

export const recordingPublisher = (): EventPublisher & { published: JobEvent[] } => {
  const published: JobEvent[] = [];
  return { published, publish: async (event) => void published.push(event) };
};

/** A log that keeps its lines, each with everything that it says. */
export const memoryLog = (): ScopedLog & { lines: (LogFields & { level: LogLevel; message: string })[] } => {
  const lines: (LogFields & { level: LogLevel; message: string })[] = [];
  return { lines, ...scopedLog((level, message, fields) => void lines.push({ level, message, ...fields })) };
};

export const memoryMetrics = (): Metrics & { recorded: Measurement[] } => {
  const recorded: Measurement[] = [];
  return { recorded, record: (measurement) => void recorded.push(measurement) };
};
