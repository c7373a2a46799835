import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimed } from '../../../core/jobs/claim.ts';
import type { Job } from '../../../core/jobs/job.ts';
import { containerLimits, type RoutingLimits } from '../../../core/route/limits.ts';
import { inspectUpload } from '../../../core/use-cases/inspect-upload.ts';
import type { Worker } from '../../../core/use-cases/run-job.ts';
import { limits, makeScene } from '../../support/scene.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kadam-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** So many frames, longer than what the header probe reads of a file. */
const animation = async (frames: number): Promise<Buffer> => {
  const [width, height] = [300, 200];
  const data = Buffer.alloc(width * height * frames * 3);
  for (let index = 0; index < data.length; index += 1) data[index] = (index * 7919 + (index >> 7) * 31) % 256;
  return sharp(data, { raw: { width, height: height * frames, channels: 3, pageHeight: height } })
    .gif()
    .toBuffer();
};

/** A job of this file under `web`, claimed, with the file staged. */
const staged = async (body: Buffer) => {
  const scene = await makeScene();
  const job = await scene.dispatch(scene.input.put('a.gif', body));
  if (job === undefined) throw new Error('the upload is gone');
  const path = join(folder, job.id);
  await writeFile(path, body);
  const held = await scene.jobs.replace(claimed((await scene.jobs.get(job.id)) ?? job, scene.worker('r').owner, 0, 60));
  const recipe = await scene.ports.recipes.load(job.recipe.hash ?? '');
  if (held === undefined || recipe === undefined) throw new Error('not stored');
  const upload = { folder, path, checksum: '', seconds: 0, cleanUp: async () => {} };
  const inspect = async (worker: Partial<Worker> = {}, attempted: Job = held) =>
    (await inspectUpload(attempted, recipe.recipe, upload, { ...scene.worker('r'), ...worker }, scene.ports)).job;
  return { scene, job: held, inspect };
};

const withSeconds = (lambda: number, batch: number): RoutingLimits => ({
  ...limits,
  lambda: { ...limits.lambda, timeoutSeconds: lambda },
  containers: { filter: { ...containerLimits(limits, 'filter'), timeoutSeconds: batch } },
});
const onBatch = { kind: 'batch', jobId: 'b', attempt: 1 } as const;

describe('inspectUpload', () => {
  it('counts the frames that the header could not tell, and estimates anew', async () => {
    const { scene, job, inspect } = await staged(await animation(12));
    expect(job.traits?.frames.known).toBe('atLeast');
    const inspected = await inspect();
    expect(inspected.traits?.frames).toEqual({ count: 12, known: 'exact' });
    expect(inspected.decision.target).toBe('lambda');
    expect(inspected.decision.reasons).toEqual([...job.decision.reasons, 'the whole file has 12 frames']);
    expect(inspected.decision.estimate?.seconds.median).toBeGreaterThan(job.decision.estimate?.seconds.median ?? 0);
    expect(await scene.jobs.get(job.id)).toEqual(inspected);
  });

  it('hands over before it begins what does not fit this function after all', async () => {
    const { scene, job, inspect } = await staged(await animation(12));
    const rejected = inspect({ limits: withSeconds(4, 3600) });
    await expect(rejected).rejects.toMatchObject({
      name: 'CapacityError',
      code: 'BeyondFunction',
      message: expect.stringMatching(/^the whole file has 12 frames; seconds: at most .* does not fit Lambda/),
    });
    const stored = await scene.jobs.get(job.id);
    expect(stored).toMatchObject({ traits: { frames: { count: 12 } } });
    expect(stored?.decision.estimate?.seconds.upper).toBeGreaterThan(4);
  });

  it('decides again on every attempt, whatever the one before has stored', async () => {
    const { scene, job, inspect } = await staged(await animation(12));
    await expect(inspect({ limits: withSeconds(4, 3600) })).rejects.toMatchObject({ code: 'BeyondFunction' });
    const stored = await scene.jobs.get(job.id);
    expect(stored?.traits?.frames.known).toBe('exact');
    const next = await inspect({ limits: withSeconds(4, 3600) }, stored).catch((error: unknown) => error);
    expect(next).toMatchObject({ code: 'BeyondFunction' });
    expect(await scene.jobs.get(job.id)).toEqual(stored);
  });

  it('rejects what fits nothing after all, on either target', async () => {
    const { inspect } = await staged(await animation(12));
    const tooLarge = { name: 'InvalidInputError', code: 'TooLarge' };
    await expect(inspect({ limits: withSeconds(4, 4) })).rejects.toMatchObject(tooLarge);
    await expect(inspect({ limits: withSeconds(4, 4), owner: onBatch })).rejects.toMatchObject(tooLarge);
  });

  it('goes on with a job on Batch that fits there', async () => {
    const { inspect } = await staged(await animation(12));
    const inspected = await inspect({ limits: withSeconds(4, 3600), owner: onBatch });
    expect(inspected.traits?.frames).toEqual({ count: 12, known: 'exact' });
  });

  it('writes nothing where the header told all', async () => {
    const { scene, job, inspect } = await staged(
      await sharp(await animation(1))
        .jpeg()
        .toBuffer(),
    );
    expect(await inspect()).toBe(job);
    expect(await scene.jobs.get(job.id)).toEqual(job);
  });
});
