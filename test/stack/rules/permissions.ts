import { resourceStatements, roleStatements } from '../support/statements.ts';
import { at } from '../support/template.ts';
import { change, type Rule } from './rule.ts';

/** Actions that take no resource (Service Authorization Reference), so that a role can name none. */
const withoutResource = new Map([
  ['ecr:GetAuthorizationToken', 'one token for the whole registry'],
  ['batch:DescribeJobs', 'Batch lists no resource for it'],
  ...['PutTraceSegments', 'PutTelemetryRecords', 'GetSamplingRules', 'GetSamplingTargets'].map(
    (name) => [`xray:${name}`, 'X-Ray knows no resources'] as const,
  ),
  ...['Create', 'Get', 'Update', 'Delete']
    .map((verb) => `logs:${verb}LogDelivery`)
    .concat(
      'logs:ListLogDeliveries',
      'logs:PutResourcePolicy',
      'logs:DescribeResourcePolicies',
      'logs:DescribeLogGroups',
    )
    .map((action) => [action, 'the delivery of logs is set up for the account'] as const),
]);

/** Services that send none of the conditions by which an account is told. */
const unconditional = new Map([
  ['AlarmTopicPolicy.Events', 'EventBridge supports no conditions in policies of SNS topics (its User Guide)'],
]);

const work = (index: number, key: string) => ['Policies', 0, 'PolicyDocument', 'Statement', index, key];

export const permissionRules: Rule[] = [
  {
    name: 'roles are allowed single actions',
    faults: (template) =>
      [...roleStatements(template), ...resourceStatements(template)]
        .filter(({ effect }) => effect === 'Allow')
        // An endpoint allows nothing by itself: this lets nobody through but the account, with the rights that it has.
        .filter(({ condition }) => at(condition, 'StringEquals', 'aws:PrincipalAccount') === undefined)
        .flatMap(({ owner, sid, actions }) =>
          actions.filter((action) => action.includes('*')).map((action) => `${owner}.${sid}: ${action}`),
        ),
    mutations: {
      everything: change('DispatchRole', work(0, 'Action'), '*'),
      'a whole service': change('DispatchRole', work(0, 'Action'), ['logs:PutLogEvents', 's3:*']),
    },
  },
  {
    name: 'roles name the resources that they may use, where there are any to name',
    faults: (template) =>
      roleStatements(template)
        .filter(
          ({ resources }) =>
            resources.length === 0 || resources.some((resource) => /^\*$|^arn:[^/]*\*$/.test(resource)),
        )
        .filter(
          ({ resources }) => !resources.every((resource) => resource.endsWith(':*') && resource.split(':').length > 6),
        )
        .flatMap(({ owner, sid, actions }) =>
          actions.filter((action) => !withoutResource.has(action)).map((action) => `${owner}.${sid}: ${action} on *`),
        ),
    mutations: {
      'any resource': change('DispatchRole', work(0, 'Resource'), '*'),
      'any resource of a service': change('DispatchRole', work(0, 'Resource'), 'arn:aws:s3:::*'),
    },
  },
  {
    name: 'services come in for this account only',
    faults: (template) =>
      resourceStatements(template)
        .filter(({ effect, principal }) => effect === 'Allow' && JSON.stringify(principal).includes('Service'))
        .filter(({ owner, sid }) => !unconditional.has(`${owner}.${sid}`))
        .filter(({ condition }) => !/aws:Source(Arn|Account)/.test(JSON.stringify(condition ?? {})))
        .map(({ owner, sid }) => `${owner}.${sid}: any account's service may use it`),
    mutations: {
      'no condition': change('UploadsQueuePolicy', ['PolicyDocument', 'Statement', 1, 'Condition'], undefined),
    },
  },
  {
    name: 'nobody outside may use anything',
    faults: (template) =>
      resourceStatements(template)
        .filter(
          ({ effect, principal, owner }) => effect === 'Allow' && principal === '*' && !owner.endsWith('Endpoint'),
        )
        .map(({ owner, sid }) => `${owner}.${sid}: everybody is allowed`),
    mutations: {
      'a public queue': change('WorkQueuePolicy', ['PolicyDocument', 'Statement', 0, 'Effect'], 'Allow'),
    },
  },
];
