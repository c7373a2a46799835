import type { Job } from '../../core/jobs/job.ts';
import type { Upload } from '../../core/jobs/upload.ts';

export const anUpload = (changes: Partial<Upload> = {}): Upload => ({
  bucket: 'in',
  key: 'a/photo.jpg',
  versionId: 'u1',
  etag: '"1"',
  bytes: 1000,
  ...changes,
});

/** A queued job as the dispatcher makes it, for tests of what comes after. */
export const aJob = (changes: Partial<Job> = {}): Job => ({
  id: '0123456789abcdef0123456789abcdef',
  revision: 1,
  state: 'queued',
  upload: anUpload(),
  recipe: { name: 'web', hash: 'f'.repeat(64) },
  decision: { target: 'lambda', reasons: ['fits'] },
  threads: 2,
  manifestKey: 'a/photo.jpg/web/manifest.json',
  run: 1,
  execution: 1,
  attempt: 0,
  fence: 0,
  createdAt: 0,
  eventPublished: false,
  ...changes,
});
