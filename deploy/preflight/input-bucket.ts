import type { Check, Deployment, Finding } from './finding.ts';

/** What is known of an existing bucket. `notifications` is its whole configuration, as the AWS CLI takes it. */
export type BucketFacts = {
  region: string;
  versioning: boolean;
  eventBridge: boolean;
  notifications: Readonly<Record<string, unknown>>;
};

export type InputBucketPort = {
  /** Undefined where there is no such bucket; `foreign` where these credentials may not see it. */
  bucket(name: string): Promise<BucketFacts | 'foreign' | undefined>;
};

/** A word that a POSIX shell takes as it is. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** An existing input bucket: there, in this region, versioned, and telling EventBridge of its uploads. */
export const checkInputBucket = ({ params, region }: Deployment, port: InputBucketPort): Check => ({
  name: 'input bucket',
  async look() {
    if (params.input === 'new') return [{ status: 'ok', found: 'a new one' }];
    const name = params.inputBucket;
    const bucket = await port.bucket(name);
    if (bucket === undefined) {
      return [
        {
          status: 'refused',
          found: `there is no bucket ${name}`,
          wayOut: 'check inputBucket, or use --param="input=new"',
        },
      ];
    }
    if (bucket === 'foreign') {
      return [
        {
          status: 'refused',
          found: `these credentials may not look at the bucket ${name}`,
          wayOut:
            'use credentials of its account that have s3:ListBucket, s3:GetBucketVersioning and s3:GetBucketNotification on it',
        },
      ];
    }
    const findings: Omit<Finding, 'check'>[] = [];
    if (bucket.region !== region) {
      findings.push({
        status: 'refused',
        found: `${name} is in ${bucket.region}, the deployment in ${region}`,
        wayOut: `--region ${bucket.region}`,
      });
    }
    if (!bucket.versioning) {
      findings.push({
        status: 'refused',
        found: `${name} has no versioning, by which Kadam tells one upload of a key from the next`,
        wayOut: `aws s3api put-bucket-versioning --bucket ${name} --versioning-configuration Status=Enabled`,
      });
    }
    if (!bucket.eventBridge) {
      // The call replaces the whole configuration: what the bucket tells others is repeated in it.
      const configuration = JSON.stringify({ ...bucket.notifications, EventBridgeConfiguration: {} });
      findings.push({
        status: 'refused',
        found: `${name} does not tell EventBridge of its uploads`,
        wayOut: `aws s3api put-bucket-notification-configuration --bucket ${name} --notification-configuration ${quoted(configuration)}`,
      });
    }
    return findings.length > 0 ? findings : [{ status: 'ok', found: `${name}, below '${params.inputPrefix}'` }];
  },
});
