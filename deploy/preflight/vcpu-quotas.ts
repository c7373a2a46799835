import type { Check, Deployment, Finding, Market } from './finding.ts';

export type VcpuQuotaPort = {
  /** The value of a quota of EC2 in vCPUs, as it holds for this account and region. */
  vcpuQuota(code: string): Promise<number | undefined>;
};

/** Quotas of the standard families (A, C, D, H, I, M, R, T, Z); Service Quotas, service code ec2. */
const quotas: Record<Market, { code: string; name: string }> = {
  spot: { code: 'L-34B43A08', name: 'Spot vCPUs' },
  onDemand: { code: 'L-1216C47A', name: 'On-Demand vCPUs' },
};

/** Families whose vCPUs count against those two quotas: the first letter of what is neither graphics nor accelerated. */
export const isStandard = (type: string): boolean => /^(a|c|d|h|i|im|is|m|r|t|z)\d/.test(type);

/**
 * How many vCPUs the account may start, against `maxvCpus` and against the largest job. Without On-Demand vCPUs for one
 * job a reclaimed one would have nowhere to go, so that is refused; without Spot every job runs On-Demand.
 */
export const checkVcpuQuotas = ({ params, region, containers }: Deployment, port: VcpuQuotaPort): Check => ({
  name: 'vCPU quotas',
  async look() {
    const largestJob = Math.max(1, ...containers.map(({ vcpus }) => vcpus));
    if (params.maxvCpus < largestJob) {
      return [
        {
          status: 'refused',
          found: `maxvCpus is ${params.maxvCpus}; a job takes ${largestJob}`,
          wayOut: `--param="maxvCpus=${largestJob}"`,
        },
      ];
    }
    if (!params.instanceTypes.every(isStandard)) {
      return [{ status: 'noted', found: 'not looked at: not all instanceTypes are of the standard families' }];
    }
    const look = async (market: Market): Promise<Omit<Finding, 'check'>> => {
      const { code, name } = quotas[market];
      const quota = await port.vcpuQuota(code);
      if (quota === undefined) return { status: 'noted', found: `${name}: the quota ${code} could not be read` };
      if (quota >= params.maxvCpus) return { status: 'ok', found: `${name}: ${params.maxvCpus} of ${quota}` };
      const wayOut = `aws service-quotas request-service-quota-increase --region ${region} --service-code ec2 --quota-code ${code} --desired-value ${params.maxvCpus}`;
      if (quota >= largestJob) {
        return {
          status: 'adjusted',
          found: `${name}: the account may have ${quota}, so Batch starts at most these instead of ${params.maxvCpus}`,
          wayOut,
          adjustments: [{ kind: 'maxvCpus', market, maxvCpus: Math.floor(quota) }],
        };
      }
      return market === 'spot'
        ? {
            // Batch does not count a quota among the reasons for which it cancels: jobs would wait for days.
            status: 'adjusted',
            found: `${name}: the account may have ${quota}, a job takes ${largestJob}: every job runs On-Demand`,
            wayOut,
            adjustments: [{ kind: 'noSpot' }],
          }
        : { status: 'refused', found: `${name}: the account may have ${quota}, a job takes ${largestJob}`, wayOut };
    };
    return Promise.all([look('spot'), look('onDemand')]);
  },
});
