import * as z from 'zod';
import type { Executions } from './create-executions.ts';
import type { Execution, ExecutionEvent } from './execution.ts';
import type { LoadedStateMachine } from './load-state-machine.ts';
import { paginate } from './paginate.ts';
import { readRequest, StepFunctionsException } from './step-functions-exception.ts';

const paging = { maxResults: z.int().min(0).max(1000).default(0), nextToken: z.string().optional() };
const startSchema = z.strictObject({
  stateMachineArn: z.string(),
  name: z.string().optional(),
  input: z.string().default('{}'),
  traceHeader: z.string().optional(),
});
const describeSchema = z.strictObject({ executionArn: z.string(), includedData: z.string().optional() });
const listSchema = z.strictObject({
  stateMachineArn: z.string(),
  statusFilter: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE']).optional(),
  ...paging,
});
const stopSchema = z.strictObject({
  executionArn: z.string(),
  error: z.string().max(256).optional(),
  cause: z.string().max(32_768).optional(),
});
const historySchema = z.strictObject({
  executionArn: z.string(),
  reverseOrder: z.boolean().default(false),
  includeExecutionData: z.boolean().optional(),
  ...paging,
});
const listStateMachinesSchema = z.strictObject(paging);
const describeStateMachineSchema = z.strictObject({
  stateMachineArn: z.string(),
  includedData: z.string().optional(),
});

/** The operations of AWS Step Functions by name: the request's body to the answer's. Times are in seconds there. */
export function stepFunctionsOperations(
  executions: Executions,
  stateMachines: ReadonlyMap<string, LoadedStateMachine>,
): Record<string, (body: unknown) => unknown> {
  const createdAt = Date.now();
  const getStateMachine = (arn: string) => {
    const found = stateMachines.get(arn);
    if (found) return found;
    throw new StepFunctionsException('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  };

  return {
    StartExecution(body) {
      const { stateMachineArn, name, input } = readRequest(startSchema, body);
      const { executionArn, startDate } = executions.start(getStateMachine(stateMachineArn), name, input);
      return { executionArn, startDate: seconds(startDate) };
    },
    DescribeExecution(body) {
      const { events: _, openJobs: __, ...execution } = executions.get(readRequest(describeSchema, body).executionArn);
      return {
        ...execution,
        startDate: seconds(execution.startDate),
        stopDate: seconds(execution.stopDate),
        inputDetails: { included: true },
        outputDetails: execution.output === undefined ? undefined : { included: true },
        redriveCount: 0,
        redriveStatus: 'NOT_REDRIVABLE',
        redriveStatusReason: 'The local Step Functions does not redrive; start an execution under another name',
      };
    },
    ListExecutions(body) {
      const request = readRequest(listSchema, body);
      const { arn } = getStateMachine(request.stateMachineArn);
      const found = executions
        .list()
        .filter(({ stateMachineArn }) => stateMachineArn === arn)
        .filter(({ status }) => request.statusFilter === undefined || status === request.statusFilter);
      const { page, nextToken } = paginate(found, ({ executionArn }) => executionArn, request);
      return { executions: page.map(summarize), nextToken };
    },
    StopExecution(body) {
      const { executionArn, error, cause } = readRequest(stopSchema, body);
      const execution = executions.get(executionArn);
      executions.stop(execution, error, cause);
      return { stopDate: seconds(execution.stopDate) };
    },
    GetExecutionHistory(body) {
      const request = readRequest(historySchema, body);
      const events = executions.get(request.executionArn).events.map(describeEvent);
      if (request.reverseOrder) events.reverse();
      const { page, nextToken } = paginate(events, ({ id }) => String(id), request);
      return { events: page, nextToken };
    },
    ListStateMachines(body) {
      const request = readRequest(listStateMachinesSchema, body);
      const { page, nextToken } = paginate([...stateMachines.values()], ({ arn }) => arn, request);
      return {
        stateMachines: page.map(({ arn, name }) => ({
          stateMachineArn: arn,
          name,
          type: 'STANDARD',
          creationDate: seconds(createdAt),
        })),
        nextToken,
      };
    },
    DescribeStateMachine(body) {
      const { arn, name, definition } = getStateMachine(readRequest(describeStateMachineSchema, body).stateMachineArn);
      return {
        stateMachineArn: arn,
        name,
        status: 'ACTIVE',
        definition,
        type: 'STANDARD',
        creationDate: seconds(createdAt),
      };
    },
  };
}

function seconds(milliseconds: number): number;
function seconds(milliseconds: number | undefined): number | undefined;
function seconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : milliseconds / 1000;
}

function summarize({ executionArn, stateMachineArn, name, status, startDate, stopDate }: Execution) {
  const dates = { startDate: seconds(startDate), stopDate: seconds(stopDate) };
  return { executionArn, stateMachineArn, name, status, ...dates, redriveCount: 0 };
}

function describeEvent({ type, timestamp, details }: ExecutionEvent, index: number) {
  return { id: index + 1, previousEventId: index, type, timestamp: seconds(timestamp), ...details };
}
