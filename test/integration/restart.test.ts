import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { photoLike } from '../../cli/photo-like.ts';
import { startTestCloud } from '../support/test-cloud.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kadam-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the embedded cloud, stopped in mid-job and started again', () => {
  it('brings the job to its end, long before its message would have come again', { timeout: 120_000 }, async () => {
    const claimed = Promise.withResolvers<void>();
    const onLine = (line: string) => /"claimed"/.test(line) && claimed.resolve();
    const first = await startTestCloud({ lambdaSeconds: 600, folder, onLine });
    const photo = await photoLike({ width: 2000, height: 1500 }).jpeg().toBuffer();
    const version = await first.upload('a.jpg', photo, 'web');
    await claimed.promise;
    await first.close();

    const second = await startTestCloud({ lambdaSeconds: 600, folder });
    try {
      const manifest = await second.manifest('a.jpg', version, 'web');
      expect(manifest).toMatchObject({ status: 'done', decision: { target: 'batch' } });
      expect(manifest.decision.reasons.at(-1)).toMatch(/killed during attempt 1/);
    } finally {
      await second.close();
    }
  });
});
