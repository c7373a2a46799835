/** A finding of cdk-nag that stays, and why. */
export type Suppression = {
  /** The rule, with what it found in brackets where it says so. */
  finding: RegExp;
  /** Logical ids: the finding is expected of these, and of no other. */
  resources: readonly string[];
  why: string;
};

const functionRoles = ['DispatchRole', 'ProcessRole', 'SettleRole'];

/** Reviewed one by one. One that nothing is found for any more has to go: the test fails. */
export const suppressions: readonly Suppression[] = [
  {
    finding: /^AwsSolutions-S1$/,
    resources: ['InputBucket', 'OutputBucket', 'ServerlessDeploymentBucket'],
    why: 'Logs of access would need a third bucket, which grows without end and which `sls remove` could not delete. CloudTrail data events say the same, where an account wants it.',
  },
  {
    finding: /^AwsSolutions-VPC7$/,
    resources: ['Vpc'],
    why: 'Nothing comes into this network, and what leaves it goes to AWS over TLS: its flow logs would name addresses of AWS alone. Who wants them brings a network of theirs (network: existing).',
  },
  {
    finding: /^AwsSolutions-SQS3$/,
    resources: ['SettleDeadLetters'],
    why: 'It is a dead-letter queue itself, of an asynchronous invocation and of a rule, which cdk-nag does not see: it looks for queues.',
  },
  {
    finding: /^Serverless-SQSRedrivePolicy$/,
    resources: ['UploadsDeadLetters', 'WorkDeadLetters', 'SettleDeadLetters'],
    why: 'Dead letters have no dead letters.',
  },
  {
    finding: /^AwsSolutions-IAM4\[Policy::.*AmazonEC2ContainerServiceforEC2Role\]$/,
    resources: ['InstanceRole'],
    why: 'What the ECS agent needs is for AWS to say, and changes with the agent; a copy of the policy would age.',
  },
  {
    finding: /^AwsSolutions-IAM5\[Resource::\*\]$/,
    resources: [...functionRoles, 'ExecutionRole', 'WorkflowRole'],
    why: 'Only of actions that take no resource: X-Ray, the token of ECR, batch:DescribeJobs, the delivery of logs (rules/permissions.ts holds the list).',
  },
  {
    finding: /^AwsSolutions-IAM5\[Resource::arn:.*:log-group:\/aws\/lambda\/kadam-dev-(dispatch|process|settle):\*\]$/,
    resources: functionRoles,
    why: "The streams of the function's own log group: Lambda chooses their names.",
  },
  {
    finding: /^AwsSolutions-IAM5\[Resource::\["arn:\$\{AWS::Partition\}:s3:::\$\{Bucket\}\/(camera\/)?\*".*\]\]$/,
    resources: [...functionRoles, 'JobRole'],
    why: 'Pictures in the watched bucket, below its prefix: people choose their keys.',
  },
  {
    finding: /^AwsSolutions-IAM5\[Resource::<OutputBucket\.Arn>\/\*\]$/,
    resources: ['ProcessRole', 'SettleRole', 'JobRole'],
    why: 'Outputs lie under the keys of their pictures.',
  },
  {
    finding: /^AwsSolutions-IAM5\[Resource::arn:.*:execution:kadam-dev-filter-image:\*\]$/,
    resources: ['DispatchRole', 'ProcessRole'],
    why: 'Executions of the one state machine: their names come from their jobs.',
  },
  {
    finding: /^AwsSolutions-IAM5\[Resource::arn:.*:job\/\*\]$/,
    resources: ['WorkflowRole'],
    why: 'Batch chooses the ids of jobs. The role submits to the two queues alone, but Batch lets nobody stop by queue.',
  },
  {
    finding: /^AwsSolutions-IAM5\[Resource::arn:.*:job-definition\/kadam-dev-\w+:\*\]$/,
    resources: ['WorkflowSubmits'],
    why: 'Every revision: an execution in flight submits the one that it was started with.',
  },
  {
    finding: /^AwsSolutions-IAM5\[Resource::arn:.*:repository\/kadam\/dev\/\*\]$/,
    resources: ['ExecutionRole'],
    why: 'The images of all containers of this deployment: one repository for each folder of containers/.',
  },
  {
    finding: /^Serverless-LambdaStarPermissions$/,
    resources: functionRoles,
    why: 'The same stars as in AwsSolutions-IAM5, each of which has its reason above.',
  },
  {
    finding: /^Serverless-LambdaDLQ$/,
    resources: ['DispatchLambdaFunction', 'ProcessLambdaFunction', 'SettleLambdaFunction'],
    why: 'Queues feed dispatch and process, and have dead letters themselves; what settle fails at goes to SettleDeadLetters by its EventInvokeConfig.',
  },
  {
    finding: /^Serverless-LambdaEventSourceMappingDestination$/,
    resources: ['DispatchEventSourceMappingSQSUploadsQueue', 'ProcessEventSourceMappingSQSWorkQueue'],
    why: 'Lambda takes a destination for streams and topics only: what a queue could not deliver goes to its dead letters.',
  },
  {
    finding: /^Serverless-SNSRedrivePolicy$/,
    resources: ['AlarmEmailSubscription'],
    why: 'An alarm that no e-mail could tell of still stands in the console; nobody would read a queue of them.',
  },
  {
    finding: /^Serverless-EventBusDLQ$/,
    resources: ['BlockedQueues', 'BatchStates'],
    why: 'They feed a log and an alarm: nothing waits for a single event of them.',
  },
];
