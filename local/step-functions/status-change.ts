import { randomUUID } from 'node:crypto';
import { accountId, region } from '../names.ts';
import type { Execution } from './execution.ts';

/** EventBridge's event of an execution that has ended. */
export type StatusChange = ReturnType<typeof statusChange>;

/** An execution's end as EventBridge tells of it. Source: Step Functions developer guide, 'Execution Status Change'. */
export const statusChange = (execution: Execution) => {
  const { executionArn, stateMachineArn, name, status, startDate, stopDate, input } = execution;
  const { output = null, error = null, cause = null } = execution;
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Step Functions Execution Status Change',
    source: 'aws.states',
    account: accountId,
    time: new Date(stopDate ?? startDate).toISOString(),
    region,
    resources: [executionArn],
    detail: {
      ...{ executionArn, stateMachineArn, name, status, startDate, stopDate },
      ...{ input, inputDetails: { included: true }, output, error, cause },
    },
  };
};
