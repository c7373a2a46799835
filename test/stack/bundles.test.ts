import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { photoLike } from '../../cli/photo-like.ts';
import { startTestCloud, type TestCloud } from '../support/test-cloud.ts';
import { artifactsOf, templateOf } from './support/packaged.ts';
import { unzip } from './support/read-zip.ts';
import { at, isObject, resourcesOf, type Template } from './support/template.ts';
import { defaultVariant } from './support/variants.ts';

const names = ['dispatch', 'process', 'settle'] as const;
const folderOf = (name: string): string => join(inject('stackFolder'), 'task', name);

/** The text values that the template gives a function's environment and the embedded cloud knows otherwise. */
const pathsOf = (template: Template, name: string): Record<string, string> => {
  const [, properties] =
    resourcesOf(template, 'AWS::Lambda::Function').find(([, { Handler }]) => Handler === `functions/${name}.handler`) ??
    [];
  const variables = at(properties, 'Environment', 'Variables');
  return Object.fromEntries(
    Object.entries(isObject(variables) ? variables : {}).flatMap(([variable, value]) =>
      ['KADAM_RECIPES', 'KADAM_CONTAINER_FILTERS'].includes(variable) && typeof value === 'string'
        ? [[variable, value]]
        : [],
    ),
  );
};

/**
 * What Lambda's runtime does before it loads a function: it works in the folder of the unpacked archive (/var/task), with
 * the function's own environment. `undefined` takes away what the embedded cloud gives every function.
 */
const runtime = (name: string, paths: Record<string, string>): string => `
process.chdir(import.meta.dirname);
delete process.env.KADAM_RECIPES;
delete process.env.KADAM_CONTAINER_FILTERS;
Object.assign(process.env, ${JSON.stringify(paths)});
export const { handler } = await import('./functions/${name}.mjs');
`;

let cloud: TestCloud;
beforeAll(async () => {
  const [artifacts, template] = await Promise.all([
    artifactsOf(process.arch === 'arm64' ? 'arm64' : 'x86_64'),
    templateOf(defaultVariant),
  ]);
  for (const name of names) {
    await unzip(join(artifacts, `${name}.zip`), folderOf(name));
    await writeFile(join(folderOf(name), 'runtime.mjs'), runtime(name, pathsOf(template, name)));
  }
  cloud = await startTestCloud({
    lambdaSeconds: 120,
    functionFile: (name) => join(folderOf(name), 'runtime.mjs'),
  });
}, 240_000);
afterAll(() => cloud?.close(), 60_000);

describe('the unpacked archives', () => {
  it('bring a picture from its upload to its outputs', { timeout: 120_000 }, async ({ onTestFailed }) => {
    onTestFailed(() => console.error(cloud.lines.join('\n')));
    const photo = await photoLike({ width: 900, height: 600 }).jpeg().toBuffer();
    const key = 'holiday/beach.jpg';
    const manifest = await cloud.manifest(key, await cloud.upload(key, photo), 'web');
    expect(manifest).toMatchObject({ status: 'done', decision: { target: 'lambda' } });
    expect(manifest.outputs.length).toBeGreaterThan(5);
    const [first] = manifest.outputs;
    const { body } = await cloud.read(first?.key ?? '', first?.versionId);
    expect(await sharp(body).metadata()).toMatchObject({ width: first?.width, height: first?.height });
  });

  it('settle a job that is asked about', { timeout: 60_000 }, async () => {
    const { payload, functionError } = await cloud.cloud.lambda.invoke('kadam-local-settle', { job: '0'.repeat(64) });
    // It has read the table: there is no such job. A bundle that does not load would say something else.
    expect(functionError).toBe('Unhandled');
    expect(payload).toContain('Expected a record of job');
  });
});
