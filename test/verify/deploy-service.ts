import { spawn } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** How a command ended, with all that it wrote. */
export type Ended = { code: number | null; output: string };

const patienceMilliseconds = 600_000;

const run = async (command: string, words: string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Ended> => {
  const child = spawn(command, words, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: patienceMilliseconds });
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  const [stdout, stderr, code] = await Promise.all([buffer(child.stdout), buffer(child.stderr), ended]);
  return { code, output: `${stdout}${stderr}` };
};

/** The commands of a person who deploys a service from `folder` as `stage`. */
export const commandsOf = (folder: string, stage: string, params: string[], env: NodeJS.ProcessEnv) => ({
  /** `npx sls`, on the Node that this machine has. */
  sls: (command: string, ...words: string[]): Promise<Ended> =>
    run('npx', ['--no-install', 'sls', command, '--stage', stage, ...params, ...words], folder, env),
  /** One of the commands that `npm run` knows. */
  kadam: (command: string, ...words: string[]): Promise<Ended> =>
    run(
      process.execPath,
      [fileURLToPath(new URL(`../../cli/${command}.ts`, import.meta.url)), ...words, '--stage', stage],
      folder,
      env,
    ),
});

export type Commands = ReturnType<typeof commandsOf>;

/** Throws Error with the end of what a command wrote unless it ended as expected. */
export const expectCode = ({ code, output }: Ended, expected = 0): string => {
  if (code === expected) return output;
  throw new Error(`Expected ${expected} but it ended with ${code}: ${output.trim().slice(-2500)}`);
};
