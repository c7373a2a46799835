import { spawn } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { credentials, region } from '../../local/names.ts';

export type RunOptions = {
  /** The embedded cloud. Without it the program does not learn of one. */
  endpoint?: string;
  /** Milliseconds after which the program is killed. */
  timeout?: number;
};

/**
 * Runs a program to its end and returns what it wrote. It sees the embedded cloud as its users do, by AWS's own
 * environment variables, and no configuration file of this machine.
 * @throws Error with the end of its output where it fails
 */
export const runProgram = async (command: string, args: string[], options: RunOptions = {}): Promise<Buffer> => {
  const child = spawn(command, args, {
    env: {
      PATH: process.env.PATH,
      LANG: 'C.UTF-8',
      HOME: '/nonexistent',
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_DEFAULT_REGION: region,
      ...(options.endpoint !== undefined && { AWS_ENDPOINT_URL: options.endpoint }),
      ...(process.env.PYENV_ROOT !== undefined && { PYENV_ROOT: process.env.PYENV_ROOT }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: options.timeout ?? 120_000,
  });
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  const [stdout, stderr, code] = await Promise.all([buffer(child.stdout), buffer(child.stderr), ended]);
  if (code === 0) return stdout;
  const said = `${String(stderr)}${String(stdout)}`.trim().slice(-1500);
  throw new Error(
    `Expected ${command} to succeed but it ended with ${code}: ${said} (${args.join(' ').slice(0, 300)})`,
  );
};

/** What a program says of its version, or undefined where this machine has no such program. */
export const versionOf = async (command: string, args: string[]): Promise<string | undefined> => {
  try {
    return String(await runProgram(command, args))
      .trim()
      .split('\n')[0];
  } catch {
    return undefined;
  }
};
