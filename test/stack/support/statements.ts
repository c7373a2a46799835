import { evaluate } from './evaluate.ts';
import { at, isObject, listOf, resourcesOf, type Template } from './template.ts';

/** A statement of an IAM policy; actions and resources as text (`evaluate`). */
export type Statement = {
  /** The resource of the template that has it: a role, a bucket's or a queue's policy. */
  owner: string;
  sid: string;
  effect: string;
  actions: string[];
  resources: string[];
  principal: unknown;
  condition: unknown;
};

const statementsIn = (owner: string, document: unknown): Statement[] =>
  listOf(at(document, 'Statement'))
    .filter(isObject)
    .map(({ Sid, Effect, Action, Resource, Principal, Condition, ...unknown }) => {
      const more = Object.keys(unknown);
      if (more.length > 0) throw new Error(`Expected no ${more.join(', ')} in a statement of ${owner}.`);
      return {
        owner,
        sid: String(Sid ?? ''),
        effect: String(Effect),
        actions: listOf(Action).map(evaluate),
        resources: listOf(Resource).map(evaluate),
        principal: Principal,
        condition: Condition,
      };
    });

/** What each role may do: its own policies, and the managed ones of the template that name it. */
export const roleStatements = (template: Template): Statement[] => [
  ...resourcesOf(template, 'AWS::IAM::Role').flatMap(([id, { Policies }]) =>
    listOf(Policies).flatMap((policy) => statementsIn(id, at(policy, 'PolicyDocument'))),
  ),
  ...['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'].flatMap((type) =>
    resourcesOf(template, type).flatMap(([, { Roles, PolicyDocument }]) =>
      listOf(Roles).flatMap((role) => statementsIn(evaluate(role).replace(/[<>]/g, ''), PolicyDocument)),
    ),
  ),
];

/** The statements of the policies of buckets, queues, topics and endpoints. */
export const resourceStatements = (template: Template): Statement[] =>
  Object.entries(template.Resources)
    .filter(([, { Type }]) => !Type.startsWith('AWS::IAM::'))
    .flatMap(([id, { Properties }]) => statementsIn(id, Properties.PolicyDocument));
