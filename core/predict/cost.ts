/**
 * What one decode, filter or encode costs.
 * Seconds are CPU seconds of one core: `serialSeconds` stay what they are on any number of vCPUs, `parallelSeconds`
 * are divided by the threads in use. `heldBytes` is memory that the operation holds until it ends, because it needs
 * the whole picture (0 where it streams). `threads` is given by an operation that does not go by the plan's threads.
 */
export type Cost = { serialSeconds: number; parallelSeconds: number; heldBytes: number; threads?: number };

export const noCost: Cost = { serialSeconds: 0, parallelSeconds: 0, heldBytes: 0 };
