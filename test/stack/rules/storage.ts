import { evaluate } from '../support/evaluate.ts';
import { resourceStatements } from '../support/statements.ts';
import { at, isObject, listOf, resourcesOf, type Template } from '../support/template.ts';
import { change, type Rule } from './rule.ts';

/** osls makes this one, for archives; what its options allow is in serverless.yml. */
const deploymentBucket = 'ServerlessDeploymentBucket';

const isTlsOnly = (template: Template, id: string): boolean =>
  resourceStatements(template).some(
    ({ effect, principal, actions, resources, condition }) =>
      effect === 'Deny' &&
      principal === '*' &&
      actions.length === 1 &&
      /^(s3:\*|sqs:\*|sns:Publish)$/.test(actions[0] ?? '') &&
      resources.some((resource) => resource.includes(`<${id}`)) &&
      String(at(condition, 'Bool', 'aws:SecureTransport')) === 'false',
  );

const ofBuckets = (template: Template, check: (bucket: Record<string, unknown>, id: string) => boolean, say: string) =>
  resourcesOf(template, 'AWS::S3::Bucket')
    .filter(([id, bucket]) => !check(bucket, id))
    .map(([id]) => `${id}: ${say}`);

const blocks = ['BlockPublicAcls', 'BlockPublicPolicy', 'IgnorePublicAcls', 'RestrictPublicBuckets'];

const lifecycleRules = (bucket: unknown) =>
  listOf(at(bucket, 'LifecycleConfiguration', 'Rules')).filter((rule) => at(rule, 'Status') === 'Enabled');

export const storageRules: Rule[] = [
  {
    name: 'buckets are closed to the public',
    faults: (template) =>
      ofBuckets(
        template,
        (bucket) => blocks.every((name) => at(bucket, 'PublicAccessBlockConfiguration', name) === true),
        'not every public access is blocked',
      ),
    mutations: Object.fromEntries(
      blocks.map((name) => [name, change('OutputBucket', ['PublicAccessBlockConfiguration', name], false)]),
    ),
  },
  {
    name: 'buckets, queues and topics are spoken to over TLS only',
    faults: (template) =>
      ['AWS::S3::Bucket', 'AWS::SQS::Queue', 'AWS::SNS::Topic'].flatMap((type) =>
        resourcesOf(template, type)
          .filter(([id]) => !isTlsOnly(template, id))
          .map(([id]) => `${id}: plain HTTP is allowed`),
      ),
    mutations: {
      'a bucket': (template) => delete template.Resources.OutputBucketPolicy,
      'a queue': change('WorkQueuePolicy', ['PolicyDocument', 'Statement', 0, 'Condition', 'Bool'], {}),
    },
  },
  {
    name: 'buckets are encrypted',
    faults: (template) =>
      ofBuckets(
        template,
        (bucket) =>
          /^(AES256|aws:kms)$/.test(
            String(
              at(
                bucket,
                ...['BucketEncryption', 'ServerSideEncryptionConfiguration', 0, 'ServerSideEncryptionByDefault'],
                'SSEAlgorithm',
              ),
            ),
          ),
        'not encrypted',
      ),
    mutations: { 'no encryption': change('OutputBucket', ['BucketEncryption'], undefined) },
  },
  {
    name: 'buckets of pictures are versioned, their owner owns what is in them, and they forget what is of no use',
    faults: (template) =>
      ofBuckets(
        template,
        (bucket, id) =>
          id === deploymentBucket ||
          (at(bucket, 'VersioningConfiguration', 'Status') === 'Enabled' &&
            at(bucket, 'OwnershipControls', 'Rules', 0, 'ObjectOwnership') === 'BucketOwnerEnforced' &&
            lifecycleRules(bucket).some(
              (rule) => Number(at(rule, 'AbortIncompleteMultipartUpload', 'DaysAfterInitiation')) <= 7,
            ) &&
            lifecycleRules(bucket).some(
              (rule) => Number(at(rule, 'NoncurrentVersionExpiration', 'NoncurrentDays')) > 0,
            )),
        'versioning, ownership or lifecycle is missing',
      ),
    mutations: {
      'no versions': change('OutputBucket', ['VersioningConfiguration', 'Status'], 'Suspended'),
      'foreign owners': change('OutputBucket', ['OwnershipControls'], undefined),
      'parts for ever': change('OutputBucket', ['LifecycleConfiguration', 'Rules', 0, 'Status'], 'Disabled'),
      'versions for ever': change(
        'OutputBucket',
        ['LifecycleConfiguration', 'Rules', 1, 'NoncurrentVersionExpiration'],
        undefined,
      ),
    },
  },
  {
    name: 'the input bucket is made after the policy that lets it speak to its queue',
    faults: (template) => {
      const bucket = template.Resources.InputBucket;
      return bucket === undefined || listOf(bucket.DependsOn).includes('UploadsQueuePolicy')
        ? []
        : ['InputBucket: does not wait for UploadsQueuePolicy'];
    },
    mutations: { 'no order': (template) => delete template.Resources.InputBucket?.DependsOn },
  },
  {
    name: 'the table survives mistakes',
    faults: (template) =>
      resourcesOf(template, 'AWS::DynamoDB::Table')
        .filter(([, table]) => at(table, 'PointInTimeRecoverySpecification', 'PointInTimeRecoveryEnabled') !== true)
        .map(([id]) => `${id}: no recovery to a point in time`),
    mutations: { 'no recovery': change('JobsTable', ['PointInTimeRecoverySpecification'], undefined) },
  },
  {
    name: 'logs are kept for a while, and no longer',
    faults: (template) => [
      ...resourcesOf(template, 'AWS::Logs::LogGroup')
        .filter(([, { RetentionInDays }]) => !(Number(RetentionInDays) > 0))
        .map(([id]) => `${id}: kept for ever`),
      ...resourcesOf(template, 'AWS::Lambda::Function')
        .map(([, { FunctionName }]) => `/aws/lambda/${evaluate(FunctionName)}`)
        .filter(
          (name) => !resourcesOf(template, 'AWS::Logs::LogGroup').some(([, group]) => group.LogGroupName === name),
        )
        .map((name) => `${name}: Lambda would make it, and keep it for ever`),
    ],
    mutations: {
      'for ever': change('BatchLogs', ['RetentionInDays'], undefined),
      "a function's own": (template) => delete template.Resources.SettleLogGroup,
    },
  },
  {
    name: 'with a key of its own, whatever is stored is encrypted with it',
    faults: (template) => {
      if (!JSON.stringify(template.Resources).includes(':kms:')) return [];
      const keyOf = ([id, properties]: [string, Record<string, unknown>]) =>
        isObject(properties) && JSON.stringify(properties).includes(':kms:') ? [] : [`${id}: not with the key`];
      return ['AWS::S3::Bucket', 'AWS::SQS::Queue', 'AWS::DynamoDB::Table', 'AWS::SNS::Topic', 'AWS::Logs::LogGroup']
        .concat('AWS::EC2::LaunchTemplate')
        .flatMap((type) => resourcesOf(template, type))
        .filter(([id]) => id !== deploymentBucket)
        .flatMap(keyOf);
    },
    mutations: {
      'a queue without': (template) => {
        change('WorkQueue', ['KmsMasterKeyId'], 'arn:aws:kms:us-east-1:123456789012:key/a')(template);
      },
    },
  },
];
