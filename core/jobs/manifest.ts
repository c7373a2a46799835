import { InvalidInputError } from '../errors.ts';
import type { Traits } from '../image/traits.ts';
import type { Decision } from '../route/decision.ts';
import type { Job, JobError, Spent } from './job.ts';

/** One published file: `checksum` is the base64 SHA-256 of its bytes, as S3 shows it. */
export type ManifestOutput = {
  key: string;
  versionId?: string;
  bytes: number;
  width: number;
  height: number;
  /** Frames of an animation, pages of a document; 1 for everything else. */
  pages: number;
  contentType: string;
  checksum: string;
};

/** What a job took, wall seconds of every part of it, and the peak resident memory of the process that rendered it. */
export type Measured = Spent & {
  stages: { id: string; seconds: number; cpuSeconds?: number }[];
  peakMemoryMiB: number;
};

/**
 * The JSON beside the outputs: the one consistent view of what a job made, published last. Outputs of older runs stay
 * readable by the version ids that an older manifest names.
 */
export type Manifest = {
  status: 'done' | 'rejected' | 'failed';
  /** `run` is more than 1 where a person had the upload processed again; `createdAt` is in epoch milliseconds. */
  job: { id: string; run: number; attempt: number; createdAt: number };
  /** `checksum` is the base64 SHA-256 of what a worker read: absent where none did. */
  input: {
    bucket: string;
    key: string;
    versionId?: string;
    etag: string;
    bytes: number;
    checksum?: string;
    traits?: Traits;
  };
  recipe: { name: string; hash?: string };
  decision: Decision;
  measured?: Measured;
  outputs: ManifestOutput[];
  error?: JobError;
  kadam: { version: string };
};

const manifestName = 'manifest.json';

/** The longest key that S3 takes, in bytes of UTF-8. */
const keyLimitBytes = 1024;

/** Where everything of one upload under one recipe lies in the output bucket: `<input key>/<recipe>/`. */
const outputPrefix = (inputKey: string, recipe: string): string => `${inputKey}/${recipe}/`;

/** The manifest's key, or undefined where it would be longer than S3 allows. */
export const manifestKey = (inputKey: string, recipe: string): string | undefined => {
  const key = `${outputPrefix(inputKey, recipe)}${manifestName}`;
  return Buffer.byteLength(key) > keyLimitBytes ? undefined : key;
};

/** The key of one output: `<input key>/<recipe>/<output name>.<extension>`. */
export const outputKey = (inputKey: string, recipe: string, name: string, extension: string): string =>
  `${outputPrefix(inputKey, recipe)}${name}.${extension}`;

/** Throws InvalidInputError `KeyTooLong` where the manifest or one of these files would have a key that S3 refuses. */
export const assertKeysFit = (inputKey: string, recipe: string, files: { name: string; extension: string }[]): void => {
  const keys = [
    `${outputPrefix(inputKey, recipe)}${manifestName}`,
    ...files.map(({ name, extension }) => outputKey(inputKey, recipe, name, extension)),
  ];
  const longest = Math.max(...keys.map((key) => Buffer.byteLength(key)));
  if (longest <= keyLimitBytes) return;
  throw new InvalidInputError(
    `Expected keys of at most ${keyLimitBytes} bytes for the results but the longest would have ${longest}. ` +
      'Upload the picture under a shorter key.',
    { code: 'KeyTooLong' },
  );
};

/** What a job's ending adds to its record to make the manifest. */
export type ManifestResult = {
  status: Manifest['status'];
  checksum?: string;
  measured?: Measured;
  outputs?: ManifestOutput[];
  error?: JobError;
};

/** The manifest of a job that ended as `result` says. */
export const manifestOf = (job: Job, result: ManifestResult, version: string): Manifest => ({
  status: result.status,
  job: { id: job.id, run: job.run, attempt: job.attempt, createdAt: job.createdAt },
  input: {
    bucket: job.upload.bucket,
    key: job.upload.key,
    versionId: job.upload.versionId,
    etag: job.upload.etag,
    bytes: job.upload.bytes,
    checksum: result.checksum,
    traits: job.traits,
  },
  recipe: job.recipe,
  decision: job.decision,
  measured: result.measured,
  outputs: result.outputs ?? [],
  error: result.error,
  kadam: { version },
});
