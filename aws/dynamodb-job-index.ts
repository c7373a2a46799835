import { type DynamoDBClient, paginateQuery, paginateScan } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Job } from '../core/jobs/job.ts';
import { answered } from './answered.ts';
import { byUploadIndex, uploadIndexKey } from './jobs-table.ts';

/** Finds job records for people. It is eventually consistent, as every index of DynamoDB: seconds behind at most. */
export type JobIndex = {
  /** Every job of a key, whatever its versions and recipes, the newest first. */
  ofKey(bucket: string, key: string): Promise<Job[]>;
  /** The newest jobs of the whole table, which is read for that: for the embedded cloud's table, not for a large one. */
  recent(limit: number): Promise<Job[]>;
};

const jobsOf = (items: Parameters<typeof unmarshall>[0][] = []): Job[] =>
  items.map((item) => (unmarshall(item) as { job: Job }).job);

const collect = async (pages: AsyncIterable<{ Items?: Parameters<typeof unmarshall>[0][] }>): Promise<Job[]> => {
  const jobs: Job[] = [];
  for await (const { Items } of pages) jobs.push(...jobsOf(Items));
  return jobs;
};

export const dynamoDbJobIndex = (client: DynamoDBClient, table: string): JobIndex => ({
  async ofKey(bucket, key) {
    const pages = paginateQuery(
      { client },
      {
        TableName: table,
        IndexName: byUploadIndex,
        KeyConditionExpression: 'upload = :upload',
        ExpressionAttributeValues: marshall({ ':upload': uploadIndexKey({ bucket, key }) }),
        ScanIndexForward: false,
      },
    );
    return (await answered('DynamoDB to answer a Query', collect(pages))) ?? [];
  },
  async recent(limit) {
    const pages = paginateScan({ client }, { TableName: table, FilterExpression: 'attribute_exists(upload)' });
    const jobs = (await answered('DynamoDB to answer a Scan', collect(pages))) ?? [];
    return jobs.sort((a, b) => b.createdAt - a.createdAt).slice(0, limit);
  },
});
