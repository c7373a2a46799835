import { ConfigurationError, InternalError, InvalidInputError, type KadamError } from '../errors.ts';
import type { ContainerFilter } from '../filters/container-filter.ts';
import { capacityFailure } from './capacity-failure.ts';
import type { SilentEnd } from './child-ending.ts';
import { outOfMemory } from './child-ending.ts';

/** The exit code by which a program says that the picture is at fault: EX_DATAERR of sysexits.h. */
const badPicture = 65;

/** How a shell that wraps a program says that it was killed by SIGKILL: 128 and the signal's number. */
const killedBehindShell = 137;

const said = (stderr: string): string => {
  const text = stderr.trim();
  return text === '' ? 'nothing' : text;
};

/** The error for a program that could not be started at all. */
export const programNotStarted = (
  { name, container, command, needs }: ContainerFilter,
  reason: string,
): ConfigurationError =>
  new ConfigurationError(
    `Expected ${command[0]} to run step ${name} of the container ${container} but it could not be started: ` +
      `${reason}. Outside of its container it needs: ${needs}.`,
    { code: 'ProgramNotStarted' },
  );

/**
 * Why a program ended without a result: the picture's fault where it says so (exit code 65), a worker too small where
 * it was killed or says so, and else its container's.
 */
export const explainProgramEnd = (
  { name, container, needs }: ContainerFilter,
  { code, signal, stderr }: SilentEnd,
): KadamError => {
  if (code === badPicture) {
    return new InvalidInputError(
      `Expected a picture that step ${name} can take but its program says: ${said(stderr)} ` +
        'Upload another picture, or ask for a recipe without this step.',
      { code: 'RefusedByProgram' },
    );
  }
  const capacity = capacityFailure(stderr);
  if (capacity !== undefined) return capacity;
  if (signal === 'SIGKILL' || code === killedBehindShell) {
    return outOfMemory(`Expected ${name} to end by itself but the system killed it, as it does when memory is full.`);
  }
  return new InternalError(
    `Expected the program of step ${name} to end with 0 but it ended with ${signal ?? code}. Look for the fault in ` +
      `containers/${container}. Outside of its container it needs: ${needs}. Its last words: ${said(stderr)}`,
    { code: 'ProgramFailed' },
  );
};
