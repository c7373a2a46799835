import { ConfigurationError } from '../errors.ts';

/** What a worker may use: from its configuration, never from a constant in the code. */
export type WorkerLimits = {
  /** Seconds until the worker is stopped. */
  timeoutSeconds: number;
  memoryMiB: number;
  /** Scratch space in MiB. */
  diskMiB: number;
  vcpus: number;
};

/** The container that runs a Batch job whose plan asks for no other. */
export const filterContainer = 'filter';

/** What the function and the containers on Batch have, and the share of it that routing leaves unused. */
export type RoutingLimits = {
  lambda: WorkerLimits;
  /** By the container's name: the folder of containers/. */
  containers: Readonly<Record<string, WorkerLimits>>;
  /** 0.1 leaves a tenth of each limit unused: for the start of the worker and the publication of its outputs. */
  margin: number;
};

/** What is known of a container, by its name. Throws ConfigurationError `NoSuchContainer` where it is not deployed. */
export const ofContainer = <Value>(byContainer: Readonly<Record<string, Value>>, container: string): Value => {
  const found = byContainer[container];
  if (found !== undefined) return found;
  throw new ConfigurationError(
    `Expected one of the deployed containers ${Object.keys(byContainer).join(', ')} but received a job for ` +
      `'${container}'. Deploy containers/${container}, or remove the recipes that need it.`,
    { code: 'NoSuchContainer' },
  );
};

/** What a container has. Throws ConfigurationError `NoSuchContainer` where it is not deployed. */
export const containerLimits = ({ containers }: RoutingLimits, container: string): WorkerLimits =>
  ofContainer(containers, container);
