import type { Check, Deployment } from './finding.ts';

/** KMS as far as this check asks it. */
export type KeyPort = {
  /** A key's state, such as `Enabled` or `PendingDeletion`; undefined where there is no such key. */
  keyState(arn: string): Promise<string | undefined>;
};

/** A key of one's own has to be in the deployment's region, and to be enabled. */
export const checkEncryptionKey = ({ params, region, account }: Deployment, port: KeyPort): Check => ({
  name: 'encryption',
  async look() {
    if (params.encryption === 'managed') return [{ status: 'ok', found: "the services' own keys" }];
    const [, , , keyRegion = '', keyAccount = ''] = params.kmsKeyArn.split(':');
    if (keyRegion !== region) {
      return [
        {
          status: 'refused',
          found: `the key is in ${keyRegion}, the deployment in ${region}`,
          wayOut: `aws kms list-keys --region ${region}`,
        },
      ];
    }
    if (keyAccount !== account) {
      return [
        { status: 'noted', found: `the key is account ${keyAccount}'s: its policy has to name account ${account}` },
      ];
    }
    const state = await port.keyState(params.kmsKeyArn);
    if (state !== 'Enabled') {
      return [
        {
          status: 'refused',
          found: state === undefined ? `there is no key ${params.kmsKeyArn}` : `the key is ${state}`,
          wayOut: `aws kms describe-key --region ${region} --key-id ${params.kmsKeyArn}`,
        },
      ];
    }
    return [{ status: 'ok', found: params.kmsKeyArn }];
  },
});
