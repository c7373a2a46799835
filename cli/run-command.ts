import { KadamError } from '../core/errors.ts';

/** Ends the process with an exit code of its own, after whatever the error's text says. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
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

/**
 * Runs a command and sets the exit code: what it answers, 2 for wrong arguments, 1 for any other error. Errors that
 * are meant for people are printed without a stack.
 */
export const runCommand = async (
  command: (deps: CommandDeps) => Promise<number>,
  usage: string,
  deps: CommandDeps = realDeps(),
): Promise<void> => {
  if (deps.arguments.includes('--help')) {
    deps.out(`${usage}\n`);
    return;
  }
  try {
    process.exitCode = await command(deps);
  } catch (error) {
    const isUsage = error instanceof UsageError || isParseArgsError(error);
    if (isUsage) deps.err(`${(error as Error).message}\n\n${usage}\n`);
    else if (error instanceof KadamError) deps.err(`${error.message}\n`);
    else deps.err(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = isUsage ? 2 : 1;
  }
};

const isParseArgsError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');

/** A command line's number. Throws UsageError where it is none, or not above zero. */
export const positiveNumber = (option: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new UsageError(`Expected a number above 0 for --${option} but received '${text}'.`);
};
