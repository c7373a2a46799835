import type { Execution, ExecutionEvent } from './execution.ts';
import type { LoadedStateMachine } from './load-state-machine.ts';

/** Step Functions' times are in seconds. */
export const seconds = (milliseconds: number | undefined) => milliseconds && milliseconds / 1000;

/** An execution as ListExecutions answers it. */
export const summarizeExecution = ({
  executionArn,
  stateMachineArn,
  name,
  status,
  startDate,
  stopDate,
}: Execution) => ({
  ...{ executionArn, stateMachineArn, name, status, redriveCount: 0 },
  ...{ startDate: seconds(startDate), stopDate: seconds(stopDate) },
});

/** An execution as DescribeExecution answers it. */
export const describeExecution = (execution: Execution) => {
  const { input, output, error, cause } = execution;
  return {
    ...summarizeExecution(execution),
    ...{ input, inputDetails: included },
    ...(output !== undefined && { output, outputDetails: included }),
    ...{ error, cause },
    redriveStatus: 'NOT_REDRIVABLE',
    redriveStatusReason: 'The embedded Step Functions starts executions anew instead',
  };
};

/** The history as GetExecutionHistory answers it, oldest first; without its inputs and outputs if they are not wanted. */
export const describeHistory = ({ events }: Execution, isDataIncluded: boolean) =>
  events.map(({ type, timestamp, details }, index) => ({
    ...{ id: index + 1, previousEventId: index, type, timestamp: seconds(timestamp) },
    ...Object.fromEntries(
      Object.entries(details).map(([kind, fields]) => [kind, describeData(fields, isDataIncluded)]),
    ),
  }));

/** The part of a state machine that both of its descriptions have. */
export const describeStateMachine = ({ name, arn, definition, roleArn }: LoadedStateMachine) => ({
  ...{ stateMachineArn: arn, name, definition, roleArn },
  loggingConfiguration: { level: 'OFF', includeExecutionData: false },
  tracingConfiguration: { enabled: false },
});

const included = { included: true };
const whole = { truncated: false };

const describeData = ({ input, output, ...fields }: ExecutionEvent['details'][string], isIncluded: boolean) => ({
  ...fields,
  ...(isIncluded && input !== undefined && { input, inputDetails: whole }),
  ...(isIncluded && output !== undefined && { output, outputDetails: whole }),
});
