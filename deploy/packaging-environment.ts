import type { Params } from './params.ts';

const processors = { arm64: 'arm64', x86_64: 'x64' } as const;

/**
 * What npm reads when it packs sharp for the functions: sharp ships its binaries as packages per platform, and the
 * target's is not this machine's. As arguments of `npm install` they would be undone by the `npm prune` that follows.
 */
export const packagingEnvironment = (architecture: Params['architecture']): Record<string, string> => ({
  npm_config_os: 'linux',
  npm_config_cpu: processors[architecture],
  npm_config_libc: 'glibc',
});
