import { CapacityError } from '../errors.ts';

/** The CapacityError that a message of libvips, the C library, Node or Python speaks of, if it does. */
export const capacityFailure = (message: string): CapacityError | undefined => {
  if (/No space left on device|ENOSPC/.test(message)) {
    return new CapacityError(
      'Expected room on the disk for the intermediate and encoded files but it is full. Run the job on a worker with ' +
        'more scratch space.',
      { code: 'OutOfDisk' },
    );
  }
  if (
    /out of memory|failed to allocate|unable to allocate|bad_alloc|Cannot allocate memory|ENOMEM|MemoryError/i.test(
      message,
    )
  ) {
    return new CapacityError(
      'Expected enough memory for the picture but the renderer could not get more. Run the job on a worker with more ' +
        'memory.',
      { code: 'OutOfMemory' },
    );
  }
  return undefined;
};
