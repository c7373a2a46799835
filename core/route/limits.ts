/** What a worker may use: from its configuration, never from a constant in the code. */
export type WorkerLimits = {
  /** Seconds until the worker is stopped. */
  timeoutSeconds: number;
  memoryMiB: number;
  /** Scratch space in MiB. */
  diskMiB: number;
  vcpus: number;
};

/** What the two targets have, and the share of it that routing leaves unused. */
export type RoutingLimits = {
  lambda: WorkerLimits;
  batch: WorkerLimits;
  /** 0.1 leaves a tenth of each limit unused: for the start of the worker and the publication of its outputs. */
  margin: number;
};
