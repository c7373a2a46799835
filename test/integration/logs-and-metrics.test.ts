import { DeleteItemCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { photoLike } from '../../cli/photo-like.ts';
import { credentials, region } from '../../local/names.ts';
import { startTestCloud, type TestCloud } from '../support/test-cloud.ts';

/** A line of the structured log: an event, or (with `_aws`) a measurement. `source` is who wrote it. */
type Line = Record<string, unknown> & { source: string };

/** In one cloud the function has time for everything, in the other not for animations. */
let roomy: TestCloud;
let tight: TestCloud;
/** The newer version of `twice.jpg`, and its upload, as soon as the first is on its way to a worker. */
let newer: Buffer;
let overtaken: Promise<unknown> | undefined;
const overtake = (line: string): void => {
  if (/"dispatched".*twice\.jpg/.test(line)) overtaken ??= roomy.upload('twice.jpg', newer, 'thumbnail');
};

const photo = (width: number) =>
  photoLike({ width, height: width / 2 })
    .jpeg()
    .toBuffer();

/** An animation of more frames than the function has time for, which the header does not tell. */
const longAnimation = (): Promise<Buffer> => {
  const [width, height, frames] = [300, 200, 30];
  const data = Buffer.alloc(width * height * frames * 3);
  for (let index = 0; index < data.length; index += 1) data[index] = (index * 7919 + (index >> 7) * 31) % 256;
  const raw = { width, height: height * frames, channels: 3, pageHeight: height } as const;
  return sharp(data, { raw }).gif({ effort: 1 }).toBuffer();
};

const forgetRecipes = async (): Promise<void> => {
  const client = new DynamoDBClient({ endpoint: roomy.cloud.endpoint, region, credentials });
  const { Items = [] } = await client.send(new ScanCommand({ TableName: 'kadam-jobs' }));
  const recipes = Items.flatMap(({ pk }) => (pk?.S?.startsWith('recipe#') ? [{ pk }] : []));
  await Promise.all(recipes.map((Key) => client.send(new DeleteItemCommand({ TableName: 'kadam-jobs', Key }))));
  client.destroy();
};

const lines = (): Line[] =>
  [...roomy.lines, ...tight.lines].flatMap((text): Line[] => {
    const [, source = '', json = ''] = /^(\S+): (\{.*\})$/.exec(text) ?? [];
    return json === '' ? [] : [{ ...JSON.parse(json), source }];
  });

/** The ends that were counted of jobs of a key: `done`. */
const ends = (key: string) => lines().flatMap((line) => (line.key === key && line.Jobs === 1 ? [line.state] : []));
const measured = (key: string) => lines().filter((line) => line.key === key && line.MeasuredSeconds !== undefined);

/** A recipe of its own, which has its upload done on Batch. */
const sidecar = 'runOn: batch\noutputs: [{ name: small, steps: [resize: { width: 100 }], formats: [jpeg] }]\n';

const keys = ['lambda.jpg', 'batch.jpg', 'handed.gif', 'rejected.jpg', 'twice.jpg', 'failed.jpg'];

beforeAll(async () => {
  newer = await photo(600);
  roomy = await startTestCloud({ lambdaSeconds: 120, onLine: overtake });
  tight = await startTestCloud({ lambdaSeconds: 4 });
  await roomy.upload('batch.jpg.kadam.yml', sidecar);
  await Promise.all([
    roomy.upload('lambda.jpg', await photo(800), 'thumbnail'),
    roomy.upload('batch.jpg', await photo(800), 'sidecar'),
    roomy.upload('rejected.jpg', 'no picture'),
    roomy.upload('twice.jpg', await photo(2400), 'thumbnail'),
    tight.upload('handed.gif', await longAnimation(), 'web'),
  ]);
  const isSettled = () => keys.slice(0, 5).every((key) => ends(key).length >= (key === 'twice.jpg' ? 2 : 1));
  await vi.waitUntil(isSettled, { timeout: 150_000, interval: 200 });
  await overtaken;
  // What the record points to is lost: nobody can do the job.
  await forgetRecipes();
  await roomy.upload('failed.jpg', await photo(800), 'thumbnail');
  await vi.waitUntil(() => ends('failed.jpg').length > 0, { timeout: 30_000, interval: 200 });
}, 200_000);
afterAll(() => Promise.all([roomy.close(), tight.close()]), 60_000);

describe('the end of every job', () => {
  it.each([
    ['done on Lambda', 'lambda.jpg', ['done'], ['lambda']],
    ['done on Batch', 'batch.jpg', ['done'], ['batch']],
    ['handed over to Batch, and done there', 'handed.gif', ['done'], ['batch']],
    ['rejected', 'rejected.jpg', ['rejected'], []],
    ['superseded, and done by the newer upload', 'twice.jpg', ['done', 'superseded'], ['lambda']],
    ['failed', 'failed.jpg', ['failed'], []],
  ])('is counted once: %s', (_name, key, states, targets) => {
    expect(ends(key).sort()).toEqual(states);
    // The older upload may have been overtaken before it was rendered, or after.
    expect([...new Set(measured(key).map(({ target }) => target))]).toEqual(targets);
    for (const line of measured(key)) {
      expect(line.MeasuredSeconds).toBeGreaterThan(0);
      expect(line.PredictionRatio).toBeGreaterThan(0);
      expect(line.JobDollars).toBeGreaterThan(0);
    }
  });

  it('is counted by functions alone', () => {
    const sources = lines().flatMap((line) => ('_aws' in line ? [line.source] : []));
    expect([...new Set(sources)].sort()).toEqual(['kadam-local-dispatch', 'kadam-local-process', 'kadam-local-settle']);
  });
});

describe('the dispatcher', () => {
  it('counts every upload once, and where it goes', () => {
    const counted = (name: string) => lines().filter((line) => line[name] !== undefined);
    expect(counted('Uploads')).toHaveLength(keys.length + 1);
    const targets = counted('Decisions').map(({ key, target }) => `${key} ${target}`);
    expect(targets).toContain('batch.jpg batch');
    expect(targets).toContain('handed.gif lambda');
    expect(targets).toContain('rejected.jpg reject');
  });
});

describe('every line about a job', () => {
  /** What is written while a job is under way: all that workers write, and all of the dispatcher but its start. */
  const about = () => lines().filter(({ source }) => source !== 'kadam-local-dispatch');

  it('names it: job, key, recipe, target and execution, in functions and containers', () => {
    const written = about();
    const sources = new Set(written.map(({ source }) => (source.startsWith('kadam-local-') ? source : 'container')));
    expect([...sources].sort()).toEqual(['container', 'kadam-local-process', 'kadam-local-settle']);
    for (const line of written) {
      expect(line, JSON.stringify(line)).toMatchObject({
        service: 'kadam-local',
        level: expect.stringMatching(/^(INFO|WARN|ERROR)$/),
        message: expect.stringMatching(/./),
        job: expect.stringMatching(/^[0-9a-f]{32}$/),
        key: expect.stringMatching(/\.(jpg|gif)$/),
        recipe: expect.stringMatching(/^(web|thumbnail|sidecar)$/),
        target: expect.stringMatching(/^(lambda|batch|reject)$/),
        execution: expect.anything(),
      });
    }
  });

  it('is the structured log: nothing is written around it', () => {
    const others = [...roomy.lines, ...tight.lines].filter((line) => !/^\S+: \{.*\}$/.test(line));
    expect(others).toEqual([]);
  });

  it('tells the function, the request and the cold start in functions', () => {
    const claims = about().filter(({ source, message }) => source === 'kadam-local-process' && message === 'claimed');
    expect(claims.length).toBeGreaterThan(0);
    for (const claim of claims) {
      expect(claim).toMatchObject({
        function_name: 'kadam-local-process',
        function_request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        cold_start: expect.any(Boolean),
      });
    }
    expect(claims.some(({ cold_start }) => cold_start === true)).toBe(true);
  });
});
