import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { sdkEnvironment } from '../../local/names.ts';

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** moto's server, and what it says of itself. */
export type Emulator = {
  endpoint: string;
  /** What programs find AWS by: this server and nothing of this machine's own configuration. */
  environment: NodeJS.ProcessEnv;
  /** What the server has told so far that begins with a word: `skipped`, `not kept`, `filled in`. */
  told(word: string): string[];
  close(): Promise<void>;
};

/**
 * Starts moto's server, and puts a program in the place of Docker for those that get the environment. `architecture` is
 * what that program says of images. Throws Error with the server's last words where it does not start.
 */
export const startEmulator = async (folder: string, architecture: string): Promise<Emulator> => {
  const child = spawn('python3', [script('moto_server.py')], {
    env: { ...process.env, PYTHONWARNINGS: 'ignore', PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  let lastWords = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-2000);
  });
  const gone = once(child, 'close');
  const listening = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      if (line.startsWith('listening: ')) resolve(line.slice('listening: '.length));
    });
  });
  const endpoint = await Promise.race([listening, gone.then(() => undefined)]);
  if (endpoint === undefined) throw new Error(`Expected moto's server to listen but it ended: ${lastWords}`);
  const programs = await standInForDocker(folder, architecture);
  const mine = Object.entries(process.env).filter(([name]) => !/^(AWS|KADAM)_/.test(name));
  return {
    endpoint,
    environment: {
      ...Object.fromEntries(mine),
      ...sdkEnvironment(endpoint),
      AWS_DEFAULT_REGION: sdkEnvironment(endpoint).AWS_REGION,
      AWS_CONFIG_FILE: join(folder, 'none'),
      AWS_SHARED_CREDENTIALS_FILE: join(folder, 'none'),
      AWS_EC2_METADATA_DISABLED: 'true',
      KADAM_ENGINE: 'docker',
      PATH: `${programs}${delimiter}${process.env.PATH}`,
    },
    told: (word) => lines.filter((line) => line.startsWith(`${word}: `)).map((line) => line.slice(word.length + 2)),
    async close() {
      child.stdin.end();
      await gone;
    },
  };
};

/** A folder with a program called `docker`. */
const standInForDocker = async (folder: string, architecture: string): Promise<string> => {
  const programs = join(folder, 'programs');
  await mkdir(programs);
  const docker = join(programs, 'docker');
  await writeFile(docker, `#!/bin/sh\nexec python3 '${script('moto_engine.py')}' ${architecture} "$@"\n`);
  await chmod(docker, 0o755);
  return programs;
};
