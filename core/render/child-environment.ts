/**
 * What decoders and containers' programs are given of the environment: never AWS_*, so that no credentials get into
 * what they log, crash with or hand on. It is no wall: they run as the worker's own user, who may read the worker's
 * environment in /proc, and only what the worker's role may do bounds what code that has taken one over can do.
 */
const passedVariables = ['PATH', 'HOME', 'TMPDIR', 'LANG'];

/** The environment of a process that works on a stranger's picture. */
export const childEnvironment = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(passedVariables.map((name) => [name, process.env[name]])),
  // glibc would keep an arena per thread and give memory back late.
  MALLOC_ARENA_MAX: '2',
});
