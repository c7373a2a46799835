import sharp from 'sharp';
import { afterEach, describe, expect, it } from 'vitest';
import { photoLike } from '../../cli/photo-like.ts';
import { killContainers, killFunctions } from '../support/kill-worker.ts';
import { startTestCloud, type TestCloud, type TestCloudOptions } from '../support/test-cloud.ts';

let cloud: TestCloud;
afterEach(() => cloud.close(), 60_000);

/** A cloud in which the first worker that claims a job and says so on a line with `mark` is killed there and then. */
const startKilling = async (mark: RegExp, kill: (endpoint: string) => number, options: TestCloudOptions) => {
  let kills = 0;
  cloud = await startTestCloud({
    ...options,
    onLine: (line) => {
      if (kills === 0 && mark.test(line)) kills += kill(cloud.cloud.endpoint);
    },
  });
  return { kills: () => kills };
};

const expectOneSetOfOutputs = async (key: string, version: string): Promise<string[]> => {
  const manifest = await cloud.manifest(key, version, 'thumbnail');
  expect(manifest).toMatchObject({ status: 'done', decision: { target: 'batch' } });
  const named = manifest.outputs.map(({ key: name }) => name);
  expect(await cloud.list(`${key}/`)).toEqual([...named, `${key}/thumbnail/manifest.json`].sort());
  for (const { key: name, width, height } of manifest.outputs) {
    const metadata = await sharp((await cloud.read(name)).body).metadata();
    expect(metadata).toMatchObject({ width, height });
  }
  await expect
    .poll(() => cloud.cloud.events.events().map(({ detailType }) => detailType), { timeout: 20_000 })
    .toEqual(['Job done']);
  return manifest.decision.reasons;
};

const photo = () => photoLike({ width: 2400, height: 1600 }).jpeg().toBuffer();

describe('a worker killed with SIGKILL in mid-job', () => {
  it('on Lambda: the job goes to Batch and ends once', { timeout: 120_000 }, async () => {
    const { kills } = await startKilling(/kadam-local-process.*"claimed"/, killFunctions, { lambdaSeconds: 8 });
    const version = await cloud.upload('a.jpg', await photo(), 'thumbnail');
    const reasons = await expectOneSetOfOutputs('a.jpg', version);
    expect(kills()).toBeGreaterThan(0);
    expect(reasons.join('\n')).toMatch(/fits Lambda[\s\S]*killed during attempt 1/);
  });

  it('on Batch: it is run again, with more memory, and ends once', { timeout: 120_000 }, async () => {
    const { kills } = await startKilling(/"claimed".*batch/, killContainers, { lambdaSeconds: 1 });
    const version = await cloud.upload('b.jpg', await photo(), 'thumbnail');
    await expectOneSetOfOutputs('b.jpg', version);
    expect(kills()).toBeGreaterThan(0);
    expect(cloud.lines.filter((line) => /"claimed"/.test(line))).toHaveLength(2);
  });
});
