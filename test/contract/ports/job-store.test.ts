import {
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoDbJobIndex } from '../../../aws/dynamodb-job-index.ts';
import { dynamoDbJobStore } from '../../../aws/dynamodb-job-store.ts';
import { dynamoDbRecipeStore } from '../../../aws/dynamodb-recipe-store.ts';
import { jobsTableDefinition } from '../../../aws/jobs-table.ts';
import type { JobStore, RecipeStore } from '../../../core/ports.ts';
import { hashRecipe } from '../../../core/recipe/canonical-recipe.ts';
import { createDynamoDb } from '../../../local/dynamodb.ts';
import { type Gateway, startGateway } from '../../../local/gateway.ts';
import { credentials, region } from '../../../local/names.ts';
import type { LocalService } from '../../../local/service.ts';
import { aJob } from '../../support/jobs.ts';
import { memoryJobStore, memoryRecipeStore } from '../../support/memory-ports.ts';

let service: LocalService;
let gateway: Gateway;
let client: DynamoDBClient;
let isLosingAnswers = false;

beforeAll(async () => {
  service = await createDynamoDb({});
  gateway = await startGateway({
    services: { dynamodb: service },
    onRequest: (request, response) => {
      if (!isLosingAnswers || request.headers['x-amz-target'] !== 'DynamoDB_20120810.PutItem') return;
      isLosingAnswers = false;
      // The write is done, its answer never arrives: the SDK sends it again.
      response.end = (() => response.destroy()) as typeof response.end;
    },
  });
  client = new DynamoDBClient({ endpoint: gateway.endpoint, region, credentials });
  await client.send(new CreateTableCommand({ TableName: 'jobs', ...jobsTableDefinition }));
  await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 1, maxDelay: 1 }, { TableName: 'jobs' });
});

afterAll(async () => {
  client.destroy();
  await gateway.close();
  await service.close();
});

const stores: [string, () => JobStore][] = [
  ['in memory', memoryJobStore],
  ['on DynamoDB', () => dynamoDbJobStore(client, 'jobs')],
];
let count = 0;
const freshJob = () => aJob({ id: String(++count).padStart(32, '0') });

describe.each(stores)('job store %s', (_name, make) => {
  it('creates a record once, and answers the one that is there', async () => {
    const store = make();
    const job = freshJob();
    expect(await store.create(job)).toEqual({ isNew: true, job });
    expect(await store.create({ ...job, threads: 9 })).toEqual({ isNew: false, job });
    expect(await store.get(job.id)).toEqual(job);
  });

  it('answers undefined for a job that it does not know', async () => {
    expect(await make().get('f'.repeat(32))).toBeUndefined();
  });

  it('replaces the revision that was read, and no other', async () => {
    const store = make();
    const { job } = await store.create(freshJob());
    const second = await store.replace({ ...job, state: 'running' });
    expect(second).toMatchObject({ state: 'running', revision: job.revision + 1 });
    expect(await store.replace({ ...job, state: 'done' })).toBeUndefined();
    expect(await store.get(job.id)).toEqual(second);
  });

  it('lets one of many concurrent writers win', async () => {
    const store = make();
    const created = freshJob();
    const creations = await Promise.all(Array.from({ length: 10 }, () => store.create(created)));
    expect(creations.filter(({ isNew }) => isNew)).toHaveLength(1);
    const writes = await Promise.all(
      Array.from({ length: 10 }, (_, index) => store.replace({ ...created, attempt: index + 1 })),
    );
    const [winner, ...others] = writes.filter((job) => job !== undefined);
    expect(others).toEqual([]);
    expect(await store.get(created.id)).toEqual(winner);
  });
});

