import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as send } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { bucket, failureOf, sendRaw, startS3ForTest } from './s3-harness.ts';
import { presign, signRequest } from './sign-request.ts';

const megabyte = 1024 ** 2;
const objectBytes = 200 * megabyte;

const listening = z.tuple([z.object({ port: z.number() })]).rest(z.unknown());
const peak = z.tuple([z.object({ peakKilobytes: z.number() })]).rest(z.unknown());

it('200 MB go in and out without being held in memory', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'kadam-s3-'));
  const child = fork(join(import.meta.dirname, 'streaming-server.ts'), [dataDir], {
    execArgv: ['--max-old-space-size=64'],
  });
  onTestFinished(async () => {
    const gone = once(child, 'exit');
    child.disconnect();
    await gone;
    await rm(dataDir, { recursive: true, force: true });
  });
  const [{ port }] = listening.parse(await once(child, 'message'));

  const block = Buffer.alloc(megabyte, 'kadam');
  const path = `/${bucket}/large`;
  const { headers } = signRequest({ port, method: 'PUT', path, headers: { 'content-length': objectBytes } });
  const put = send({ host: '127.0.0.1', port, method: 'PUT', path, headers, agent: false });
  const answered = once(put, 'response');
  await pipeline(Readable.from(Array.from({ length: 200 }, () => block)), put);
  const [{ statusCode }] = z.tuple([z.object({ statusCode: z.number() })]).parse(await answered);
  expect(statusCode).toBe(200);

  const got = await fetch(`http://127.0.0.1:${port}${presign({ port, method: 'GET', path }, 60)}`);
  let bytes = 0;
  for await (const chunk of got.body ?? []) {
    bytes += chunk.length;
  }
  expect(bytes).toBe(objectBytes);

  child.send('peak');
  const [{ peakKilobytes }] = peak.parse(await once(child, 'message'));
  expect(peakKilobytes).toBeLessThan(190 * 1024);
});

it('a large body that is refused at once is answered, not cut off', async () => {
  const { port } = await startS3ForTest();
  const body = Buffer.alloc(30 * megabyte);
  const answer = await sendRaw(port, 'PUT', '/missing/a', { 'content-length': body.length }, body);
  expect(answer.status).toBe(404);
  const broken = {
    'content-length': body.length,
    'content-encoding': 'aws-chunked',
    'x-amz-decoded-content-length': 1,
  };
  expect(await sendRaw(port, 'PUT', `/${bucket}/a`, broken, body)).toMatchObject({ status: 400 });
});

it('a reader that goes away half-way holds nothing', async () => {
  const { client, bodies } = await startS3ForTest();
  const target = { Bucket: bucket, Key: 'a' };
  await client.send(new PutObjectCommand({ ...target, Body: Buffer.alloc(20 * megabyte) }));
  const { Body } = await client.send(new GetObjectCommand(target));
  if (!(Body instanceof Readable)) {
    throw new Error('Expected a stream of Node.');
  }
  await once(Body, 'readable');
  Body.destroy();
  await client.send(new PutObjectCommand({ ...target, Body: 'small' }));
  await expect.poll(async () => (await bodies()).length).toBe(1);
  expect(await failureOf(client.send(new HeadObjectCommand({ ...target, IfMatch: '"x"' })))).toMatchObject({
    status: 412,
  });
});
