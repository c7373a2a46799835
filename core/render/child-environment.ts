/** What decoders and containers' programs may see of the environment: never AWS_*, so that they find no credentials. */
const passedVariables = ['PATH', 'HOME', 'TMPDIR', 'LANG'];

/** The environment of a process that works on a stranger's picture. */
export const childEnvironment = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(passedVariables.map((name) => [name, process.env[name]])),
  // glibc would keep an arena per thread and give memory back late.
  MALLOC_ARENA_MAX: '2',
});
