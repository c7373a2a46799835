// A TIFF of one gigapixel through the recipe `thumbnail` in a worker limited to 1 GiB: `npm run verify:gigapixel`. It needs
// about 8 GB of disk and a few minutes.

import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import sharp from 'sharp';
import type { Manifest } from '../../core/jobs/manifest.ts';
import { containerLimits } from '../../core/route/limits.ts';
import { localLimits } from '../../local/limits.ts';
import { credentials, region } from '../../local/names.ts';
import { startCloud } from '../../local/start-cloud.ts';

const side = 31_623;
const workerMiB = 1024;
const partBytes = 64 * 2 ** 20;
const Bucket = 'kadam-input';
const Key = 'gigapixel.tif';

/** Streams a picture of a gigapixel to disk: a small one, enlarged. */
const makePicture = async (path: string): Promise<void> => {
  const noise = await sharp({
    create: {
      width: 512,
      height: 512,
      channels: 3,
      background: '#446688',
      noise: { type: 'gaussian', mean: 128, sigma: 40 },
    },
  })
    .png()
    .toBuffer();
  await sharp(noise)
    .resize(side, side, { kernel: 'linear', fit: 'fill' })
    .tiff({ compression: 'none', bigtiff: true })
    .toFile(path);
};

const upload = async (s3: S3Client, path: string): Promise<void> => {
  const { size } = await stat(path);
  const Metadata = { 'kadam-recipe': 'thumbnail' };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, Metadata }));
  const Parts = [];
  for (let start = 0, PartNumber = 1; start < size; start += partBytes, PartNumber += 1) {
    const end = Math.min(start + partBytes, size);
    const Body = createReadStream(path, { start, end: end - 1 });
    const { ETag } = await s3.send(
      new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body, ContentLength: end - start }),
    );
    Parts.push({ ETag, PartNumber });
  }
  await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
};

const manifestOf = async (s3: S3Client): Promise<Manifest> => {
  for (;;) {
    try {
      const answer = await s3.send(
        new GetObjectCommand({ Bucket: 'kadam-output', Key: `${Key}/thumbnail/manifest.json` }),
      );
      return JSON.parse((await answer.Body?.transformToString()) ?? '') as Manifest;
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'NoSuchKey') throw error;
      await sleep(1000);
    }
  }
};

const folder = await mkdtemp(join(tmpdir(), 'kadam-verify-'));
const limits = await localLimits();
const cloud = await startCloud({
  dataDir: join(folder, 'data'),
  // A second is too short for anything: it goes to Batch, which gives it no more than this.
  limits: {
    ...limits,
    lambda: { ...limits.lambda, timeoutSeconds: 1 },
    containers: { ...limits.containers, filter: { ...containerLimits(limits, 'filter'), memoryMiB: workerMiB } },
  },
  log: (line) => /ended|failed/.test(line) && console.log(line),
});
const s3 = new S3Client({ endpoint: cloud.endpoint, region, credentials });
try {
  const path = join(folder, 'gigapixel.tif');
  await makePicture(path);
  console.log(`made ${side} x ${side} pixels, ${((await stat(path)).size / 1e9).toFixed(1)} GB`);
  await upload(s3, path);
  await rm(path);
  console.log('uploaded; endpoint at', (await readFile('/proc/self/status', 'utf8')).match(/VmHWM:\s*(.*)/)?.[1]);
  const { status, decision, measured, outputs, error } = await manifestOf(s3);
  console.log({
    status,
    error,
    target: decision.target,
    estimated: decision.estimate?.memoryMiB,
    measured,
    outputs: outputs.length,
  });
  const isWell = status === 'done' && decision.target === 'batch' && (measured?.peakMemoryMiB ?? workerMiB) < workerMiB;
  console.log(isWell ? `done within ${workerMiB} MiB` : 'FAILED');
  process.exitCode = isWell ? 0 : 1;
} finally {
  s3.destroy();
  await cloud.close();
  await rm(folder, { recursive: true, force: true });
}
