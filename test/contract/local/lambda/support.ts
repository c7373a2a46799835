import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FunctionDefinition } from '../../../../local/lambda/function-definition.ts';

export const fixture = (name: string): string => join(import.meta.dirname, 'fixtures', name);

/** A function of fixtures/functions.ts under its export's name. */
export const define = (name: string, overrides: Partial<FunctionDefinition> = {}): FunctionDefinition => ({
  name,
  file: fixture('functions.ts'),
  handler: name,
  timeoutSeconds: 20,
  memoryMiB: 512,
  ...overrides,
});

/** Keeps the lines of a log, and lets a test wait for one. */
export const createLog = () => {
  const lines: string[] = [];
  let waiting: { pattern: RegExp; resolve: (match: RegExpExecArray) => void }[] = [];
  return {
    lines,
    log(line: string): void {
      lines.push(line);
      waiting = waiting.filter(({ pattern, resolve }) => {
        const match = pattern.exec(line);
        if (match !== null) resolve(match);
        return match === null;
      });
    },
    /** The first line that matches, past or future. */
    line(pattern: RegExp): Promise<RegExpExecArray> {
      for (const line of lines) {
        const match = pattern.exec(line);
        if (match !== null) return Promise.resolve(match);
      }
      return new Promise((resolve) => waiting.push({ pattern, resolve }));
    },
  };
};

/** Whether a process runs; a zombie, which only waits for its parent, does not. */
export const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
};
