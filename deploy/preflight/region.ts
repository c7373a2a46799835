import type { Check, Deployment } from './finding.ts';

export type RegionPort = {
  /** EC2's word for it: `opt-in-not-required`, `opted-in`, `not-opted-in`; undefined where there is no such region. */
  optInStatus(region: string): Promise<string | undefined>;
};

/** The region exists and is turned on for the account. */
export const checkRegion = ({ region, account }: Deployment, port: RegionPort): Check => ({
  name: 'region',
  async look() {
    const status = await port.optInStatus(region);
    if (status === undefined) {
      return [{ status: 'refused', found: `there is no region '${region}'`, wayOut: '--region us-east-1' }];
    }
    if (status === 'not-opted-in') {
      return [
        {
          status: 'refused',
          found: `${region} is not turned on for account ${account}`,
          wayOut: `aws account enable-region --region-name ${region}`,
        },
      ];
    }
    return [{ status: 'ok', found: region }];
  },
});
