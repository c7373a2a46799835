import type { StateMachine } from 'aws-local-stepfunctions';
import type { Execution, ExecutionEvent } from './execution.ts';

/** An event of the library's log; its package does not export the type. */
export type LogEvent = ReturnType<StateMachine['run']>['eventLogs'] extends AsyncGenerator<infer Event> ? Event : never;

/**
 * An event of the library's log as AWS's history has it, or none where AWS has no such event. Tasks write their own
 * events (TaskScheduled, TaskSucceeded, TaskFailed): they know the evaluated parameters and the raw result.
 */
export const toHistoryEvent = (event: LogEvent, execution: Execution): ExecutionEvent | undefined => {
  const { timestamp } = event;
  const made = (type: string, details: ExecutionEvent['details'] = {}) => ({ type, timestamp, details });
  const failure = { error: execution.error ?? null, cause: execution.cause ?? null };
  switch (event.type) {
    case 'ExecutionStarted':
      return made(event.type, { executionStartedEventDetails: { input: execution.input } });
    case 'ExecutionSucceeded':
      return made(event.type, { executionSucceededEventDetails: { output: JSON.stringify(event.output) } });
    case 'ExecutionFailed':
      return made(event.type, {
        executionFailedEventDetails: { error: event.Error, cause: textOf(event.Cause) },
      });
    case 'ExecutionAborted':
      return made(event.type, { executionAbortedEventDetails: failure });
    case 'ExecutionTimeout':
      return made('ExecutionTimedOut', { executionTimedOutEventDetails: { error: 'States.Timeout' } });
    case 'StateEntered':
      return made(`${event.state.type}StateEntered`, {
        stateEnteredEventDetails: { name: event.state.name, input: JSON.stringify(event.state.input) },
      });
    case 'StateExited':
      return made(`${event.state.type}StateExited`, {
        stateExitedEventDetails: { name: event.state.name, output: JSON.stringify(event.state.output) },
      });
    case 'StateFailed':
      // A task does not live to see its own time-out.
      if (event.state.type !== 'Task' || event.Error !== 'States.Timeout') return undefined;
      return made('TaskTimedOut', { taskTimedOutEventDetails: { ...newestResource(execution), error: event.Error } });
    default:
      return undefined;
  }
};

/** The integration of the task that was scheduled last. */
const newestResource = ({ events }: Execution): Record<string, string> => {
  const scheduled = events.findLast(({ type }) => type === 'TaskScheduled')?.details.taskScheduledEventDetails;
  return { resourceType: String(scheduled?.resourceType), resource: String(scheduled?.resource) };
};

const textOf = (cause: unknown): string => (typeof cause === 'string' ? cause : JSON.stringify(cause));
