import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { copyService, packageService } from './support/package-service.ts';

/** What `sls package` says of a copy of the deployment with these files and params. */
const said = async (
  files: Record<string, string>,
  params: Record<string, string>,
  options: { node?: string } = {},
): Promise<string> => {
  const root = await mkdtemp(join(tmpdir(), 'kadam-refused-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const folder = join(root, 'service');
  await copyService(folder, { templateOnly: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const packaged = packageService(folder, join(root, 'package'), params, options);
  return packaged.then(
    () => 'packaged',
    (error: unknown) => String(error),
  );
};

it.each<[string, Record<string, string>, Record<string, string>, RegExp]>([
  ['nothing at fault', {}, {}, /^packaged$/],
  [
    'a recipe that no dispatcher could read',
    { 'recipes/oops.yml': 'steps: [grayscal]\noutputs: [{ name: a, formats: [png] }]\n' },
    {},
    /recipes\/oops\.yml[\s\S]*grayscal[\s\S]*grayscale/,
  ],
  ['rules that name no recipe', { 'recipes/rules.yml': 'default: nada\n' }, {}, /rules\.yml[\s\S]*nada/],
  ['a filter of a container that is none', { 'containers/painting/filter.yml': 'name: 7\n' }, {}, /filter\.yml/],
  [
    "a job.yml that is a copy of another container's",
    {
      'containers/painting/job.yml': readFileSync(new URL('../../containers/filter/job.yml', import.meta.url), 'utf8'),
    },
    {},
    /painting\/job\.yml[\s\S]*name: expected kadam-painting[\s\S]*image: expected[\s\S]*--container painting/,
  ],
  ['a network that is none', {}, { network: 'foo' }, /network: expected one of 'public', 'private', 'existing'/],
  ['an encryption that is none', {}, { encryption: 'foo' }, /encryption: expected one of 'managed', 'kms'/],
  ['an input that is none', {}, { input: 'foo' }, /input: expected one of 'new', 'existing'/],
  ['less disk than jobs are promised', {}, { scratchGiB: '50' }, /scratchGiB: [\s\S]*at least 220, got 50/],
  [
    'fewer vCPUs than a job takes',
    {},
    { maxvCpus: '4' },
    /maxvCpus: a job of containers\/filter\/job\.yml takes 8, got 4/,
  ],
])('sls package with %s', async (_name, files, params, expected) => {
  expect(await said(files, params)).toMatch(expected);
});

/** The oldest Node on the PATH that is older than the one that this runs on: `npx sls` takes what the machine has. */
const olderNode = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'node'))
  .filter((file) => existsSync(file))
  .map((file) => ({
    file,
    major: Number(/^v(\d+)/.exec(execFileSync(file, ['--version'], { encoding: 'utf8' }))?.[1]),
  }))
  .filter(({ major }) => major < Number(process.versions.node.split('.')[0]))
  .sort((a, b) => a.major - b.major)[0];

it.skipIf(olderNode === undefined)("sls package on the machine's own, older Node", async () => {
  expect(await said({}, {}, { node: olderNode?.file ?? '' })).toBe('packaged');
});
