import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageRegistry } from '../../../deploy/images/image-registry.ts';
import { type RunCommand, runCommand } from '../../../deploy/images/run-command.ts';

/** What an engine of the tests does differently from one that works. */
export type EngineFaults = {
  daemon?: 'down';
  buildx?: 'missing';
  build?: 'fails' | 'exec format';
  architecture?: string;
  login?: 'fails';
  push?: 'fails' | 'lost race';
};

const script = (name: string, folder: string, faults: EngineFaults): string => `#!/bin/sh
PATH=/usr/bin:/bin
{ printf '%s' '${name}'; for word in "$@"; do printf ' %s' "$word"; done; echo; } >> '${folder}/calls'
fail() { echo "$1" >&2; exit 1; }
case "$1" in
  --version) echo '${name} version 9.9' ;;
  version|info) ${faults.daemon === 'down' ? "fail 'Cannot connect to the daemon'" : 'echo 9.9'} ;;
  login) cat > '${folder}/password'; ${faults.login === 'fails' ? "fail 'no such helper'" : 'echo ok'} ;;
  build|buildx)
    if [ "$2" = version ]; then ${faults.buildx === 'missing' ? 'exit 1' : 'exit 0'}; fi
    echo "BUILDKIT=$DOCKER_BUILDKIT" >> '${folder}/calls'
    echo 'step one'
    ${faults.build === 'fails' ? "fail 'no space left'" : faults.build === 'exec format' ? "fail 'exec format error'" : ':'} ;;
  image) echo '${faults.architecture ?? 'arm64'}' ;;
  push)
    ${faults.push === 'fails' ? "fail 'denied'" : ''}
    echo "$2" >> '${folder}/pushed'
    ${faults.push === 'lost race' ? "fail 'tag is immutable'" : ''} ;;
esac
`;

/** Engines as programs in a folder of their own, which is all of PATH, and a registry that sees what they push. */
export type FakeEngines = {
  run: RunCommand;
  registry: ImageRegistry;
  /** The registry's repositories, in the order in which they were made. */
  repositories: string[];
  /** Every call of an engine, a line each. */
  calls(): Promise<string[]>;
  password(): Promise<string>;
  /** Makes the registry hold an image. */
  hold(repository: string, tag: string): Promise<void>;
  remove(): Promise<void>;
};

const textOf = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');
const linesOf = async (file: string): Promise<string[]> =>
  (await textOf(file)).split('\n').filter((line) => line !== '');

const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

export const fakeEngines = async (engines: Readonly<Record<string, EngineFaults>>): Promise<FakeEngines> => {
  const folder = await mkdtemp(join(tmpdir(), 'kadam-engines-'));
  const path = join(folder, 'bin');
  await mkdir(path);
  for (const [name, faults] of Object.entries(engines)) {
    await writeFile(join(path, name), script(name, folder, faults));
    await chmod(join(path, name), 0o755);
  }
  const repositories: string[] = [];
  const pushed = join(folder, 'pushed');
  return {
    run: (command, args, options) =>
      runCommand(command, args, { ...options, environment: { ...options?.environment, PATH: path } }),
    registry: {
      digest: async (repository, tag) => {
        const held = (await linesOf(pushed)).findLast((line) => line.startsWith(`${host}/${repository}:${tag}`));
        return held === undefined ? undefined : `sha256:${held.split(':').at(-1)}`;
      },
      ensureRepository: async (repository) => {
        if (repositories.includes(repository)) return false;
        repositories.push(repository);
        return true;
      },
      uri: async (repository) => `${host}/${repository}`,
      login: async () => ({ registry: host, user: 'AWS', password: 'a secret' }),
    },
    repositories,
    calls: () => linesOf(join(folder, 'calls')),
    password: () => textOf(join(folder, 'password')),
    hold: (repository, tag) => writeFile(pushed, `${host}/${repository}:${tag}\n`, { flag: 'a' }),
    remove: () => rm(folder, { recursive: true }),
  };
};
