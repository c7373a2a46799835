import assert from 'node:assert/strict';
import { paginateDescribeLogGroups } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeRuleCommand, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import { GetRolePolicyCommand } from '@aws-sdk/client-iam';
import { GetPolicyCommand } from '@aws-sdk/client-lambda';
import { DescribeStateMachineCommand } from '@aws-sdk/client-sfn';
import { at, isObject, listOf, resourcesOf, type Template, walk } from '../stack/support/template.ts';
import { prefix, type Stack } from './deploy-stack.ts';

/** The definition with queues and function in the places of its substitutions, and its role. */
export const checkStateMachine = async (stack: Stack, template: Template): Promise<string> => {
  const { names, arn, clients } = stack;
  const stateMachineArn = arn('states', `stateMachine:${names.stateMachine}`);
  const found = await clients.stepFunctions.send(new DescribeStateMachineCommand({ stateMachineArn }));
  const substitutions = {
    SpotQueue: arn('batch', `job-queue/${prefix}-spot`),
    OnDemandQueue: arn('batch', `job-queue/${prefix}-on-demand`),
    SettleFunction: arn('lambda', `function:${prefix}-settle`),
  };
  let expected = JSON.stringify(template.Resources.FilterImage?.Properties.Definition);
  for (const [name, value] of Object.entries(substitutions)) {
    assert.ok(expected.includes(`\${${name}}`), name);
    expected = expected.replaceAll(`\${${name}}`, value);
  }
  const definition: unknown = JSON.parse(found.definition ?? '');
  assert.deepEqual(definition, JSON.parse(expected));
  walk(definition, (value, path) => assert.ok(typeof value !== 'string' || !value.includes('${'), path));
  assert.ok(found.roleArn?.endsWith(`role/${(await stack.resources()).get('WorkflowRole')}`));
  assert.equal(found.type, 'STANDARD');
  return `${isObject(definition) && isObject(definition.States) ? Object.keys(definition.States).length : 0} states`;
};

/** Every statement of every role's policy is there, and names resources that there are. */
export const checkRoles = async (stack: Stack, template: Template): Promise<string> => {
  const ids = await stack.resources();
  const roles = resourcesOf(template, 'AWS::IAM::Role');
  let statements = 0;
  for (const [id, { Policies }] of roles) {
    for (const policy of listOf(Policies)) {
      if (!isObject(policy) || !isObject(policy.PolicyDocument)) throw new Error(`Expected a policy in ${id}`);
      const PolicyName = String(policy.PolicyName);
      const asked = new GetRolePolicyCommand({ RoleName: ids.get(id), PolicyName });
      const text = decodeURIComponent((await stack.clients.iam.send(asked)).PolicyDocument ?? '');
      // moto keeps what CloudFormation was given as text of its own, which is no JSON.
      for (const statement of listOf(policy.PolicyDocument.Statement)) {
        if (!isObject(statement)) throw new Error(`Expected a statement in ${id}`);
        statements += 1;
        for (const action of listOf(statement.Action)) assert.ok(text.includes(`'${action}'`), `${id}: ${action}`);
      }
      assert.doesNotMatch(text, /\$\{|None|'(Ref|Fn::)/, id);
    }
  }
  return `${roles.length} roles, ${statements} statements`;
};

/** The log groups have the retention of the template. */
export const checkLogGroups = async ({ clients: { logs }, names }: Stack, template: Template): Promise<string> => {
  const found = new Map<string, number | undefined>();
  for await (const { logGroups = [] } of paginateDescribeLogGroups({ client: logs }, {}))
    for (const { logGroupName = '', retentionInDays } of logGroups) found.set(logGroupName, retentionInDays);
  const expected = resourcesOf(template, 'AWS::Logs::LogGroup').map(([, properties]): [string, number] => [
    String(properties.LogGroupName),
    Number(properties.RetentionInDays),
  ]);
  assert.deepEqual([...found].sort(), expected.sort());
  for (const name of names.logGroups) assert.ok(found.has(name), name);
  return `${found.size} log groups`;
};

/** The rules are on, and have the patterns and the targets of the template. */
export const checkRules = async ({ clients: { events } }: Stack, template: Template): Promise<string> => {
  const rules = resourcesOf(template, 'AWS::Events::Rule');
  for (const [id, properties] of rules) {
    const Name = String(properties.Name);
    const { State, EventPattern = '' } = await events.send(new DescribeRuleCommand({ Name }));
    assert.equal(State, 'ENABLED', id);
    assert.ok(isObject(properties.EventPattern));
    assert.deepEqual(JSON.parse(EventPattern).source, properties.EventPattern.source, id);
    assert.doesNotMatch(EventPattern, /"(Ref|Fn::)|\$\{/, id);
    const { Targets = [] } = await events.send(new ListTargetsByRuleCommand({ Rule: Name }));
    const expected = listOf(properties.Targets).map((target) => isObject(target) && target.Id);
    assert.deepEqual(
      Targets.map(({ Id }) => Id),
      expected,
      id,
    );
    for (const { Arn } of Targets) assert.match(Arn ?? '', /^arn:aws:/, id);
  }
  return `${rules.length} rules`;
};

/** Who may invoke the function settle: EventBridge, for each of the rules that have it as a target. */
export const checkPermissions = async ({ clients: { lambda }, arn }: Stack, template: Template): Promise<string> => {
  const permissions = resourcesOf(template, 'AWS::Lambda::Permission');
  const { Policy = '' } = await lambda.send(new GetPolicyCommand({ FunctionName: `${prefix}-settle` }));
  for (const [id, { Principal, SourceArn }] of permissions) {
    const rule = String(at(template.Resources, String(listOf(at(SourceArn, 'Fn::GetAtt'))[0]), 'Properties', 'Name'));
    assert.ok(Policy.includes(String(Principal)), id);
    assert.ok(Policy.includes(arn('events', `rule/${rule}`)), `${id}: ${rule}`);
  }
  return `${permissions.length} permissions`;
};
