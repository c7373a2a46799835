/** macOS says EPERM of a group that has ended but for its zombies. */
const endedCodes: unknown[] = ['ESRCH', 'EPERM'];

/**
 * Signals a process id, or a whole group as its negative. One that has ended already is what is wanted. Windows has no
 * groups: there nothing of them is found.
 */
export const signal = (target: number, name: NodeJS.Signals): void => {
  try {
    process.kill(target, name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && endedCodes.includes(error.code))) throw error;
  }
};
