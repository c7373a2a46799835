import type { Check, Deployment } from './finding.ts';

export type StackPort = {
  /** CloudFormation's status of a stack; undefined where there is none. */
  stackStatus(name: string): Promise<string | undefined>;
};

/** The stack is in a state that can be updated. */
export const checkStackState = ({ names, region, stage }: Deployment, port: StackPort): Check => ({
  name: 'stack',
  async look() {
    const name = names.stack;
    const status = await port.stackStatus(name);
    const command = (verb: string) => `aws cloudformation ${verb} --region ${region} --stack-name ${name}`;
    if (status === undefined) return [{ status: 'ok', found: `${name} is new` }];
    if (status === 'UPDATE_ROLLBACK_FAILED') {
      return [{ status: 'refused', found: `${name} is in ${status}`, wayOut: command('continue-update-rollback') }];
    }
    if (status === 'REVIEW_IN_PROGRESS' || /^(CREATE|ROLLBACK|DELETE)_(FAILED|COMPLETE)$/.test(status)) {
      if (status === 'CREATE_COMPLETE') return [{ status: 'ok', found: `${name} is in ${status}` }];
      return [
        {
          status: 'refused',
          found: `${name} is in ${status}: its first deployment did not finish, and it cannot be updated`,
          wayOut: `npx sls remove --stage ${stage}`,
        },
      ];
    }
    if (status.endsWith('_IN_PROGRESS')) {
      return [
        {
          status: 'refused',
          found: `${name} is in ${status}: somebody is changing it`,
          wayOut: `wait: ${command('describe-stacks')}`,
        },
      ];
    }
    return [{ status: 'ok', found: `${name} is in ${status}` }];
  },
});
