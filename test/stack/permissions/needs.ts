/** What may be named in a policy; `on.ts` says how the template names it. */
export type On =
  | 'pictures'
  | 'input bucket'
  | 'outputs'
  | 'output bucket'
  | 'table'
  | 'work queue'
  | 'state machine'
  | 'executions'
  | 'event bus';

type Need = { actions: readonly string[]; on: On };

/** S3 answers for a missing object with 403, as for a forbidden one, to those who may not list the bucket. */
const read = (objects: On, bucket: On, actions: readonly string[]): Need[] => [
  { actions, on: objects },
  { actions: ['s3:ListBucket'], on: bucket },
];
/** Versions are read by their id. */
const readPictures = read('pictures', 'input bucket', ['s3:GetObject', 's3:GetObjectVersion']);
const readOutputs = read('outputs', 'output bucket', ['s3:GetObject']);
const writeOutputs: Need[] = [{ actions: ['s3:PutObject'], on: 'outputs' }];
const getItem: Need[] = [{ actions: ['dynamodb:GetItem'], on: 'table' }];
const putItem: Need[] = [{ actions: ['dynamodb:PutItem'], on: 'table' }];

/**
 * What each command asks for, by the file that sends it: a file of aws/ speaks to one thing. Source: Service
 * Authorization Reference, and 'Required permissions for Amazon S3 API operations' of the S3 User Guide.
 */
export const needs: Readonly<Record<string, Readonly<Record<string, readonly Need[]>>>> = {
  'aws/s3-input-store.ts': { GetObjectCommand: readPictures, HeadObjectCommand: readPictures },
  'aws/s3-output-store.ts': {
    GetObjectCommand: readOutputs,
    HeadObjectCommand: readOutputs,
    PutObjectCommand: writeOutputs,
    // Of one version, or of the newest as long as it is the one that was read.
    DeleteObjectCommand: [{ actions: ['s3:DeleteObject', 's3:DeleteObjectVersion'], on: 'outputs' }],
  },
  'aws/s3-multipart-write.ts': {
    CreateMultipartUploadCommand: writeOutputs,
    UploadPartCommand: writeOutputs,
    CompleteMultipartUploadCommand: writeOutputs,
    AbortMultipartUploadCommand: [{ actions: ['s3:AbortMultipartUpload'], on: 'outputs' }],
  },
  'aws/dynamodb-job-store.ts': { GetItemCommand: getItem, PutItemCommand: putItem },
  'aws/dynamodb-recipe-store.ts': { GetItemCommand: getItem, PutItemCommand: putItem },
  'aws/sqs-work-queue.ts': {
    SendMessageCommand: [{ actions: ['sqs:SendMessage'], on: 'work queue' }],
    ChangeMessageVisibilityCommand: [{ actions: ['sqs:ChangeMessageVisibility'], on: 'work queue' }],
  },
  'aws/step-functions-workflow.ts': {
    StartExecutionCommand: [{ actions: ['states:StartExecution'], on: 'state machine' }],
    DescribeExecutionCommand: [{ actions: ['states:DescribeExecution'], on: 'executions' }],
  },
  'aws/event-bridge-publisher.ts': { PutEventsCommand: [{ actions: ['events:PutEvents'], on: 'event bus' }] },
};
