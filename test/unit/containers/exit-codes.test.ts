import { describe, expect, it } from 'vitest';
import { readJobFile } from '../../../aws/job-file.ts';
import { exitCodeOf, exitCodes } from '../../../containers/filter/exit-codes.ts';
import {
  CapacityError,
  ConfigurationError,
  DependencyError,
  InternalError,
  LostClaimError,
  StoppedError,
} from '../../../core/errors.ts';

const options = { code: 'X' };

/** Whether job.yml lets Batch try again after an exit code: no rule that says EXIT matches it. */
const isRetried = async (code: number): Promise<boolean> => {
  const { evaluateOnExit = [] } = (await readJobFile('filter')).retryStrategy;
  const matches = (pattern: string) => new RegExp(`^${pattern.replace('*', '.*')}$`).test(String(code));
  return !evaluateOnExit.some(({ action, onExitCode }) => action === 'EXIT' && onExitCode && matches(onExitCode));
};

describe('the exit code of a container', () => {
  it.each([
    ['a service that failed', new DependencyError('x', options), exitCodes.tryAgain, true],
    ['an error that nobody foresaw', new Error('x'), exitCodes.tryAgain, true],
    [
      'a container with too little memory',
      new CapacityError('x', { code: 'OutOfMemory' }),
      exitCodes.tooLittleMemory,
      false,
    ],
    ['a container with too little time', new CapacityError('x', { code: 'OutOfTime' }), exitCodes.tooSmall, false],
    ['a container with too little disk', new CapacityError('x', { code: 'OutOfDisk' }), exitCodes.tooSmall, false],
    ['a container that was asked to stop', new StoppedError(), exitCodes.stopped, false],
    ['a fault of Kadam', new InternalError('x', options), exitCodes.fault, false],
    ['a wrong environment', new ConfigurationError('x', options), exitCodes.fault, false],
    ['a claim that was lost to the end', new LostClaimError('x', options), exitCodes.fault, false],
  ])('%s', async (_name, error, code, retried) => {
    expect(exitCodeOf(error)).toBe(code);
    expect(await isRetried(code)).toBe(retried);
  });

  it('of a crash is tried again by Batch, of a kill not: it may have been one for memory', async () => {
    for (const code of [1, 134, 139]) expect(await isRetried(code)).toBe(true);
    expect(await isRetried(137)).toBe(false);
  });
});
