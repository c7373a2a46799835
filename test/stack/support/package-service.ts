import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const osls = createRequire(import.meta.url).resolve('serverless/bin/serverless.js');

/** What a deployment is made of; a copy of it can be packaged while the tree itself is in use. */
const parts = [
  ...['serverless.yml', 'package.json', 'package-lock.json', 'resources', 'statemachines', 'deploy', 'recipes'],
  ...['functions', 'containers', 'core', 'aws', 'cli'],
];

const bundler = '- serverless-esbuild\n';
/** In the bundler's place: gives every function the same empty zip. */
const emptyArtifacts = `
const { join } = require('node:path');
module.exports = class {
  constructor(osls) {
    const artifact = join(osls.serviceDir, 'empty.zip');
    this.hooks = {
      'before:package:createDeploymentArtifacts': () => {
        for (const one of Object.values(osls.service.functions)) one.package = { artifact };
      },
    };
  }
};
`;
/** The end of an empty archive's central directory. */
const emptyZip = Buffer.concat([Buffer.from('PK\x05\x06'), Buffer.alloc(18)]);

/** Copies what a deployment is made of into a new folder. With `templateOnly`, packaging it bundles nothing (1 s). */
export const copyService = async (folder: string, { templateOnly = false } = {}): Promise<void> => {
  await mkdir(folder, { recursive: true });
  await Promise.all(parts.map((part) => cp(join(repository, part), join(folder, part), { recursive: true })));
  await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'), 'junction');
  if (!templateOnly) return;
  const file = join(folder, 'serverless.yml');
  const text = await readFile(file, 'utf8');
  if (!text.includes(bundler)) throw new Error(`Expected '${bundler.trim()}' among the plugins of serverless.yml.`);
  await writeFile(file, text.replace(bundler, '- ./empty-artifacts.cjs\n'));
  await writeFile(join(folder, 'empty-artifacts.cjs'), emptyArtifacts);
  await writeFile(join(folder, 'empty.zip'), emptyZip);
};

/** `sls package` in a folder of `copyService`; templates and archives go to `target`. Throws with what osls said. */
export const packageService = async (
  folder: string,
  target: string,
  params: Readonly<Record<string, string>> = {},
  { stage = 'dev', node = process.execPath } = {},
): Promise<void> => {
  const words = Object.entries(params).map(([name, value]) => `--param=${name}=${value}`);
  const { npm_config_os: _os, npm_config_cpu: _cpu, npm_config_libc: _libc, ...env } = process.env;
  const run = promisify(execFile)(node, [osls, 'package', '--stage', stage, '--package', target, ...words], {
    cwd: folder,
    env,
    timeout: 120_000,
  });
  // What osls says of a fault is in both; without them the error names only the command.
  await run.catch((error: Error & { stdout?: string; stderr?: string }) => {
    throw new Error(`${error.message}\n${error.stdout ?? ''}${error.stderr ?? ''}`);
  });
};
