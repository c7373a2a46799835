/** The deployment's parameter of the same name (serverless.yml). */
export type Architecture = 'arm64' | 'x86_64';

/** Where Batch buys machines. */
export type Market = 'spot' | 'onDemand';

/** An instance type, and the dollars of an hour of it on each market. */
export type Machine = { architecture: Architecture; vcpus: number; memoryMiB: number; onDemand: number; spot: number };

/**
 * Where machines' prices were read, Linux in us-east-1: On-Demand in a transcript of the page, Spot as what the Spot
 * Instance Advisor said that it saved, on average over a month. Spot moves every day: give your own where it matters.
 */
export const machineSources = {
  onDemand: { source: 'https://aws.amazon.com/ec2/pricing/on-demand/', date: '2025-04-24' },
  spot: { source: 'https://aws.amazon.com/ec2/spot/instance-advisor/', date: '2025-06-28' },
} as const satisfies Record<Market, { source: string; date: string }>;

type Row = [type: string, architecture: Architecture, memoryGiB: number, onDemand: number, percentSaved: number];

/** Dollars an hour On-Demand, and how many percent less Spot was. */
const rows: readonly Row[] = [
  ['c7g.2xlarge', 'arm64', 16, 0.29, 69],
  ['m7g.2xlarge', 'arm64', 32, 0.3264, 64],
  ['r7g.2xlarge', 'arm64', 64, 0.4284, 67],
  ['c6g.2xlarge', 'arm64', 16, 0.272, 66],
  ['m6g.2xlarge', 'arm64', 32, 0.308, 64],
  ['r6g.2xlarge', 'arm64', 64, 0.4032, 63],
  ['c7i.2xlarge', 'x86_64', 16, 0.357, 59],
  ['m7i.2xlarge', 'x86_64', 32, 0.4032, 62],
  ['r7i.2xlarge', 'x86_64', 64, 0.5292, 59],
  ['c6i.2xlarge', 'x86_64', 16, 0.34, 51],
  ['m6i.2xlarge', 'x86_64', 32, 0.384, 58],
  ['r6i.2xlarge', 'x86_64', 64, 0.504, 55],
];

/** What `instanceTypes` of serverless.yml names, by type; each of 8 vCPUs. */
export const listMachines: Readonly<Record<string, Machine>> = Object.fromEntries(
  rows.map(([type, architecture, memoryGiB, onDemand, percentSaved]) => [
    type,
    { architecture, vcpus: 8, memoryMiB: memoryGiB * 1024, onDemand, spot: (onDemand * (100 - percentSaved)) / 100 },
  ]),
);
