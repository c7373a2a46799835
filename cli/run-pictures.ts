import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { repository } from '../aws/job-file.ts';
import { DependencyError } from '../core/errors.ts';
import { readContainerFilters } from '../core/filters/read-container-filters.ts';
import { type Manifest, manifestKey } from '../core/jobs/manifest.ts';
import { chooseRecipes, recipeMetadataKey, recipeNames } from '../core/recipe/choose-recipes.ts';
import { readCatalogue } from '../core/recipe/read-catalogue.ts';
import { recipeFolder, sidecarName } from '../core/recipe/recipe-name.ts';
import { sidecarKeys } from '../core/recipe/sidecar.ts';
import { cloudNames } from '../local/cloud-environment.ts';
import { credentials, region } from '../local/names.ts';
import type { DemoPicture } from './demo-pictures.ts';
import type { DemoJob } from './demo-report.ts';
import { UsageError } from './run-command.ts';

type Options = { signal: AbortSignal; onEnd: (job: DemoJob, ended: number, all: number) => void };

const pollMilliseconds = 200;
/** The longest that a picture may take: the demo is for pictures of minutes at most. */
const patienceMilliseconds = 30 * 60_000;

/**
 * Uploads pictures as any S3 client would, waits for every manifest, and copies what came out into `results`.
 * Answers the jobs in the pictures' order: one for each recipe of each picture.
 */
export const runPictures = async (
  pictures: DemoPicture[],
  endpoint: string,
  results: string,
  { signal, onEnd }: Options,
): Promise<DemoJob[]> => {
  const s3 = new S3Client({ endpoint, region, credentials, maxAttempts: 3 });
  const { rules } = await readCatalogue(
    fileURLToPath(new URL('recipes', repository)),
    await readContainerFilters(fileURLToPath(repository)),
  );
  const read = async (key: string): Promise<Uint8Array | undefined> => {
    try {
      const answer = await s3.send(new GetObjectCommand({ Bucket: cloudNames.outputBucket, Key: key }));
      return await answer.Body?.transformToByteArray();
    } catch (error) {
      if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
      throw error;
    }
  };
  const save = async (key: string): Promise<void> => {
    const path = join(results, key);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, (await read(key)) ?? '');
  };

  const put = (Key: string, Body: Uint8Array, Metadata?: Record<string, string>) =>
    s3.send(new PutObjectCommand({ Bucket: cloudNames.inputBucket, Key, Body, Metadata }));
  const upload = async ({ key, path, recipe }: DemoPicture): Promise<void> => {
    for (const file of recipe && recipeNames(recipe).includes(sidecarName) ? sidecarKeys(path) : [])
      if (existsSync(file)) await put(`${key}${file.slice(path.length)}`, await readFile(file));
    await put(key, await readFile(path), recipe ? { [recipeMetadataKey]: recipe } : undefined);
  };
  const recipesOf = ({ key, recipe }: DemoPicture): string[] =>
    recipe ? recipeNames(recipe) : chooseRecipes(rules, key, {}).names;
  const all = pictures.flatMap(recipesOf).length;

  let ended = 0;
  const awaitJob = async (picture: DemoPicture, recipe: string): Promise<DemoJob> => {
    const key = manifestKey(picture.key, recipeFolder(recipe));
    if (key === undefined)
      throw new UsageError(
        `Expected a shorter file name than ${picture.key}: results would have keys that S3 refuses.`,
      );
    const deadline = Date.now() + patienceMilliseconds;
    let manifestBytes = await read(key);
    while (manifestBytes === undefined) {
      signal.throwIfAborted();
      if (Date.now() > deadline) throw noManifest(picture);
      await sleep(pollMilliseconds);
      manifestBytes = await read(key);
    }
    const manifest = JSON.parse(Buffer.from(manifestBytes).toString()) as Manifest;
    for (const output of manifest.outputs) await save(output.key);
    await save(key);
    const job = { ...jobOf(picture, manifest), expected: picture.expect };
    onEnd(job, ++ended, all);
    return job;
  };
  const run = async (picture: DemoPicture): Promise<DemoJob[]> => {
    await upload(picture);
    return Promise.all(recipesOf(picture).map((recipe) => awaitJob(picture, recipe)));
  };
  try {
    return (await Promise.all(pictures.map(run))).flat();
  } finally {
    s3.destroy();
  }
};

const jobOf = (picture: DemoPicture, manifest: Manifest): Omit<DemoJob, 'expected'> => {
  const { status, input, recipe, decision, measured, outputs, error } = manifest;
  return { key: picture.key, recipe, status, input, decision, measured, outputs, error };
};

const noManifest = ({ key }: DemoPicture): DependencyError =>
  new DependencyError(
    `Expected a manifest of ${key} within ${patienceMilliseconds / 60_000} minutes but there is none. ` +
      'Run npm start and upload it there: it prints what functions and containers log.',
    { code: 'NoManifest' },
  );
