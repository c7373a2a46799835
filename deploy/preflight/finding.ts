import type { DeployedNames } from '../deployed-names.ts';
import type { Params } from '../params.ts';

/** What a deployment does differently because of what a check found; `apply-adjustments.ts` does it. */
export type Adjustment =
  | { kind: 'lambdaMemory'; memoryMiB: number }
  | { kind: 'concurrency'; process: number; dispatch: number }
  | { kind: 'maxvCpus'; market: Market; maxvCpus: number }
  | { kind: 'noSpot' }
  | { kind: 'instanceTypes'; types: string[] }
  | { kind: 'serviceLinkedRole'; service: string; role: string };

export type Market = 'spot' | 'onDemand';

/**
 * What a check found. `ok`: all is well. `noted`: the deployment goes on, but somebody should know. `adjusted`: it goes
 * on with other sizes, or makes something first. `refused`: it cannot go on.
 */
export type Finding = {
  check: string;
  status: 'ok' | 'noted' | 'adjusted' | 'refused';
  found: string;
  /** What to do about it, as a command where there is one. */
  wayOut?: string;
  adjustments?: Adjustment[];
};

/** One look at the account before anything is changed. It answers with findings, and throws where it cannot look. */
export type Check = { name: string; look(): Promise<Omit<Finding, 'check'>[]> };

/** What a container needs of the machine that it runs on. */
export type ContainerNeeds = { container: string; vcpus: number; memoryMiB: number };

/** What is about to be deployed, and where. */
export type Deployment = {
  params: Params;
  stage: string;
  region: string;
  account: string;
  partition: string;
  names: DeployedNames;
  lambdaMemoryMiB: number;
  containers: ContainerNeeds[];
};
