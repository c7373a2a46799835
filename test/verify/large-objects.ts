import { createHash, randomFillSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { credentials, region } from '../../local/names.ts';
import { startEndpoint } from './endpoint.ts';

// Puts 2 GiB into the embedded S3 and takes them out again: in one PUT, in parts, and copied in parts. Prints the time
// of each and the most memory that the endpoint's process has had by then; exits with 1 where bytes are not the same
// or the memory passes its limit. Needs 10 GiB of disk for a minute.

const bytes = 2 * 1024 ** 3;
const limitMB = 200;
const partBytes = 64 * 1024 ** 2;
const block = randomFillSync(Buffer.alloc(1024 ** 2));

/** The same bytes at every call, never all in memory. */
function* generate(length: number): Generator<Buffer> {
  for (let sent = 0; sent < length; sent += block.length) {
    // Blocks differ, so that one in the wrong place is seen.
    block.writeUInt32BE(sent / block.length);
    yield Buffer.from(block);
  }
}
const expected = createHash('sha256');
for (const piece of generate(bytes)) expected.update(piece);
const expectedHash = expected.digest('hex');

const dataDir = await mkdtemp(join(tmpdir(), 'kadam-large-'));
const server = await startEndpoint(dataDir);
const client = new S3Client({ endpoint: server.endpoint, region, credentials });
const Bucket = 'pictures';
let failed = false;

const step = async (name: string, run: () => Promise<void>): Promise<void> => {
  const begun = performance.now();
  await run();
  const seconds = (performance.now() - begun) / 1000;
  const rate = bytes / 1024 ** 2 / seconds;
  process.stdout.write(
    `${name.padEnd(36)} ${seconds.toFixed(1).padStart(6)} s ${rate.toFixed(0).padStart(5)} MiB/s   peak ${(await server.peakMB()).toFixed(0)} MB\n`,
  );
};

const read = async (Key: string): Promise<void> => {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
  if (!(Body instanceof Readable)) throw new Error('Expected a stream of Node.');
  const hash = createHash('sha256');
  for await (const chunk of Body) hash.update(chunk);
  if (hash.digest('hex') === expectedHash) return;
  failed = true;
  process.stdout.write(`FAIL  ${Key}: other bytes came out than went in\n`);
};

/** An upload in parts, two at a time. */
const inParts = async (
  Key: string,
  send: (UploadId: string, part: number) => Promise<CompletedPart>,
): Promise<void> => {
  const { UploadId = '' } = await client.send(
    new CreateMultipartUploadCommand({ Bucket, Key, ChecksumAlgorithm: 'CRC64NVME' }),
  );
  const Parts: CompletedPart[] = [];
  for (let part = 1; part <= bytes / partBytes; part += 2) {
    Parts.push(...(await Promise.all([send(UploadId, part), send(UploadId, part + 1)])));
  }
  await client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
};

try {
  await step('single PUT', async () => {
    const Body = Readable.from(generate(bytes));
    await client.send(new PutObjectCommand({ Bucket, Key: 'single', Body, ContentLength: bytes }));
  });
  await step('GET of it', () => read('single'));
  await step('copy of it in parts', () =>
    inParts('copy', async (UploadId, PartNumber) => {
      const first = (PartNumber - 1) * partBytes;
      const CopySourceRange = `bytes=${first}-${first + partBytes - 1}`;
      const input = { Bucket, Key: 'copy', UploadId, PartNumber, CopySource: `${Bucket}/single`, CopySourceRange };
      const { CopyPartResult: result } = await client.send(new UploadPartCopyCommand(input));
      return { PartNumber, ETag: result?.ETag, ChecksumCRC64NVME: result?.ChecksumCRC64NVME };
    }),
  );
  await step('GET of the copy', () => read('copy'));
  await step('PUT in parts of 64 MiB, two at once', async () => {
    const pieces = generate(bytes);
    await inParts('parts', async (UploadId, PartNumber) => {
      const body: Buffer[] = [];
      for (let size = 0; size < partBytes; size += block.length) body.push(pieces.next().value ?? Buffer.alloc(0));
      const input = { Bucket, Key: 'parts', UploadId, PartNumber, Body: Buffer.concat(body) };
      const { ETag, ChecksumCRC64NVME } = await client.send(
        new UploadPartCommand({ ...input, ChecksumAlgorithm: 'CRC64NVME' }),
      );
      return { PartNumber, ETag, ChecksumCRC64NVME };
    });
  });
  await step('GET of it', () => read('parts'));
  const peak = await server.peakMB();
  if (peak > limitMB) failed = true;
  process.stdout.write(`peak memory of the endpoint: ${peak.toFixed(0)} MB (at most ${limitMB} are allowed)\n`);
} finally {
  client.destroy();
  await server.close();
  await rm(dataDir, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;
