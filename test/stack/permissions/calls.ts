import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** An SDK command, and the file of aws/ that sends it. */
export type Call = { file: string; command: string };

const repository = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * The SDK commands that are left in a program's bundle: what its entry reaches by its imports, less what the bundler
 * finds unused. esbuild writes the name of each file above what is left of it.
 */
export const callsOf = async (entry: string): Promise<Call[]> => {
  const { outputFiles } = await build({
    entryPoints: [entry],
    absWorkingDir: repository,
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'silent',
  });
  return readCalls(outputFiles[0]?.text ?? '');
};

/** The commands in the text of a bundle. Where two files import one name, esbuild numbers the second. */
export const readCalls = (bundle: string): Call[] => {
  const calls = new Map<string, Call>();
  let file = '';
  for (const line of bundle.split('\n')) {
    file = /^\/\/ (\S+\.ts)$/.exec(line)?.[1] ?? file;
    for (const [, command = ''] of line.matchAll(/\bnew ([A-Z]\w*?Command)\d*\(/g))
      calls.set(`${file} ${command}`, { file, command });
  }
  return [...calls.values()];
};
