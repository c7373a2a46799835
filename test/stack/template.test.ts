import { beforeAll, describe, expect, it } from 'vitest';
import { templateOf } from './support/packaged.ts';
import { referenceFaults } from './support/references.ts';
import { attributesOf, schemaFaults } from './support/resource-schemas.ts';
import { parseTemplate, type Template } from './support/template.ts';
import { defaultVariant, missingPairs, variants } from './support/variants.ts';

describe('the variants', () => {
  it('bring every two values of two params together', () => {
    expect(missingPairs()).toEqual([]);
  });
});

describe.each(variants)('the template: $name', (variant) => {
  let template: Template;
  beforeAll(async () => {
    template = await templateOf(variant);
  }, 120_000);

  it("is what AWS's schemas of resources allow", () => {
    expect(schemaFaults(template)).toEqual([]);
  });

  it('refers to what there is, and in no circle', () => {
    expect(referenceFaults(template, attributesOf)).toEqual([]);
  });
});

/** A template with one fault, and what is to be said of it. */
const broken: [what: string, resources: Record<string, unknown>, said: RegExp][] = [
  ['an unknown type', { A: { Type: 'AWS::SQS::Kueue' } }, /A: there is no type AWS::SQS::Kueue/],
  ['an unknown property', { A: { Type: 'AWS::SQS::Queue', Properties: { Name: 'a' } } }, /A: there is no Name/],
  ['a missing property', { A: { Type: 'AWS::SQS::QueuePolicy', Properties: { Queues: [] } } }, /PolicyDocument is req/],
  [
    'a required property that is no value',
    { A: { Type: 'AWS::Logs::LogStream', Properties: { LogGroupName: { Ref: 'AWS::NoValue' } } } },
    /A: LogGroupName is required/,
  ],
  ['a wrong type', { A: { Type: 'AWS::SQS::Queue', Properties: { DelaySeconds: 'soon' } } }, /expected integer/],
  [
    'a wrong type deep inside',
    { A: { Type: 'AWS::S3::Bucket', Properties: { VersioningConfiguration: { Status: 'On' } } } },
    /A\.VersioningConfiguration\.Status: expected one of Enabled, Suspended/,
  ],
  [
    'an unknown property in a list',
    { A: { Type: 'AWS::DynamoDB::Table', Properties: { KeySchema: [{ AttributeName: 'a', Key: 'HASH' }] } } },
    /KeySchema\.0: (there is no Key|KeyType is required)/,
  ],
  ['a reference to nothing', { A: { Type: 'AWS::SQS::Queue', Properties: { QueueName: { Ref: 'B' } } } }, /called B/],
  [
    'a name of nothing in a text',
    { A: { Type: 'AWS::SQS::Queue', Properties: { QueueName: { 'Fn::Sub': [`\${B}-\${c}`, { c: 'c' }] } } } },
    /nothing is called B/,
  ],
  [
    'an attribute that the type has not',
    {
      A: { Type: 'AWS::SQS::Queue' },
      B: { Type: 'AWS::SNS::Topic', Properties: { TopicName: { 'Fn::GetAtt': ['A', 'Url'] } } },
    },
    /A \(AWS::SQS::Queue\) has no attribute Url/,
  ],
  [
    'a placeholder in plain text',
    { A: { Type: 'AWS::SQS::Queue', Properties: { QueueName: `a-\${AWS::Region}` } } },
    /nothing replaces/,
  ],
  ['a dependency on nothing', { A: { Type: 'AWS::SQS::Queue', DependsOn: 'B' } }, /DependsOn: nothing is called B/],
  [
    'a condition that there is not',
    { A: { Type: 'AWS::SQS::Queue', Condition: 'B' } },
    /Condition: nothing is called B/,
  ],
  [
    'a circle',
    {
      A: { Type: 'AWS::SQS::Queue', Properties: { QueueName: { 'Fn::Sub': `\${B.QueueName}-a` } } },
      B: { Type: 'AWS::SQS::Queue', DependsOn: ['A'] },
    },
    /circle: A -> B -> A/,
  ],
];

describe('a template with', () => {
  it.each(broken)('%s is found out', (_, Resources, said) => {
    const template = parseTemplate(
      JSON.stringify({ AWSTemplateFormatVersion: '2010-09-09', Description: '', Resources }),
    );
    const faults = [...schemaFaults(template), ...referenceFaults(template, attributesOf)];
    expect(faults.join('\n')).toMatch(said);
  });

  it('no fault has none found', async () => {
    const template = await templateOf(defaultVariant);
    expect(Object.keys(template.Resources).length).toBeGreaterThan(40);
  });
});
