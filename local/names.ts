/** The embedded cloud's account: where AWS shows a region, an account or a credential, these stand locally. */
export const region = 'us-east-1';
export const accountId = '000000000000';
export const credentials = { accessKeyId: 'kadam', secretAccessKey: 'kadam' };

export const queueArn = (name: string): string => `arn:aws:sqs:${region}:${accountId}:${name}`;
export const functionArn = (name: string): string => `arn:aws:lambda:${region}:${accountId}:function:${name}`;
export const stateMachineArn = (name: string): string => `arn:aws:states:${region}:${accountId}:stateMachine:${name}`;
export const executionArn = (stateMachine: string, name: string): string =>
  `arn:aws:states:${region}:${accountId}:execution:${stateMachine}:${name}`;
export const jobQueueArn = (name: string): string => `arn:aws:batch:${region}:${accountId}:job-queue/${name}`;
export const jobDefinitionArn = (name: string, revision: number): string =>
  `arn:aws:batch:${region}:${accountId}:job-definition/${name}:${revision}`;

/** The environment in which the AWS SDK of a child process finds the embedded cloud. */
export const sdkEnvironment = (endpoint: string): Record<string, string> => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: region,
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
});
