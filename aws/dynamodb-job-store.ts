import { randomUUID } from 'node:crypto';
import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { InternalError } from '../core/errors.ts';
import type { Job } from '../core/jobs/job.ts';
import type { JobStore } from '../core/ports.ts';
import { answered } from './answered.ts';
import { expiryKeys, jobItemKey, sparseIndexKeys, uploadIndexKeys } from './jobs-table.ts';

/** A stored record: the job, and the token of the write that stored it. */
type StoredJob = { job: Job; writeToken: string };

/**
 * The job records in DynamoDB. A failed condition may be the echo of this very write, whose answer was lost and which
 * the SDK sent again: a consistent read and the write's own token tell.
 */
export const dynamoDbJobStore = (client: DynamoDBClient, table: string): JobStore => {
  const read = async (id: string): Promise<StoredJob | undefined> => {
    const answer = await answered(
      'DynamoDB to answer a GetItem',
      client.send(new GetItemCommand({ TableName: table, Key: marshall(jobItemKey(id)), ConsistentRead: true })),
    );
    if (answer?.Item === undefined) return undefined;
    const { job, writeToken } = unmarshall(answer.Item) as StoredJob;
    return { job, writeToken };
  };

  const write = async (job: Job, condition: string, values: Record<string, unknown> = {}): Promise<boolean> => {
    const writeToken = randomUUID();
    const item = {
      ...jobItemKey(job.id),
      ...sparseIndexKeys(job),
      ...uploadIndexKeys(job),
      ...expiryKeys(job),
      revision: job.revision,
      job,
      writeToken,
    };
    const answer = await answered(
      'DynamoDB to answer a PutItem',
      client.send(
        new PutItemCommand({
          TableName: table,
          Item: marshall(item, { removeUndefinedValues: true }),
          ConditionExpression: condition,
          ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: marshall(values) } : {}),
        }),
      ),
      ['ConditionalCheckFailedException'],
    );
    return answer !== undefined || (await read(job.id))?.writeToken === writeToken;
  };

  return {
    async create(job) {
      if (await write(job, 'attribute_not_exists(pk)')) return { isNew: true, job };
      const stored = await read(job.id);
      if (stored !== undefined) return { isNew: false, job: stored.job };
      throw new InternalError(`Expected a record of job ${job.id} after its creation failed but there is none.`, {
        code: 'NoSuchJob',
      });
    },
    get: async (id) => (await read(id))?.job,
    async replace(job) {
      const next = { ...job, revision: job.revision + 1 };
      const isStored = await write(next, 'revision = :revision', { ':revision': job.revision });
      return isStored ? next : undefined;
    },
  };
};
