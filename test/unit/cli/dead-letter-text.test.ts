import { describe, expect, it } from 'vitest';
import { deadLetterText } from '../../../cli/dead-letter-text.ts';
import { aJob, anUpload } from '../../support/jobs.ts';

const sentAt = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const text = (queue: 'uploads' | 'work', body: unknown, job = aJob()) =>
  deadLetterText(
    queue,
    { id: 'm', sentAt, body: typeof body === 'string' ? body : JSON.stringify(body) },
    async (id) => (id === job.id ? job : undefined),
  );

const event = (...keys: string[]) => ({
  Records: keys.map((key) => ({
    eventVersion: '2.3',
    eventName: 'ObjectCreated:Put',
    s3: { bucket: { name: 'in' }, object: { key, size: 3, eTag: 'x', versionId: 'v', sequencer: '1' } },
  })),
});

describe('deadLetterText', () => {
  it.each([
    ['the keys of uploads', event('a+b.jpg', 'c.jpg'), 'a b.jpg, c.jpg'],
    ['a wish to reprocess', { reprocess: { request: 'r', upload: anUpload() } }, 'reprocess a/photo.jpg'],
    ['an event without an upload', { Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'in' }, 'no upload'],
    ['what nobody can read', 'hello', "no message of Kadam's: hello"],
  ])('says %s', async (_, body, said) => {
    expect(await text('uploads', body)).toBe(`2026-01-02T03:04:05Z  ${said}`);
  });

  it('says what the last attempt at a job died of', async () => {
    const job = aJob({ state: 'running', error: { code: 'OutOfTime', message: 'It took too long.' } });
    expect(await text('work', { job: job.id }, job)).toBe(
      `2026-01-02T03:04:05Z  a/photo.jpg with recipe web: running, OutOfTime: It took too long., job ${job.id}`,
    );
  });

  it('says that a job has no record, and what is no job', async () => {
    expect(await text('work', { job: 'other' })).toMatch(/job other, which has no record$/);
    expect(await text('work', { job: 'other', more: 1 })).toMatch(/no message of Kadam's: /);
    expect(await text('work', '[]')).toMatch(/no message of Kadam's: \[\]$/);
  });

  it("stays on one line, whatever a stranger's key or message has in it", async () => {
    expect(await text('uploads', event('a%0Ab%1B.jpg'))).toMatch(/a\\u\{a\}b\\u\{1b\}\.jpg$/);
    expect(await text('uploads', 'x'.repeat(1000))).toHaveLength(
      "2026-01-02T03:04:05Z  no message of Kadam's: ".length + 121,
    );
  });
});
