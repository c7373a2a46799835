import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { photoLike } from '../../cli/photo-like.ts';
import type { Job } from '../../core/jobs/job.ts';
import { accountId, credentials, region } from '../../local/names.ts';
import { runCli } from '../support/run-cli.ts';
import { startTestCloud, type TestCloud } from '../support/test-cloud.ts';

let cloud: TestCloud;
let sqs: SQSClient;
let job: Job;

const run = (command: string, ...words: string[]) =>
  runCli(command, [...words, '--port', new URL(cloud.cloud.endpoint).port]);

const jobOf = async (key: string): Promise<Job> => {
  const { stdout } = await run('status', key, '--wait', '--json');
  return JSON.parse(stdout).jobs[0].job;
};

beforeAll(async () => {
  cloud = await startTestCloud({ lambdaSeconds: 20 });
  sqs = new SQSClient({ endpoint: cloud.cloud.endpoint, region, credentials });
  await cloud.upload('a b.jpg', await photoLike({ width: 300, height: 200 }).jpeg().toBuffer(), 'thumbnail');
  job = await jobOf('a b.jpg');
}, 120_000);
afterAll(async () => {
  sqs.destroy();
  await cloud.close();
}, 60_000);

const urlOf = (queue: string): string => `${cloud.cloud.endpoint}/${accountId}/${queue}`;
const bury = (queue: 'uploads' | 'work', message: unknown) =>
  sqs.send(new SendMessageCommand({ QueueUrl: urlOf(`kadam-${queue}-dead`), MessageBody: JSON.stringify(message) }));
const lettersLeft = async (queue: 'uploads' | 'work'): Promise<number> => {
  const request = new GetQueueAttributesCommand({ QueueUrl: urlOf(`kadam-${queue}-dead`), AttributeNames: ['All'] });
  const { Attributes = {} } = await sqs.send(request);
  return Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible);
};

describe('npm run redrive', () => {
  it('shows the dead letters of uploads, and has them dispatched after all', { timeout: 60_000 }, async () => {
    expect(job).toMatchObject({ state: 'done', run: 1 });
    const { bucket, key, versionId, etag, bytes } = job.upload;
    await bury('uploads', { reprocess: { request: 'lost', upload: { bucket, key, versionId, etag, bytes } } });
    const shown = await run('redrive', 'uploads', '--dry-run');
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(shown.stdout).toMatch(/^About 1 dead letter of the uploads queue\n {2}\d{4}-.*Z {2}reprocess a b\.jpg\n$/);
    expect(await lettersLeft('uploads')).toBe(1);

    // Letters that were looked at are hidden for some seconds.
    await expect
      .poll(async () => (await run('redrive', 'uploads')).stdout, { timeout: 30_000 })
      .toMatch(/Z {2}reprocess a b\.jpg\n1 dead letter sent back to the uploads queue\n$/);
    expect(await lettersLeft('uploads')).toBe(0);
    await expect.poll(async () => (await jobOf('a b.jpg')).run, { timeout: 30_000 }).toBe(2);
  });

  it('says what is known of the jobs of the work queue', { timeout: 60_000 }, async () => {
    await bury('work', { job: job.id });
    await bury('work', { job: 'nobody' });
    const { code, stdout } = await run('redrive', 'work');
    expect(code).toBe(0);
    expect(stdout).toContain(`a b.jpg with recipe thumbnail: done, job ${job.id}\n`);
    expect(stdout).toContain('job nobody, which has no record\n');
    expect(stdout).toContain('2 dead letters sent back to the work queue\n');
    expect(await lettersLeft('work')).toBe(0);
  });

  it('does nothing where there is none', { timeout: 60_000 }, async () => {
    const text = 'About 0 dead letters of the uploads queue\n0 dead letters sent back to the uploads queue\n';
    expect(await run('redrive', 'uploads')).toEqual({ code: 0, stdout: text, stderr: '' });
  });

  it.each([
    ['no queue', [], /Expected one queue but received 0\.[\s\S]*Usage/],
    ['a queue that is none', ['settle'], /Expected uploads or work for the queue but received 'settle'\.[\s\S]*Usage/],
  ])('refuses %s in words', { timeout: 60_000 }, async (_name, args, text) => {
    expect(await run('redrive', ...args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(text) });
  });
});
