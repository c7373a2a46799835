import type { Params } from '../params.ts';

/** What a removal leaves behind on purpose, and what it costs: for the last lines of `sls remove`. */
export const whatStays = (params: Params, failed: readonly string[]): string[] => [
  ...failed.map((line) => `could not be deleted, and may cost money: ${line}`),
  ...(params.input === 'existing'
    ? [`the bucket ${params.inputBucket}, with everything in it: it was there before, and costs what it did`]
    : []),
  ...(params.encryption === 'kms' ? [`the key ${params.kmsKeyArn}: it is yours, and costs what it did`] : []),
  'a backup of the table of jobs, which DynamoDB keeps for 35 days without charge because point-in-time recovery was on',
  'service-linked roles (AWSServiceRoleForBatch and others): they cost nothing, and other things may need them',
  'metrics that were measured: they cost nothing, and CloudWatch forgets them',
];
