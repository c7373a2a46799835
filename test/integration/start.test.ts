import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  GetObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { photoLike } from '../../cli/photo-like.ts';
import type { Manifest } from '../../core/jobs/manifest.ts';
import { credentials, region } from '../../local/names.ts';
import { processesWith } from '../support/kill-worker.ts';

let folder: string;
const started: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kadam-test-'));
});
afterEach(async () => {
  for (const child of started.splice(0)) if (child.pid && child.exitCode === null) killGroup(child);
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

/** Everything of `npm start` that a person's `kill -9` finds: the launcher and the cloud. */
const killGroup = ({ pid }: ChildProcess): void => {
  try {
    if (pid) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
};

/** A terminal sends SIGINT to every process of the foreground group. */
const pressCtrlC = ({ pid = 0 }: ChildProcess): void => {
  process.kill(-pid, 'SIGINT');
};

/** What `npm start` runs, with its temp folder in the test's own. `ended` tells its exit code and what it said. */
const start = (...words: string[]) => {
  const child = spawn(process.execPath, ['bin/kadam.mjs', 'cli/start.ts', ...words], {
    detached: true,
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let said = '';
  const listeners = new Set<() => void>();
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      for (const listener of listeners) listener();
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, said }));
  const until = (pattern: RegExp, times = 1): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = () => {
        const found = [...said.matchAll(new RegExp(pattern, 'g'))];
        const last = found[times - 1];
        if (last) resolve(last[1] ?? last[0]);
      };
      listeners.add(look);
      look();
      ended.then((end) => reject(new Error(`it ended: ${JSON.stringify(end)}`)));
    });
  return { child, ended, until, endpoint: () => until(/runs at (http:\S+)/) };
};

const workersOf = (endpoint: string): number[] => [
  ...processesWith('AWS_LAMBDA_FUNCTION_NAME', /./, endpoint),
  ...processesWith('AWS_BATCH_JOB_ID', /./, endpoint),
];

describe('npm start', () => {
  it('killed in the middle of ten jobs and started again, finishes all ten, once each', {
    timeout: 240_000,
  }, async () => {
    const data = join(folder, 'data');
    const first = start('--port', '0', '--data', data, '--lambda-limit-seconds', '12');
    const photo = await photoLike({ width: 2400, height: 1800 }).jpeg().toBuffer();
    const uploads = Array.from({ length: 10 }, (_, index) => ({
      key: `photo ${index}.jpg`,
      // Three of ten do not fit the function's 12 s.
      recipe: index % 4 === 0 ? 'web' : 'thumbnail',
    }));
    let s3 = new S3Client({ endpoint: await first.endpoint(), region, credentials });
    for (const { key, recipe } of uploads) {
      const Metadata = { 'kadam-recipe': recipe };
      await s3.send(new PutObjectCommand({ Bucket: 'kadam-input', Key: key, Body: photo, Metadata }));
    }
    s3.destroy();
    await first.until(/claimed.*lambda\//);
    await first.until(/claimed.*batch\//);
    killGroup(first.child);
    await first.ended;

    const second = start('--port', '0', '--data', data, '--lambda-limit-seconds', '12');
    s3 = new S3Client({ endpoint: await second.endpoint(), region, credentials });
    const list = async () => {
      const answer = await s3.send(new ListObjectsV2Command({ Bucket: 'kadam-output' }));
      return (answer.Contents ?? []).map(({ Key }) => Key ?? '');
    };
    const manifestKeys = uploads.map(({ key, recipe }) => `${key}/${recipe}/manifest.json`);
    for (let keys = await list(); manifestKeys.some((key) => !keys.includes(key)); keys = await list())
      await sleep(200);

    const named: string[] = [];
    for (const key of manifestKeys) {
      const answer = await s3.send(new GetObjectCommand({ Bucket: 'kadam-output', Key: key }));
      const manifest = JSON.parse((await answer.Body?.transformToString()) ?? '') as Manifest;
      expect([manifest.status, manifest.error]).toEqual(['done', undefined]);
      named.push(key, ...manifest.outputs.map((output) => output.key));
    }
    expect((await list()).sort()).toEqual(named.sort());
    const versions = await s3.send(new ListObjectVersionsCommand({ Bucket: 'kadam-output' }));
    expect(versions.Versions).toHaveLength(named.length);
    s3.destroy();

    pressCtrlC(second.child);
    expect(await second.ended).toMatchObject({ code: 0 });
    expect(await readdir(folder)).toEqual(['data']);
    expect(await readdir(data)).not.toContain('tmp');
  });

  it('ends on Ctrl-C and leaves no process, even in the middle of a job', { timeout: 60_000 }, async () => {
    const cloud = start('--port', '0', '--data', join(folder, 'data'));
    const endpoint = await cloud.endpoint();
    const s3 = new S3Client({ endpoint, region, credentials });
    const Body = await photoLike({ width: 2000, height: 1500 }).jpeg().toBuffer();
    await s3.send(new PutObjectCommand({ Bucket: 'kadam-input', Key: 'a.jpg', Body }));
    s3.destroy();
    await cloud.until(/claimed/);
    expect(workersOf(endpoint).length).toBeGreaterThan(0);
    pressCtrlC(cloud.child);
    const ended = await cloud.ended;
    expect(ended).toMatchObject({ code: 0, said: expect.stringContaining('Stopping.') });
    expect(ended.said).toMatch(/^\d\d:\d\d:\d\d process +claimed +a\.jpg +\(web, lambda\)/m);
    expect(ended.said).not.toContain('_aws');
    expect(workersOf(endpoint)).toEqual([]);
  });

  it('ends when its launcher is killed', { timeout: 60_000 }, async () => {
    const data = join(folder, 'data');
    const cloud = start('--port', '0', '--data', data);
    const endpoint = await cloud.endpoint();
    cloud.child.kill('SIGKILL');
    await cloud.ended;
    expect(workersOf(endpoint)).toEqual([]);
    await expect(fetch(endpoint)).rejects.toThrow();
  });
});
