import { lastLines } from './build-image.ts';
import type { Engine } from './find-engine.ts';
import { EngineFailedError } from './image-errors.ts';
import type { RunCommand } from './run-command.ts';

/** A registry's user and password, for one login. */
export type RegistryLogin = { registry: string; user: string; password: string };

/**
 * Logs an engine in to a registry. The password goes through standard input: arguments are seen by every process of the
 * machine. Throws EngineFailedError `LoginFailed`.
 */
export const logIn = async (run: RunCommand, engine: Engine, login: RegistryLogin): Promise<void> => {
  const end = await run(engine.command, ['login', '--username', login.user, '--password-stdin', login.registry], {
    input: login.password,
  });
  if (end.code === 0) return;
  throw new EngineFailedError(
    `Expected ${engine.command} to log in to ${login.registry} but it ended with ${end.code}:\n${lastLines(end.stderr)}\n` +
      "Where a credential helper is at fault, take it out of the engine's configuration (~/.docker/config.json) and try again.",
    { code: 'LoginFailed' },
  );
};

/** Pushes an image; gives whether that went well, with the engine's own words where it did not. */
export const pushImage = async (
  run: RunCommand,
  engine: Engine,
  reference: string,
  onLine: (line: string) => void,
): Promise<{ pushed: boolean; problem: string }> => {
  const end = await run(engine.command, ['push', reference], { onLine });
  return { pushed: end.code === 0, problem: lastLines(end.stderr.trim() === '' ? end.stdout : end.stderr) };
};
