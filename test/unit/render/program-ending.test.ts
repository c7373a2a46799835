import { describe, expect, it } from 'vitest';
import { explainProgramEnd, programNotStarted } from '../../../core/render/program-ending.ts';
import { stampFilter } from '../../support/stamp-container.ts';

describe('a program that ended without a result', () => {
  it.each([
    [{ code: 65, signal: null, stderr: 'Too small.' }, 'InvalidInputError', 'RefusedByProgram'],
    [{ code: 65, signal: null, stderr: 'ENOSPC is its name.' }, 'InvalidInputError', 'RefusedByProgram'],
    [{ code: 1, signal: null, stderr: 'cp: error writing: No space left on device' }, 'CapacityError', 'OutOfDisk'],
    [{ code: 1, signal: null, stderr: 'Error: ENOSPC, write' }, 'CapacityError', 'OutOfDisk'],
    [{ code: 1, signal: null, stderr: 'fork: Cannot allocate memory' }, 'CapacityError', 'OutOfMemory'],
    [{ code: 1, signal: null, stderr: 'Error: spawn ENOMEM' }, 'CapacityError', 'OutOfMemory'],
    [{ code: 1, signal: null, stderr: 'Traceback:\nMemoryError' }, 'CapacityError', 'OutOfMemory'],
    [{ code: null, signal: 'SIGABRT', stderr: 'terminate: std::bad_alloc' }, 'CapacityError', 'OutOfMemory'],
    [{ code: null, signal: 'SIGKILL', stderr: '' }, 'CapacityError', 'OutOfMemory'],
    [{ code: 137, signal: null, stderr: 'Killed' }, 'CapacityError', 'OutOfMemory'],
    [{ code: 1, signal: null, stderr: '' }, 'InternalError', 'ProgramFailed'],
    [{ code: null, signal: 'SIGSEGV', stderr: '' }, 'InternalError', 'ProgramFailed'],
    [{ code: null, signal: 'SIGTERM', stderr: '' }, 'InternalError', 'ProgramFailed'],
  ] as const)('%o: %s %s', (end, name, code) => {
    expect(explainProgramEnd(stampFilter(), end)).toMatchObject({ name, code });
  });

  it('is quoted, and says so where it said nothing', () => {
    const end = { code: 3, signal: null };
    expect(explainProgramEnd(stampFilter(), { ...end, stderr: ' no such thing\n' }).message).toMatch(
      /ended with 3\. .* Its last words: no such thing$/,
    );
    expect(explainProgramEnd(stampFilter(), { ...end, stderr: '' }).message).toMatch(/Its last words: nothing$/);
  });

  it('because it never began is its deployment’s fault', () => {
    expect(programNotStarted(stampFilter(), 'spawn node ENOENT')).toMatchObject({
      name: 'ConfigurationError',
      code: 'ProgramNotStarted',
      message: expect.stringContaining('spawn node ENOENT. Outside of its container it needs: nothing but Node.'),
    });
  });
});
