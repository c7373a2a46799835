import { BatchClient } from '@aws-sdk/client-batch';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECRClient } from '@aws-sdk/client-ecr';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { IAMClient } from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { SFNClient } from '@aws-sdk/client-sfn';
import { STSClient } from '@aws-sdk/client-sts';
import type { OslsClientConfig } from './osls.ts';

/**
 * One client of each service, with the credentials, region, proxy and certificates that osls found. The SDK reads
 * AWS_ENDPOINT_URL itself; only S3 has to be told that an endpoint of one's own has no name per bucket.
 */
export const awsClients = (config: OslsClientConfig, environment: NodeJS.ProcessEnv = process.env) => ({
  batch: new BatchClient(config),
  cloudFormation: new CloudFormationClient(config),
  dynamoDb: new DynamoDBClient(config),
  ec2: new EC2Client(config),
  ecr: new ECRClient(config),
  events: new EventBridgeClient(config),
  iam: new IAMClient(config),
  kms: new KMSClient(config),
  lambda: new LambdaClient(config),
  logs: new CloudWatchLogsClient(config),
  quotas: new ServiceQuotasClient(config),
  s3: new S3Client({
    ...config,
    // A user's own bucket may be in another region than the deployment, which preflight has to be able to say.
    followRegionRedirects: true,
    forcePathStyle: (environment.AWS_ENDPOINT_URL_S3 || environment.AWS_ENDPOINT_URL || '') !== '',
  }),
  stepFunctions: new SFNClient(config),
  sts: new STSClient(config),
});

export type AwsClients = ReturnType<typeof awsClients>;
