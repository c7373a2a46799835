import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where test/stack packages the stack, once for all of its files. */
    stackFolder: string;
  }
}

/** Gives all test files of one run one empty folder: what nobody asks for is not packaged. Removes it afterwards. */
export default async (project: TestProject): Promise<() => Promise<void>> => {
  const folder = await mkdtemp(join(tmpdir(), 'kadam-stack-'));
  project.provide('stackFolder', folder);
  return () => rm(folder, { recursive: true, force: true });
};
