import { setImmediate as nextTurn } from 'node:timers/promises';
import { region } from '../names.ts';
import type { Json } from './change-case.ts';
import type { ExecutionEvent } from './execution.ts';
import type { Task } from './load-state-machine.ts';
import { TaskError, toTaskError } from './task-error.ts';
import type { TaskContext } from './task-resources.ts';

export type TaskRunnerOptions = {
  contextOf(task: Task): Omit<TaskContext, 'signal' | 'isClosing' | 'noteSubmitted'>;
  record(event: ExecutionEvent): void;
  log(line: string): void;
};

/** Step Functions' limit for a payload. */
const maxPayloadBytes = 256 * 1024;

const timedOut = new Error('The state has timed out');
const aborted = new TaskError('States.Runtime', 'The task was aborted', { isFinal: true });

/** Runs the tasks of one execution and aborts them, which the library leaves to whoever overrides its tasks. */
export const createTaskRunner = ({ contextOf, record, log }: TaskRunnerOptions) => {
  const running = new Set<{ controller: AbortController; done: Promise<void> }>();
  let closed: 'ended' | 'suspended' | undefined;

  const work = async (task: Task, input: Json, signal: AbortSignal): Promise<Json> => {
    const { service, action, errorsOf } = task.resource;
    const resource = { resourceType: service, resource: action };
    const note = (type: string, details: ExecutionEvent['details']) => record({ type, timestamp: Date.now(), details });
    try {
      // The library calls before its own event of the state's beginning can be read: that one is to come first.
      await nextTurn();
      signal.throwIfAborted();
      note('TaskScheduled', {
        taskScheduledEventDetails: {
          ...{ ...resource, region, parameters: JSON.stringify(input) },
          timeoutInSeconds: task.timeoutSeconds,
        },
      });
      note('TaskStarted', { taskStartedEventDetails: resource });
      const output = await task.resource.run(input, {
        ...contextOf(task),
        signal,
        isClosing: () => closed === 'suspended',
        noteSubmitted: (answer) =>
          note('TaskSubmitted', { taskSubmittedEventDetails: { ...resource, output: JSON.stringify(answer) } }),
      });
      const text = JSON.stringify(output);
      if (Buffer.byteLength(text) > maxPayloadBytes) {
        throw new TaskError('States.DataLimitExceeded', 'The result is larger than 256 KiB', { isFinal: true });
      }
      note('TaskSucceeded', { taskSucceededEventDetails: { ...resource, output: text } });
      return output;
    } catch (cause) {
      if (signal.aborted) {
        if (cause !== signal.reason) log(`${task.state}: aborting failed: ${cause}`);
        throw signal.reason;
      }
      const error = toTaskError(errorsOf, cause);
      note('TaskFailed', { taskFailedEventDetails: { ...resource, error: error.name, cause: error.message } });
      throw error;
    }
  };

  return {
    /** Does a Task state's work with its evaluated input. Rejects with what Retry and Catch match. */
    async run(task: Task, input: Json): Promise<Json> {
      if (closed) throw aborted;
      const controller = new AbortController();
      // Begun before the library's own timer of the same length, which alone can make its States.Timeout.
      const timer = setTimeout(() => controller.abort(timedOut), task.timeoutSeconds * 1000);
      const worked = work(task, input, controller.signal);
      const atRest = () => {
        clearTimeout(timer);
        running.delete(invocation);
      };
      const invocation = { controller, done: worked.then(atRest, atRest) };
      running.add(invocation);
      return worked.catch((error) =>
        error === timedOut ? new Promise<never>(() => undefined) : Promise.reject(error),
      );
    },
    /** Aborts every task, and refuses new ones; resolves when all have come to rest. */
    async close(reason: 'ended' | 'suspended'): Promise<void> {
      closed = reason;
      const invocations = [...running];
      for (const { controller } of invocations) controller.abort(aborted);
      await Promise.all(invocations.map(({ done }) => done));
    },
  };
};
