import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { type JsonOperation, ServiceError } from '../json-protocol.ts';
import { paginate } from '../paginate.ts';
import type { Executions } from './create-executions.ts';
import { executionSchema } from './execution.ts';
import type { LoadedStateMachine } from './load-state-machine.ts';

const paging = { maxResults: z.int().min(0).max(1000).default(0), nextToken: z.string().optional() };
const startSchema = z.strictObject({
  stateMachineArn: z.string(),
  name: z.string().default(() => randomUUID()),
  input: z.string().default('{}'),
});
const describeSchema = z.strictObject({ executionArn: z.string() });
const listSchema = z.strictObject({
  stateMachineArn: z.string(),
  statusFilter: executionSchema.shape.status.optional(),
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
  includeExecutionData: z.literal(true).optional(),
  ...paging,
});

/** The operations of AWS Step Functions by name. Times are in seconds there. */
export const stepFunctionsOperations = (
  executions: Executions,
  stateMachines: ReadonlyMap<string, LoadedStateMachine>,
): Record<string, JsonOperation> => {
  const getStateMachine = (arn: string) => {
    const found = stateMachines.get(arn);
    if (found) return found;
    throw new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  };

  return {
    StartExecution(body) {
      const { stateMachineArn, name, input } = startSchema.parse(body);
      const { executionArn, startDate } = executions.start(getStateMachine(stateMachineArn), name, input);
      return { executionArn, startDate: seconds(startDate) };
    },
    DescribeExecution(body) {
      const { events: _, openJobs: __, ...execution } = executions.get(describeSchema.parse(body).executionArn);
      return { ...execution, startDate: seconds(execution.startDate), stopDate: seconds(execution.stopDate) };
    },
    ListExecutions(body) {
      const { stateMachineArn, statusFilter, ...page } = listSchema.parse(body);
      const { arn } = getStateMachine(stateMachineArn);
      const found = executions
        .list()
        .filter(
          (execution) => execution.stateMachineArn === arn && (statusFilter ?? execution.status) === execution.status,
        );
      const listed = paginate(found, ({ executionArn }) => executionArn, page);
      return {
        executions: listed.page.map(({ executionArn, name, status, startDate, stopDate }) => ({
          ...{ executionArn, stateMachineArn, name, status },
          ...{ startDate: seconds(startDate), stopDate: seconds(stopDate) },
        })),
        nextToken: listed.nextToken,
      };
    },
    StopExecution(body) {
      const { executionArn, error, cause } = stopSchema.parse(body);
      const execution = executions.get(executionArn);
      executions.stop(execution, error, cause);
      return { stopDate: seconds(execution.stopDate) };
    },
    GetExecutionHistory(body) {
      const { executionArn, reverseOrder, ...page } = historySchema.parse(body);
      const events = executions.get(executionArn).events.map(({ type, timestamp, details }, index) => ({
        ...{ id: index + 1, previousEventId: index, type, timestamp: seconds(timestamp) },
        ...details,
      }));
      if (reverseOrder) events.reverse();
      const listed = paginate(events, ({ id }) => String(id), page);
      return { events: listed.page, nextToken: listed.nextToken };
    },
  };
};

const seconds = (milliseconds: number | undefined) => milliseconds && milliseconds / 1000;
