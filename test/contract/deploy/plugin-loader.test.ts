import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from '../../../deploy/images/run-command.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kadam-plugin-'));
  await mkdir(join(folder, 'deploy'));
  await copyFile(join(repository, 'deploy/plugin.cjs'), join(folder, 'deploy/plugin.cjs'));
  await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Loads a repository's plugin as osls does, by `require`. */
const load = (root: string, then: string) =>
  runCommand(process.execPath, ['-e', `const Plugin = require('./deploy/plugin.cjs'); ${then}`], { cwd: root });
const put = (name: string, text: string) => writeFile(join(folder, 'deploy', name), text);

describe('the loader of the plugin', () => {
  it('loads the real one, with its commands and hooks', async () => {
    const utils = '{ log: {}, writeText() {} }';
    const { stdout, stderr } = await load(
      repository,
      `const plugin = new Plugin({}, {}, ${utils}); console.log(JSON.stringify([plugin.commands, Object.keys(plugin.hooks)]))`,
    );
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual([
      expect.objectContaining({ preflight: expect.anything(), images: expect.anything() }),
      expect.arrayContaining(['initialize', 'before:deploy:deploy', 'before:remove:remove']),
    ]);
  });

  it('gives every file its own address, and traces that name its TypeScript line', async () => {
    await put('plugin.ts', "import { where } from './where.ts';\nexport const KadamPlugin: () => string = where;\n");
    await put(
      'where.ts',
      'type Unused = string;\nexport const where = (): string => {\n  throw new Error(import.meta.url);\n};\n',
    );
    const { code, stderr } = await load(folder, 'Plugin()');
    expect(code).toBe(1);
    expect(stderr).toMatch(/Error: file:.*\/deploy\/where\.ts\n/);
    expect(stderr).toMatch(/at where \(.*deploy\/where\.ts:3:\d+\)/);
  });

  it('says where a file is no TypeScript', async () => {
    await put('plugin.ts', 'export const fine = 1;\nconst = 2;\n');
    const { stderr } = await load(folder, '');
    expect(stderr).toMatch(
      /Expected valid TypeScript in .*deploy\/plugin\.ts but received:\n {2}line 2: Expected identifier/,
    );
  });
});
