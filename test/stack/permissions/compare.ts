import { roleStatements } from '../support/statements.ts';
import type { Template } from '../support/template.ts';
import type { Call } from './calls.ts';
import { neededBy, neededByAgent, neededByLambda, neededByWorkflow, neededForKey, type Permission } from './parts.ts';

/** The programs, and who runs them. `container` stands for every container: one role serves them all. */
export const programs = {
  dispatch: 'functions/dispatch.ts',
  process: 'functions/process.ts',
  settle: 'functions/settle.ts',
  container: 'containers/filter/main.ts',
} as const;

export type Calls = Readonly<Record<keyof typeof programs, readonly Call[]>>;

const needsByRole = (calls: Calls, template: Template): Record<string, Permission[]> => {
  const key = neededForKey(template);
  const ofFunction = (name: 'dispatch' | 'process' | 'settle', id: string): Permission[] => [
    ...neededBy(calls[name], template),
    ...neededByLambda(id, template),
    ...key,
  ];
  return {
    DispatchRole: ofFunction('dispatch', 'DispatchLambdaFunction'),
    ProcessRole: ofFunction('process', 'ProcessLambdaFunction'),
    SettleRole: ofFunction('settle', 'SettleLambdaFunction'),
    JobRole: [...neededBy(calls.container, template), ...key],
    ExecutionRole: neededByAgent(),
    WorkflowRole: neededByWorkflow('FilterImage', template),
    // The ECS agent's policy is AWS's own (rules/network.ts).
    InstanceRole: [],
  };
};

/** What roles lack of what their parts do, and what they may do that nothing does. */
export const permissionFaults = (calls: Calls, template: Template): string[] => {
  const needs = needsByRole(calls, template);
  const statements = roleStatements(template);
  const owners = new Set([...Object.keys(needs), ...statements.map(({ owner }) => owner)]);
  return [...owners].flatMap((owner) => {
    const needed = new Set(needs[owner] ?? []);
    const given = new Set(
      statements
        .filter((statement) => statement.owner === owner && statement.effect === 'Allow')
        .flatMap(({ actions, resources }) =>
          actions.flatMap((action) => resources.map((resource) => `${action} on ${resource}`)),
        ),
    );
    return [
      ...[...needed.difference(given)].map((permission) => `${owner} lacks ${permission}`),
      ...[...given.difference(needed)].map((permission) => `${owner} has ${permission}, which nothing uses`),
    ];
  });
};
