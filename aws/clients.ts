import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';

/**
 * Adaptive retries: under throttling (S3 503 SlowDown, Step Functions' StartExecution rate) the SDK slows down by
 * itself, and a throttled call never counts against a picture.
 */
const retries = { maxAttempts: 6, retryMode: 'adaptive' } as const;

export const dynamoDbClient = () => new DynamoDBClient(retries);
export const eventBridgeClient = () => new EventBridgeClient(retries);
export const s3Client = () => new S3Client(retries);
export const stepFunctionsClient = () => new SFNClient(retries);
export const sqsClient = () => new SQSClient(retries);