describe('job store on DynamoDB', () => {
  it('knows its own write again when the answer was lost', async () => {
    const store = dynamoDbJobStore(client, 'jobs');
    const job = freshJob();
    isLosingAnswers = true;
    expect(await store.create(job)).toEqual({ isNew: true, job });
    isLosingAnswers = true;
    expect(await store.replace({ ...job, state: 'running' })).toMatchObject({ state: 'running', revision: 2 });
    expect(isLosingAnswers).toBe(false);
  });

  it('keeps in the index by-lease what somebody has to look at again, and nothing else', async () => {
    const store = dynamoDbJobStore(client, 'jobs');
    const job = { ...freshJob(), id: `e${'0'.repeat(31)}`, createdAt: 5 };
    const inIndex = async () => {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: 'jobs',
          IndexName: 'by-lease',
          KeyConditionExpression: 'leaseShard = :shard',
          ExpressionAttributeValues: { ':shard': { S: 'e' } },
        }),
      );
      return Items.map(({ leaseUntil }) => Number(leaseUntil?.N));
    };
    await store.create(job);
    expect(await inIndex()).toEqual([5]);
    const running = await store.replace({ ...job, claim: { owner: 'o', fence: 1, leaseUntil: 77 } });
    expect(await inIndex()).toEqual([77]);
    const done = await store.replace({ ...(running ?? job), state: 'done', claim: undefined, endedAt: 80 });
    expect(await inIndex()).toEqual([80]);
    await store.replace({ ...(done ?? job), eventPublished: true });
    expect(await inIndex()).toEqual([]);
  });

  it.each([
    ['superseded', 90_000 + 30 * 24 * 60 * 60],
    ['gone', 90_000 + 30 * 24 * 60 * 60],
    ['done', undefined],
    ['failed', undefined],
  ] as const)('lets DynamoDB remove what nobody asks for any more: %s', async (state, expiresAt) => {
    const store = dynamoDbJobStore(client, 'jobs');
    const { job } = await store.create(freshJob());
    const expiry = async () => {
      const Key = { pk: { S: `job#${job.id}` } };
      const { Item } = await client.send(new GetItemCommand({ TableName: 'jobs', Key, ConsistentRead: true }));
      return Item?.expiresAt && Number(Item.expiresAt.N);
    };
    const ended = await store.replace({ ...job, state, endedAt: 90_000_000 });
    expect(await expiry()).toBeUndefined();
    await store.replace({ ...(ended ?? job), eventPublished: true });
    expect(await expiry()).toBe(expiresAt);
  });
});

describe('the index of jobs on DynamoDB', () => {
  it('finds the jobs of a key, the newest first, and the newest of all', async () => {
    const store = dynamoDbJobStore(client, 'jobs');
    const index = dynamoDbJobIndex(client, 'jobs');
    const upload = { ...aJob().upload, bucket: 'indexed' };
    for (const [id, key, createdAt] of [
      ['older', 'ä b.jpg', 5_000_001],
      ['newer', 'ä b.jpg', 5_000_003],
      ['other', 'ä', 5_000_002],
    ] as const)
      await store.create(aJob({ id, upload: { ...upload, key }, createdAt }));
    const ids = (jobs: { id: string }[]) => jobs.map(({ id }) => id);
    expect(ids(await index.ofKey('indexed', 'ä b.jpg'))).toEqual(['newer', 'older']);
    expect(ids(await index.ofKey('indexed', 'ä b'))).toEqual([]);
    expect(ids(await index.ofKey('other bucket', 'ä b.jpg'))).toEqual([]);
    expect(ids(await index.recent(2))).toEqual(['newer', 'other']);
    expect((await index.ofKey('indexed', 'ä'))[0]).toEqual(await store.get('other'));
  });
});

const recipeStores: [string, () => RecipeStore][] = [
  ['in memory', memoryRecipeStore],
  ['on DynamoDB', () => dynamoDbRecipeStore(client, 'jobs')],
];

describe.each(recipeStores)('recipe store %s', (_name, make) => {
  it('gives back what was saved, however often', async () => {
    const formats = [{ format: 'png' as const, options: {} }];
    const output = { name: 'full', steps: [], formats, frames: 'all' as const, metadata: 'strip' as const };
    const recipe = { name: 'web', description: '', steps: [], outputs: [output], cacheControl: 'no-cache' };
    const hashed = hashRecipe(recipe);
    const store = make();
    await store.save(hashed);
    await store.save(hashed);
    expect(await store.load(hashed.hash)).toEqual(hashed);
    expect(await store.load('def')).toBeUndefined();
  });
});
