import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Manifest } from '../../core/jobs/manifest.ts';
import type { RoutingLimits } from '../../core/route/limits.ts';
import { readContainers } from '../../local/containers.ts';
import type { GatewayOptions } from '../../local/gateway.ts';
import { localLimits } from '../../local/limits.ts';
import { credentials, region } from '../../local/names.ts';
import { type CloudOptions, startCloud } from '../../local/start-cloud.ts';

export type TestCloudOptions = {
  /** The processing function's time-out. One second is too short for anything: all goes to Batch. */
  lambdaSeconds: number;
  onLine?: (line: string) => void;
  onRequest?: GatewayOptions['onRequest'];
  /** One more container: its name, and the folder with it and this repository's own in containers/. */
  container?: { folder: string; name: string };
  functionFile?: CloudOptions['functionFile'];
  /** Where everything is kept; the caller removes it. Without it, a folder that goes with the cloud. */
  folder?: string;
};

const input = 'kadam-input';
const output = 'kadam-output';

/** What the cloud is given: this repository's containers, and one more, which is as large as the container filter. */
const deploymentOf = async (limits: RoutingLimits, container: TestCloudOptions['container']) => {
  if (container === undefined) return { limits };
  const { folder, name } = container;
  const { jobs } = await readContainers();
  const [filter, has] = [jobs.filter, limits.containers.filter];
  if (filter === undefined || has === undefined) throw new Error('there is no containers/filter');
  const job = { ...filter, name: `kadam-${name}`, command: [...filter.command, '--container', name] };
  return {
    limits: { ...limits, containers: { ...limits.containers, [name]: has } },
    containers: { folder, jobs: { ...jobs, [name]: job } },
  };
};

/** The embedded cloud in a folder of its own, and what tests do with it: upload, wait for the manifest, look. */
export const startTestCloud = async ({
  lambdaSeconds,
  onLine,
  onRequest,
  container,
  functionFile,
  folder: given,
}: TestCloudOptions) => {
  const folder = given ?? (await mkdtemp(join(tmpdir(), 'kadam-test-')));
  const lines: string[] = [];
  const cloud = await startCloud({
    dataDir: folder,
    ...(await deploymentOf(await localLimits(lambdaSeconds), container)),
    functionFile,
    onRequest,
    log: (line) => {
      lines.push(line);
      onLine?.(line);
    },
  });
  const s3 = new S3Client({ endpoint: cloud.endpoint, region, credentials });

  const list = async (prefix = ''): Promise<string[]> => {
    const answer = await s3.send(new ListObjectsV2Command({ Bucket: output, Prefix: prefix }));
    return (answer.Contents ?? []).map(({ Key }) => Key ?? '');
  };
  const read = async (key: string, versionId?: string) => {
    const answer = await s3.send(new GetObjectCommand({ Bucket: output, Key: key, VersionId: versionId }));
    return { body: Buffer.from((await answer.Body?.transformToByteArray()) ?? []), answer };
  };
  return {
    cloud,
    s3,
    /** Everything that functions and containers have logged so far. */
    lines,
    list,
    read,
    async upload(key: string, body: Uint8Array | string, recipe?: string): Promise<string> {
      const Metadata = recipe === undefined ? undefined : { 'kadam-recipe': recipe };
      const answer = await s3.send(new PutObjectCommand({ Bucket: input, Key: key, Body: body, Metadata }));
      return answer.VersionId ?? '';
    },
    /** Waits for the manifest of an upload's version under a recipe (or the folder that stands for it). */
    async manifest(key: string, versionId: string, recipe: string): Promise<Manifest> {
      for (;;) {
        const isThere = (await list(`${key}/${recipe}/manifest.json`)).length > 0;
        if (isThere) {
          const manifest = JSON.parse((await read(`${key}/${recipe}/manifest.json`)).body.toString()) as Manifest;
          if (manifest.input.versionId === versionId) return manifest;
        }
        await sleep(100);
      }
    },
    async close() {
      s3.destroy();
      await cloud.close();
      if (given === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
};

export type TestCloud = Awaited<ReturnType<typeof startTestCloud>>;
