import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { hasEnded, type Job } from '../core/jobs/job.ts';
import type { Upload } from '../core/jobs/upload.ts';

export const byUploadIndex = 'by-upload';

/**
 * The jobs table: its keys are final. `pk` is `job#<id>` or `recipe#<hash>`. The index `by-lease` is sparse: it holds
 * open jobs and those whose event is still to be published, sharded by the id's first digit and sorted by the time at
 * which somebody has to look at them. The index `by-upload` finds the jobs of a key, for people.
 */
export const jobsTableDefinition: Omit<CreateTableCommandInput, 'TableName'> = {
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'leaseShard', AttributeType: 'S' },
    { AttributeName: 'leaseUntil', AttributeType: 'N' },
    { AttributeName: 'upload', AttributeType: 'S' },
    { AttributeName: 'createdAt', AttributeType: 'N' },
  ],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'by-lease',
      KeySchema: [
        { AttributeName: 'leaseShard', KeyType: 'HASH' },
        { AttributeName: 'leaseUntil', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
    {
      IndexName: byUploadIndex,
      KeySchema: [
        { AttributeName: 'upload', KeyType: 'HASH' },
        { AttributeName: 'createdAt', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
  BillingMode: 'PAY_PER_REQUEST',
};

export const jobItemKey = (id: string) => ({ pk: `job#${id}` });
export const recipeItemKey = (hash: string) => ({ pk: `recipe#${hash}` });

/** Which upload a job is of, whatever its version: at most 63 + 1 + 1,024 of the 2,048 bytes that a key may have. */
export const uploadIndexKey = ({ bucket, key }: Pick<Upload, 'bucket' | 'key'>): string => `${bucket}/${key}`;

/** The keys by which the index `by-upload` finds a job. */
export const uploadIndexKeys = ({ upload, createdAt }: Job) => ({ upload: uploadIndexKey(upload), createdAt });

/** The keys that keep a record in the index `by-lease`; none once nothing is left to be done for it. */
export const sparseIndexKeys = (job: Job): { leaseShard?: string; leaseUntil?: number } => {
  if (hasEnded(job.state) && job.eventPublished) return {};
  const leaseUntil = job.claim?.leaseUntil ?? job.endedAt ?? job.handedAt ?? job.createdAt;
  return { leaseShard: job.id.slice(0, 1), leaseUntil };
};

/** Days after which DynamoDB may remove the record of a job that was overtaken: nothing refers to it, its manifest is another's. */
const garbageDays = 30;

/**
 * When a record may be removed, in epoch seconds, by DynamoDB's own expiry: days late or never, so nothing rests on it.
 * Only for jobs whose upload was replaced or deleted; the others' records are what tells a repeated event from a new one.
 */
export const expiryKeys = (job: Job): { expiresAt?: number } =>
  job.eventPublished && (job.state === 'superseded' || job.state === 'gone') && job.endedAt !== undefined
    ? { expiresAt: Math.ceil(job.endedAt / 1000) + garbageDays * 24 * 60 * 60 }
    : {};
