import { CapacityError, InternalError, InvalidInputError, type KadamError } from '../errors.ts';
import { capacityFailure } from './capacity-failure.ts';

/** How a rendering process ended that said nothing about it, and the end of what it wrote to standard error. */
export type SilentEnd = { code: number | null; signal: NodeJS.Signals | null; stderr: string };

/** Signals that a process brings upon itself: broken memory accesses, failed assertions, illegal instructions. */
const crashes: ReadonlySet<string> = new Set(['SIGSEGV', 'SIGBUS', 'SIGABRT', 'SIGILL', 'SIGFPE', 'SIGTRAP']);

export const outOfTime = (timeoutSeconds: number): CapacityError =>
  new CapacityError(
    `Expected the picture to be rendered within ${timeoutSeconds.toFixed(1)} s but it was not, and the renderer was ` +
      'stopped. Run the job on a worker with more time, or use a recipe with less work.',
    { code: 'OutOfTime' },
  );

export const outOfMemory = (told: string): CapacityError =>
  new CapacityError(`${told} Run the job on a worker with more memory, or use a recipe with less work.`, {
    code: 'OutOfMemory',
  });

/**
 * Why a rendering process ended without a result, judged by its signal.
 *
 * - SIGKILL that nobody here sent is the system's answer to full memory (the kernel's, or the container's limit).
 * - A crash is taken for the upload's fault: decoders crash on what is in the file, and would again on every retry.
 * - Anything else (an exit code, a foreign signal) is Kadam's own.
 */
export const explainSilentEnd = ({ code, signal, stderr }: SilentEnd): KadamError => {
  const capacity = capacityFailure(stderr);
  if (capacity !== undefined) return capacity;
  if (signal === 'SIGKILL') {
    return outOfMemory(
      'Expected the renderer to end by itself but the system killed it, as it does when memory is full.',
    );
  }
  const lastWords = stderr.trim() === '' ? '' : ` Its last words: ${stderr.trim()}`;
  if (signal !== null && crashes.has(signal)) {
    return new InvalidInputError(
      `Expected a picture that can be decoded but the decoder crashed on it (${signal}), as it would again. Save the ` +
        `picture anew in another program and upload that.${lastWords}`,
      { code: 'DecoderCrashed' },
    );
  }
  return new InternalError(
    `Expected a result from the renderer but it ended with ${signal ?? `code ${code}`}. Report this.${lastWords}`,
    { code: 'RendererEnded' },
  );
};
