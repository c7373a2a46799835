import { access, constants, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { KadamError } from '../core/errors.ts';
import { endWithLauncher } from './end-with-launcher.ts';

/** Wrong arguments: the text and the usage are printed. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The user stopped the command (Ctrl-C). */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

/** What a command works with: the world outside of it, replaceable in tests. */
export type CommandDeps = {
  arguments: string[];
  out: (text: string) => void;
  err: (text: string) => void;
};

const realDeps = (): CommandDeps => ({
  arguments: process.argv.slice(2),
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});

/** What shells answer for a command that Ctrl-C ended: 128 and the signal's number. */
const interruptedCode = 130;

/**
 * Runs a command and sets the exit code: what it answers, 2 for wrong arguments, 1 for any other error. Errors that
 * are meant for people are printed without a stack.
 */
export const runCommand = async (
  command: (deps: CommandDeps) => Promise<number>,
  usage: string,
  deps: CommandDeps = realDeps(),
): Promise<void> => {
  endWithLauncher();
  // Whoever reads the output may stop reading (`| head`).
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  if (deps.arguments.includes('--help')) {
    deps.out(`${usage}\n`);
    return;
  }
  try {
    process.exitCode = await command(deps);
  } catch (error) {
    const isUsage = error instanceof UsageError || isParseArgsError(error);
    if (error instanceof InterruptedError) deps.err('\nStopped.\n');
    else if (isUsage) deps.err(`${(error as Error).message}\n\n${usage}\n`);
    else if (error instanceof KadamError) deps.err(`${error.message}\n`);
    else deps.err(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = error instanceof InterruptedError ? interruptedCode : isUsage ? 2 : 1;
  }
};

const isParseArgsError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');

/**
 * The path of a file that the command line names. `npm run` goes to the package's folder first, and tells in INIT_CWD
 * where it was typed. Throws UsageError where the file cannot be read, or is none.
 */
export const readableFile = async (name: string): Promise<string> => {
  const path = resolve(process.env.INIT_CWD ?? '.', name);
  try {
    if ((await stat(path)).isFile()) await access(path, constants.R_OK);
    else throw new Error('it is no file');
  } catch (error) {
    throw new UsageError(`Expected a file that can be read but received ${path}: ${(error as Error).message}.`);
  }
  return path;
};

/** The one argument that a command takes. Throws UsageError where there is none, or more than that. */
export const onlyArgument = (what: string, positionals: readonly string[]): string => {
  const [only, ...others] = positionals;
  if (only !== undefined && others.length === 0) return only;
  throw new UsageError(`Expected one ${what} but received ${positionals.length}.`);
};

/** A command line's number. Throws UsageError where it is none, or not above zero. */
export const positiveNumber = (option: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new UsageError(`Expected a number above 0 for --${option} but received '${text}'.`);
};

/** A command line's port. Throws UsageError where it is none. */
export const portNumber = (text: string): number => {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= 65_535 && text.trim() !== '') return value;
  throw new UsageError(`Expected a port from 0 to 65535 for --port but received '${text}'.`);
};
