import { ConfigurationError } from '../errors.ts';
import type { Architecture, Machine, Market } from './machine-prices.ts';
import { listedPrices, type Prices } from './prices.ts';

/** /tmp that every function has without paying for it (AWS Lambda pricing, 'Lambda Ephemeral Storage Pricing'). */
const includedDiskMiB = 512;

/**
 * Dollars of so many seconds of a function: its memory and its /tmp, by the started millisecond. The request is one of
 * the job's (job-requests.ts).
 */
export const lambdaDollars = (
  seconds: number,
  memoryMiB: number,
  architecture: Architecture,
  diskMiB: number = includedDiskMiB,
  { dollars }: Prices = listedPrices,
): number => {
  const billedSeconds = Math.ceil(seconds * 1000) / 1000;
  const memory = memoryMiB * (architecture === 'arm64' ? dollars.lambdaArm64GbSecond : dollars.lambdaX86GbSecond);
  const disk = Math.max(0, diskMiB - includedDiskMiB) * dollars.lambdaDiskGbSecond;
  return (billedSeconds * (memory + disk)) / 1024;
};

/** What a deployment's machines are, as far as their price depends on it. */
export type Fleet = {
  architecture: Architecture;
  /** Instance types or families that Batch may start: `instanceTypes` of serverless.yml. Every one with a price where absent. */
  instanceTypes?: readonly string[] | undefined;
  /** Disk of every machine in GiB, all of them gp3: the system's and the scratch disk. */
  diskGiB: number;
  /** Whether machines have a public address: `network: public`. */
  hasPublicAddress: boolean;
};

/** GiB of a machine's own disk: what the ECS-optimised image comes with. */
export const systemDiskGiB = 30;

/** What serverless.yml says, where nothing else is known. */
export const defaultFleet: Fleet = { architecture: 'arm64', diskGiB: 230 + systemDiskGiB, hasPublicAddress: true };

/** What a job asks Batch for. */
export type JobSize = { vcpus: number; memoryMiB: number };

/**
 * How much of a machine's memory Batch can give to jobs; the rest is the system's and the ECS agent's. A job of 60 GiB
 * has to fit a machine of 64 (containers/filter/job.yml).
 */
const usableMemoryShare = 0.9375;

/** Hours of a month, as AWS converts monthly prices. */
export const hoursPerMonth = 730;

/** How many machines of a kind a job takes: half of one that has the vCPUs and the memory for two of it. */
const machinesOf = ({ vcpus, memoryMiB }: JobSize, machine: Machine): number =>
  Math.max(vcpus / machine.vcpus, memoryMiB / (machine.memoryMiB * usableMemoryShare));

/** Dollars of an hour of a machine with its disk and its address. */
const dollarsPerHour = (machine: Machine, market: Market, fleet: Fleet, { dollars }: Prices): number =>
  machine[market] +
  (fleet.diskGiB * dollars.gp3GiBMonth) / hoursPerMonth +
  (fleet.hasPublicAddress ? dollars.publicIpv4Hour : 0);

/** The machines that a fleet may be made of. */
const machinesFor = ({ architecture, instanceTypes }: Fleet, { machines }: Prices): Machine[] => {
  const known = Object.entries(machines);
  if (instanceTypes === undefined)
    return known.map(([, machine]) => machine).filter((machine) => machine.architecture === architecture);
  return instanceTypes.flatMap((type) => {
    // A family such as c7g stands for all its sizes.
    const found = known.filter(([name]) => name === type || name.startsWith(`${type}.`));
    if (found.length > 0) return found.map(([, machine]) => machine);
    throw new ConfigurationError(
      `Expected a price of the instance type ${type} but there are those of ${Object.keys(machines).join(', ')} alone. ` +
        'Give it in a file for --prices (docs/costs.md).',
      { code: 'NoPrice' },
    );
  });
};

/**
 * Those of a fleet's machines that hold a job. Where its types are not named and none of the listed ones is large enough,
 * all of them: a larger size of a family costs more in proportion (Amazon EC2 On-Demand pricing).
 */
const machinesHolding = (size: JobSize, fleet: Fleet, prices: Prices): Machine[] => {
  const machines = machinesFor(fleet, prices);
  const holding = machines.filter((machine) => machinesOf(size, machine) <= 1);
  if (holding.length > 0) return holding;
  if (fleet.instanceTypes === undefined) return machines;
  throw new ConfigurationError(
    `Expected one of the instance types ${fleet.instanceTypes.join(', ')} to hold a job of ${size.vcpus} vCPUs and ` +
      `${size.memoryMiB} MiB but none with a price does. Name a larger one in instanceTypes of serverless.yml; its price ` +
      'may be in a file for --prices (docs/costs.md).',
    { code: 'NoMachine' },
  );
};

/**
 * Dollars of so many seconds of a Batch job, on the cheapest kind of machine that holds it: the share of one that its
 * vCPUs or its memory take, whichever is more, with the same share of disk and address. A machine's start is not in it
 * (machine-starts.ts). Throws ConfigurationError `NoPrice`, or `NoMachine` where none of `instanceTypes` holds the job.
 */
export const batchDollars = (
  seconds: number,
  size: JobSize,
  market: Market,
  fleet: Fleet = defaultFleet,
  prices: Prices = listedPrices,
): number => {
  const hourly = machinesHolding(size, fleet, prices).map(
    (machine) => machinesOf(size, machine) * dollarsPerHour(machine, market, fleet, prices),
  );
  return (Math.min(...hourly) * seconds) / 3600;
};
