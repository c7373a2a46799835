import { evaluate } from '../support/evaluate.ts';
import { resourcesOf, type Template } from '../support/template.ts';
import { change, type Rule } from './rule.ts';

/** The property that names a resource, and the most characters that its service takes. */
const named: Record<string, { property: string; longest: number }> = {
  'AWS::S3::Bucket': { property: 'BucketName', longest: 63 },
  'AWS::Lambda::Function': { property: 'FunctionName', longest: 64 },
  'AWS::StepFunctions::StateMachine': { property: 'StateMachineName', longest: 80 },
  'AWS::SQS::Queue': { property: 'QueueName', longest: 80 },
  'AWS::DynamoDB::Table': { property: 'TableName', longest: 255 },
  'AWS::Batch::JobQueue': { property: 'JobQueueName', longest: 128 },
  'AWS::Batch::JobDefinition': { property: 'JobDefinitionName', longest: 128 },
  'AWS::Batch::SchedulingPolicy': { property: 'Name', longest: 128 },
  'AWS::Events::Rule': { property: 'Name', longest: 64 },
  'AWS::Logs::LogGroup': { property: 'LogGroupName', longest: 512 },
  'AWS::SNS::Topic': { property: 'TopicName', longest: 256 },
  'AWS::CloudWatch::Alarm': { property: 'AlarmName', longest: 255 },
  'AWS::CloudWatch::Dashboard': { property: 'DashboardName', longest: 255 },
  'AWS::Logs::QueryDefinition': { property: 'Name', longest: 255 },
};

const prefix = /kadam-dev(?![a-z0-9])/;
/** deploy/params.ts allows a prefix of 28 characters, and regions have 14 at most (`ap-southeast-1`). */
const longestPrefix = 'k'.repeat(28);
const longestRegion = 'ap-southeast-1';

const namesOf = (template: Template) =>
  Object.entries(named).flatMap(([type, { property, longest }]) =>
    resourcesOf(template, type)
      // osls names this one after the stack and a random end, and finds it by the stack.
      .filter(([id]) => id !== 'ServerlessDeploymentBucket')
      .map(([id, properties]) => ({
        id,
        longest,
        name: properties[property] === undefined ? '' : evaluate(properties[property]),
      })),
  );

export const nameRules: Rule[] = [
  {
    name: 'every name begins with the deployment, so that two of them fit one account',
    faults: (template) =>
      namesOf(template)
        .filter(({ name }) => !prefix.test(name))
        .map(({ id, name }) => `${id}: ${name || 'no name'}`),
    mutations: {
      'no stage': change('WorkQueue', ['QueueName'], 'kadam-work'),
      'no name': change('JobsTable', ['TableName'], undefined),
      'another stage': change('SpotQueue', ['JobQueueName'], 'kadam-device-spot'),
    },
  },
  {
    name: 'every name fits its service with the longest prefix, in every region',
    faults: (template) =>
      namesOf(template)
        .map(({ name, ...rest }) => ({
          ...rest,
          name: name.replace(prefix, longestPrefix).replace('us-east-1', longestRegion),
        }))
        .filter(({ name, longest }) => name.length > longest)
        .map(({ id, name, longest }) => `${id}: ${name} has ${name.length} of ${longest} characters`),
    mutations: { 'a long one': change('ProcessLambdaFunction', ['FunctionName'], `kadam-dev-${'process'.repeat(6)}`) },
  },
  {
    name: 'no two resources of a type have one name',
    faults: (template) => {
      const groups = Map.groupBy(namesOf(template), ({ id, name }) => `${template.Resources[id]?.Type} ${name}`);
      return [...groups].filter(([, { length }]) => length > 1).map(([name]) => name);
    },
    mutations: { 'one name': change('WorkQueue', ['QueueName'], 'kadam-dev-uploads') },
  },
];
