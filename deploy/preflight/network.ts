import type { Check, Deployment } from './finding.ts';

export type Subnet = { id: string; vpc: string; zone: string };

export type NetworkPort = {
  vpcExists(id: string): Promise<boolean>;
  /** The subnets of these ids that are there. */
  subnets(ids: readonly string[]): Promise<Subnet[]>;
};

/** A network of the user's own: VPC and subnets are there and belong together. */
export const checkNetwork = ({ params, region }: Deployment, port: NetworkPort): Check => ({
  name: 'network',
  async look() {
    if (params.network !== 'existing') return [{ status: 'ok', found: `a new one, ${params.network}` }];
    const { vpcId, subnetIds } = params;
    const [vpc, subnets] = await Promise.all([port.vpcExists(vpcId), port.subnets(subnetIds)]);
    const wayOut = `aws ec2 describe-subnets --region ${region} --query 'Subnets[].[VpcId,SubnetId,AvailabilityZone]' --output text`;
    if (!vpc) return [{ status: 'refused', found: `there is no VPC ${vpcId} in ${region}`, wayOut }];
    const missing = subnetIds.filter((id) => !subnets.some((subnet) => subnet.id === id));
    if (missing.length > 0) {
      return [{ status: 'refused', found: `there are no subnets ${missing.join(', ')} in ${region}`, wayOut }];
    }
    const strangers = subnets.filter((subnet) => subnet.vpc !== vpcId);
    if (strangers.length > 0) {
      const found = strangers.map(({ id, vpc: other }) => `${id} belongs to ${other}`).join(', ');
      return [{ status: 'refused', found: `${found}, not to ${vpcId}`, wayOut }];
    }
    const zones = new Set(subnets.map(({ zone }) => zone)).size;
    const found = `${vpcId}, ${subnets.length} subnets in ${zones} ${zones === 1 ? 'zone' : 'zones'}`;
    if (zones > 1) return [{ status: 'ok', found }];
    return [{ status: 'noted', found: `${found}: Spot capacity of one zone is all that jobs can get` }];
  },
});
