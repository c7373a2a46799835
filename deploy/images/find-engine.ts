import { ConfigurationError } from '../../core/errors.ts';
import type { RunCommand } from './run-command.ts';

/** A container engine that answers: Docker with BuildKit (`buildx`), Docker without, or Podman. */
export type Engine = { command: string; kind: 'buildx' | 'docker' | 'podman'; version: string };

/** What was found: an engine, or for each one that was looked for, why it is none. */
export type EngineSearch = { engine: Engine } | { engine?: undefined; tried: { command: string; problem: string }[] };

const known = ['docker', 'podman'];

const firstLine = (text: string): string => text.trim().split('\n')[0] ?? '';

const probe = async (run: RunCommand, command: string): Promise<Engine | string> => {
  const version = await run(command, ['--version']);
  if (version.code === 127) return 'not installed';
  if (version.code !== 0) return firstLine(version.stderr) || `'${command} --version' ended with ${version.code}`;
  // The command `docker` of the package podman-docker is Podman.
  if (/podman/i.test(version.stdout)) {
    const info = await run(command, ['info', '--format', '{{.Version.Version}}']);
    if (info.code !== 0) return firstLine(info.stderr) || `'${command} info' ended with ${info.code}`;
    return { command, kind: 'podman', version: info.stdout.trim() };
  }
  const server = await run(command, ['version', '--format', '{{.Server.Version}}']);
  if (server.code !== 0) return firstLine(server.stderr) || 'its daemon does not answer';
  const buildx = await run(command, ['buildx', 'version']);
  return { command, kind: buildx.code === 0 ? 'buildx' : 'docker', version: server.stdout.trim() };
};

/**
 * Looks for an engine that answers: Docker, then Podman; or only the one that KADAM_ENGINE names. Changes nothing.
 * Throws ConfigurationError `UnknownEngine` where KADAM_ENGINE names something else.
 */
export const findEngine = async (run: RunCommand, environment: NodeJS.ProcessEnv): Promise<EngineSearch> => {
  const wanted = environment.KADAM_ENGINE || undefined;
  if (wanted !== undefined && !known.includes(wanted)) {
    throw new ConfigurationError(
      `Expected 'docker' or 'podman' for KADAM_ENGINE but received '${wanted}'. Unset it to have the engine found.`,
      { code: 'UnknownEngine' },
    );
  }
  const tried: { command: string; problem: string }[] = [];
  for (const command of wanted === undefined ? known : [wanted]) {
    const found = await probe(run, command);
    if (typeof found !== 'string') return { engine: found };
    tried.push({ command, problem: found });
  }
  return { tried };
};
