import type { Check, Deployment } from './finding.ts';

/** An instance type as EC2 describes it. */
export type InstanceType = { name: string; architectures: string[]; vcpus: number; memoryMiB: number };

export type InstanceTypesPort = {
  /** Those of the region whose names match one of the patterns (`c7g.2xlarge`, `c7g.*`). */
  offered(patterns: readonly string[]): Promise<InstanceType[]>;
};

/**
 * What ECS and the system keep of a machine's memory for themselves, as a share: Batch offers jobs less than EC2 names.
 * Rough, and only used to find types that could never hold a job.
 */
const keptShare = 0.02;

const patternOf = (type: string): string => (type.includes('.') ? type : `${type}.*`);
const belongsTo = (name: string, type: string): boolean =>
  type.includes('.') ? name === type : name.startsWith(`${type}.`);

/** The instance types exist in the region, have the right processor, and at least one of them holds every job. */
export const checkInstanceTypes = ({ params, region, containers }: Deployment, port: InstanceTypesPort): Check => ({
  name: 'instance types',
  async look() {
    const { instanceTypes: wanted, architecture } = params;
    const offered = await port.offered(wanted.map(patternOf));
    const foreign = offered.filter(({ architectures }) => !architectures.includes(architecture));
    if (foreign.length > 0) {
      return [
        {
          status: 'refused',
          found: `${foreign.map(({ name }) => name).join(', ')}: no ${architecture} processors`,
          wayOut: `choose others with --param="instanceTypes=...", or leave instanceTypes out with --param="architecture=${architecture}"`,
        },
      ];
    }
    const there = wanted.filter((type) => offered.some(({ name }) => belongsTo(name, type)));
    const missing = wanted.filter((type) => !there.includes(type));
    const other = `aws ec2 describe-instance-type-offerings --region ${region} --filters Name=instance-type,Values='*.2xlarge'`;
    if (there.length === 0) {
      return [{ status: 'refused', found: `${region} has none of ${wanted.join(', ')}`, wayOut: other }];
    }
    const homeless = containers.filter(
      ({ vcpus, memoryMiB }) =>
        !offered.some((type) => type.vcpus >= vcpus && type.memoryMiB * (1 - keptShare) >= memoryMiB),
    );
    if (homeless.length > 0) {
      const needs = homeless.map(
        ({ container, vcpus, memoryMiB }) => `${container} (${vcpus} vCPUs, up to ${memoryMiB} MiB)`,
      );
      return [
        {
          status: 'refused',
          found: `none of ${there.join(', ')} holds ${needs.join(', ')}`,
          wayOut: 'choose larger ones with --param="instanceTypes=...", or lower maxMemoryMiB in containers/*/job.yml',
        },
      ];
    }
    if (missing.length === 0) return [{ status: 'ok', found: there.join(', ') }];
    return [
      {
        status: 'adjusted',
        found: `${region} has no ${missing.join(', ')}: Batch starts ${there.join(', ')}`,
        wayOut: other,
        adjustments: [{ kind: 'instanceTypes', types: there }],
      },
    ];
  },
});
