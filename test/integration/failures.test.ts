import { DeleteItemCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { DescribeExecutionCommand, ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterEach, describe, expect, it } from 'vitest';
import { photoLike } from '../../cli/photo-like.ts';
import { cloudNames } from '../../local/cloud-environment.ts';
import { credentials, region, stateMachineArn } from '../../local/names.ts';
import { killContainers } from '../support/kill-worker.ts';
import { startTestCloud, type TestCloud } from '../support/test-cloud.ts';

let cloud: TestCloud;
afterEach(() => cloud.close(), 60_000);

const photo = () => photoLike({ width: 900, height: 600 }).jpeg().toBuffer();

/** The one execution that there is, when it has ended. */
const endedExecution = async () => {
  const client = new SFNClient({ endpoint: cloud.cloud.endpoint, region, credentials });
  try {
    const list = () =>
      client.send(new ListExecutionsCommand({ stateMachineArn: stateMachineArn(cloudNames.stateMachine) }));
    await expect
      .poll(async () => (await list()).executions?.[0]?.status, { timeout: 60_000 })
      .toMatch(/SUCCEEDED|FAILED/);
    const [execution, ...others] = (await list()).executions ?? [];
    expect(others).toEqual([]);
    return await client.send(new DescribeExecutionCommand({ executionArn: execution?.executionArn }));
  } finally {
    client.destroy();
  }
};

/** Deletes every stored recipe from the jobs table. */
const forgetRecipes = async (): Promise<void> => {
  const client = new DynamoDBClient({ endpoint: cloud.cloud.endpoint, region, credentials });
  const { Items = [] } = await client.send(new ScanCommand({ TableName: 'kadam-jobs' }));
  const recipes = Items.flatMap(({ pk }) => (pk?.S?.startsWith('recipe#') ? [{ pk }] : []));
  await Promise.all(recipes.map((Key) => client.send(new DeleteItemCommand({ TableName: 'kadam-jobs', Key }))));
  client.destroy();
};

const claims = () => cloud.lines.filter((line) => /"claimed".*"batch\//.test(line)).length;

describe('a job that fails on Batch', () => {
  it("ends with the container's own error text in manifest, event and execution, after three attempts", {
    timeout: 180_000,
  }, async () => {
    // The upload's bytes never arrive whole: a service's fault, which is tried again.
    cloud = await startTestCloud({
      lambdaSeconds: 1,
      onRequest: (request) => {
        const isDownload =
          request.method === 'GET' && request.url?.startsWith('/kadam-input/') && !request.headers.range;
        if (isDownload) request.socket.destroy();
      },
    });
    const version = await cloud.upload('a.jpg', await photo(), 'thumbnail');
    const manifest = await cloud.manifest('a.jpg', version, 'thumbnail');
    expect(manifest).toMatchObject({ status: 'failed', outputs: [], error: { code: 'ServiceFailed' } });
    expect(manifest.error?.message).toMatch(/S3 to answer a GET of a\.jpg/);
    expect(manifest.job.attempt).toBe(3);
    expect(claims()).toBe(3);
    const execution = await endedExecution();
    expect(execution).toMatchObject({ status: 'FAILED', error: 'ServiceFailed', cause: manifest.error?.message });
    expect(cloud.cloud.events.events()).toMatchObject([
      { detailType: 'Job failed', detail: { error: manifest.error } },
    ]);
  });

  it('is not tried again where trying again cannot help', { timeout: 120_000 }, async () => {
    // The stored recipe is lost before the container asks for it: it can only give up.
    const lost: Promise<unknown>[] = [];
    cloud = await startTestCloud({
      lambdaSeconds: 1,
      onLine: (line) => /"dispatched"/.test(line) && lost.push(forgetRecipes()),
    });
    const version = await cloud.upload('a.jpg', await photo(), 'thumbnail');
    const manifest = await cloud.manifest('a.jpg', version, 'thumbnail');
    expect(manifest).toMatchObject({ status: 'failed', error: { code: 'NoSuchRecipe' }, job: { attempt: 1 } });
    expect(claims()).toBe(1);
    expect(await endedExecution()).toMatchObject({ status: 'FAILED', error: 'NoSuchRecipe' });
    await Promise.all(lost);
  });
});

describe('a container killed right after one of its writes', () => {
  it.each([1, 2, 3])('number %i: the job ends once, with one set of outputs', { timeout: 120_000 }, async (nth) => {
    let writes = 0;
    let kills = 0;
    cloud = await startTestCloud({
      lambdaSeconds: 1,
      onRequest: (request, response) => {
        if (request.method !== 'PUT' || !request.url?.startsWith('/kadam-output/')) return;
        response.once('finish', () => {
          writes++;
          if (writes === nth) kills += killContainers(cloud.cloud.endpoint);
        });
      },
    });
    const version = await cloud.upload('a.jpg', await photo(), 'thumbnail');
    await endedExecution();
    const manifest = await cloud.manifest('a.jpg', version, 'thumbnail');
    expect(kills).toBeGreaterThan(0);
    expect(manifest).toMatchObject({ status: 'done' });
    const keys = [...manifest.outputs.map(({ key }) => key), 'a.jpg/thumbnail/manifest.json'];
    expect(await cloud.list('a.jpg/')).toEqual(keys.sort());
    for (const { key, versionId, bytes } of manifest.outputs) {
      expect((await cloud.read(key)).answer.VersionId).toBe(versionId);
      expect((await cloud.read(key)).body.length).toBe(bytes);
    }
    expect(cloud.cloud.events.events().map(({ detailType }) => detailType)).toEqual(['Job done']);
  });
});
