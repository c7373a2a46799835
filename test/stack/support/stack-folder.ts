import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where test/stack packages the stack, once for all of its files. */
    stackFolder: string;
  }
}

/** Names one folder for all test files of one run, which is made when one of them packages something; removes it. */
export default (project: TestProject): (() => Promise<void>) => {
  const folder = join(tmpdir(), `kadam-stack-${randomUUID()}`);
  project.provide('stackFolder', folder);
  return () => rm(folder, { recursive: true, force: true });
};
