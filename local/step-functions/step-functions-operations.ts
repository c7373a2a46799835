import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { type JsonOperation, ServiceError } from '../json-protocol.ts';
import { paginate } from '../paginate.ts';
import type { Executions } from './create-executions.ts';
import {
  describeExecution,
  describeHistory,
  describeStateMachine,
  seconds,
  summarizeExecution,
} from './describe-execution.ts';
import { executionSchema } from './execution.ts';
import type { LoadedStateMachine } from './load-state-machine.ts';

const paging = { maxResults: z.int().min(0).max(1000).default(0), nextToken: z.string().optional() };
const startSchema = z.strictObject({
  stateMachineArn: z.string(),
  name: z.string().default(() => randomUUID()),
  input: z.string().default('{}'),
});
const stateMachineSchema = z.strictObject({ stateMachineArn: z.string() });
const executionOnlySchema = z.strictObject({ executionArn: z.string() });
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
  includeExecutionData: z.boolean().default(true),
  ...paging,
});

/** The operations of AWS Step Functions by name. */
export const stepFunctionsOperations = (
  executions: Executions,
  stateMachines: ReadonlyMap<string, LoadedStateMachine>,
): Record<string, JsonOperation> => {
  const getStateMachine = (arn: string) => {
    checkArn(arn, 'stateMachine');
    const found = stateMachines.get(arn);
    if (found) return found;
    throw new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  };
  const getExecution = (arn: string) => {
    checkArn(arn, 'execution');
    return executions.get(arn);
  };

  return {
    StartExecution(body) {
      const { stateMachineArn, name, input } = startSchema.parse(body);
      const { executionArn, startDate } = executions.start(getStateMachine(stateMachineArn), name, input);
      return { executionArn, startDate: seconds(startDate) };
    },
    StopExecution(body) {
      const { executionArn, error, cause } = stopSchema.parse(body);
      const execution = getExecution(executionArn);
      executions.stop(execution, error, cause);
      return { stopDate: seconds(execution.stopDate) };
    },
    DescribeExecution: (body) => describeExecution(getExecution(executionOnlySchema.parse(body).executionArn)),
    ListExecutions(body) {
      const { stateMachineArn, statusFilter, ...page } = listSchema.parse(body);
      const { arn } = getStateMachine(stateMachineArn);
      const found = executions
        .list()
        .filter(
          (execution) => execution.stateMachineArn === arn && (statusFilter ?? execution.status) === execution.status,
        );
      const listed = paginate(found, ({ executionArn }) => executionArn, page);
      return { executions: listed.page.map(summarizeExecution), nextToken: listed.nextToken };
    },
    GetExecutionHistory(body) {
      const { executionArn, reverseOrder, includeExecutionData, ...page } = historySchema.parse(body);
      const events = describeHistory(getExecution(executionArn), includeExecutionData);
      if (reverseOrder) events.reverse();
      const listed = paginate(events, ({ id }) => String(id), page);
      return { events: listed.page, nextToken: listed.nextToken };
    },
    ListStateMachines(body) {
      const listed = paginate([...stateMachines.values()], ({ arn }) => arn, z.strictObject(paging).parse(body));
      return {
        stateMachines: listed.page.map(({ arn, name, creationDate }) => ({
          ...{ stateMachineArn: arn, name, type: 'STANDARD', creationDate: seconds(creationDate) },
        })),
        nextToken: listed.nextToken,
      };
    },
    DescribeStateMachine(body) {
      const found = getStateMachine(stateMachineSchema.parse(body).stateMachineArn);
      const creationDate = seconds(found.creationDate);
      return { ...describeStateMachine(found), status: 'ACTIVE', type: 'STANDARD', creationDate };
    },
    DescribeStateMachineForExecution(body) {
      const { stateMachineArn } = getExecution(executionOnlySchema.parse(body).executionArn);
      const found = getStateMachine(stateMachineArn);
      return { ...describeStateMachine(found), updateDate: seconds(found.creationDate) };
    },
  };
};

const checkArn = (arn: string, kind: 'stateMachine' | 'execution'): void => {
  const [, found] = /^arn:aws[a-z-]*:states:[^:]*:[^:]*:([A-Za-z]+):./.exec(arn) ?? [];
  if (found === kind) return;
  const reason = found === undefined ? 'Invalid ARN prefix' : 'Resource type not valid in this context';
  throw new ServiceError('InvalidArn', `Invalid Arn: '${reason}: ${found ?? arn}'`);
};
