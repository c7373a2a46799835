import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { photoLike } from '../../cli/photo-like.ts';
import { startTestCloud, type TestCloud } from '../support/test-cloud.ts';

let onLambda: TestCloud;
let onBatch: TestCloud;
let photo: Buffer;

beforeAll(async () => {
  [onLambda, onBatch] = await Promise.all([
    startTestCloud({ lambdaSeconds: 120 }),
    startTestCloud({ lambdaSeconds: 1 }),
  ]);
  photo = await photoLike({ width: 1200, height: 800 }).withMetadata({ orientation: 6 }).jpeg().toBuffer();
}, 60_000);
afterAll(() => Promise.all([onLambda.close(), onBatch.close()]), 60_000);

const key = 'holiday/été à la mer.jpg';
const run = async (cloud: TestCloud) => cloud.manifest(key, await cloud.upload(key, photo), 'web');

describe('the same photograph', () => {
  it('comes out right by both ways, in the same bytes', { timeout: 120_000 }, async () => {
    const [lambda, batch] = await Promise.all([run(onLambda), run(onBatch)]);

    expect(lambda).toMatchObject({ status: 'done', decision: { target: 'lambda' } });
    expect(batch).toMatchObject({ status: 'done', decision: { target: 'batch' } });
    expect(batch.decision.reasons.join('\n')).toMatch(/does not fit Lambda/);
    expect(batch.recipe.hash).toBe(lambda.recipe.hash);

    expect(lambda.outputs.length).toBeGreaterThan(5);
    expect(batch.outputs.map(({ key: name }) => name)).toEqual(lambda.outputs.map(({ key: name }) => name));
    for (const output of lambda.outputs) {
      const { body, answer } = await onLambda.read(output.key, output.versionId);
      const other = await onBatch.read(output.key);
      expect(body.equals(other.body), `${output.key} differs`).toBe(true);
      expect(answer.ContentType).toBe(output.contentType);
      expect(answer.CacheControl).toMatch(/max-age/);
      expect(body.length).toBe(output.bytes);

      const { format, width, height, orientation } = await sharp(body).metadata();
      expect(`image/${format === 'heif' ? 'avif' : format}`).toBe(output.contentType);
      // The picture was stored on its side: upright it is 800 x 1200.
      expect({ width, height }).toEqual({ width: output.width, height: output.height });
      expect((height ?? 0) / (width ?? 1)).toBeCloseTo(1.5, 1);
      expect(orientation ?? 1).toBe(1);
    }
  });

  it('is announced by one event for each way', { timeout: 60_000 }, async () => {
    for (const { cloud } of [onLambda, onBatch]) {
      // The event comes after the manifest, on Batch when the state machine has settled the job.
      await expect.poll(() => cloud.events.events(), { timeout: 30_000 }).toHaveLength(1);
      expect(cloud.events.events()).toMatchObject([
        { detailType: 'Job done', detail: { status: 'done', input: { key } } },
      ]);
    }
  });

  it('stays on its way when it is uploaded again, as a job of its own', { timeout: 60_000 }, async () => {
    const before = await onLambda.manifest(key, await onLambda.upload(key, photo), 'web');
    const again = await run(onLambda);
    expect(again.job.id).not.toBe(before.job.id);
    expect(again.outputs.map(({ checksum }) => checksum)).toEqual(before.outputs.map(({ checksum }) => checksum));
    const named = again.outputs.map(({ key: name }) => name).concat(`${key}/web/manifest.json`);
    expect(await onLambda.list(`${key}/`)).toEqual(named.sort());
  });
});
