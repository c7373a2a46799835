import validate from 'asl-validator';
import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import { ConfigurationError, InternalError } from '../../core/errors.ts';
import { accountId, stateMachineArn } from '../names.ts';
import { isDefinition, isRecord, type State } from './definition.ts';
import { findUnsupported } from './find-unsupported.ts';
import { findResource, type TaskResource } from './task-resources.ts';

export type StateMachineSource = {
  name: string;
  /** Amazon States Language with JSONPath, after substitutions. */
  definition: unknown;
};

export type Task = {
  state: string;
  resource: TaskResource;
  timeoutSeconds: number;
};

export type LoadedStateMachine = {
  name: string;
  arn: string;
  /** Nobody assumes it here. */
  roleArn: string;
  /** The definition's JSON text, for whoever asks for it. */
  definition: string;
  /** When it was loaded, in milliseconds since the epoch. */
  creationDate: number;
  machine: StateMachine;
  tasks: Task[];
};

/** The longest that a timer of Node waits, in seconds (24.8 days); a longer one would fire at once. */
const maxTimerSeconds = Math.floor((2 ** 31 - 1) / 1000);

/** Retries never come closer than this, so that an event of the try before is never taken for one of the next. */
const minRetrySeconds = 0.01;

/**
 * Validates a definition and makes it ready to run. `retryDelayScale` stretches or shortens the intervals of its
 * retries. Throws ConfigurationError with every finding.
 */
export const loadStateMachine = (
  { name, definition }: StateMachineSource,
  retryDelayScale: number,
): LoadedStateMachine => {
  const prepared: unknown = structuredClone(definition);
  if (!isDefinition(prepared)) throw invalid(name, 'no StartAt, or no States with a Type each');
  const unsupported = findUnsupported(prepared);
  if (unsupported.length > 0) throw invalid(name, unsupported.join('; '));
  assertValid(name, prepared);

  const states = Object.entries(prepared.States);
  for (const [, state] of states) prepareState(state, retryDelayScale);
  capTimeout(prepared);
  return {
    name,
    arn: stateMachineArn(name),
    roleArn: `arn:aws:iam::${accountId}:role/${name}`,
    definition: JSON.stringify(definition, null, 2),
    creationDate: Date.now(),
    machine: new StateMachine(prepared, { validationOptions: { noValidate: true } }),
    tasks: states.filter(([, state]) => state.Type === 'Task').map(toTask),
  };
};

function assertValid(name: string, definition: unknown): asserts definition is StateMachineDefinition {
  const { isValid, errorsText } = validate(definition);
  if (!isValid) throw invalid(name, errorsText('; '));
}

const invalid = (name: string, findings: string) =>
  new ConfigurationError(`Expected a valid definition for the state machine ${name} but found: ${findings}`, {
    code: 'InvalidStateMachine',
  });

const prepareState = (state: State, retryDelayScale: number): void => {
  // The library ends a task after 60 seconds where none are given, AWS after 99,999,999.
  if (state.Type === 'Task') state.TimeoutSeconds ??= maxTimerSeconds;
  capTimeout(state);
  // `$` is the default, and the library takes it for the name of a field when it is written down.
  for (const holder of [state, ...recordsIn(state.Catch)]) {
    for (const path of ['InputPath', 'ResultPath', 'OutputPath']) if (holder[path] === '$') delete holder[path];
  }
  for (const retrier of recordsIn(state.Retry)) {
    const { IntervalSeconds = 1, MaxDelaySeconds } = retrier;
    retrier.IntervalSeconds = Math.max(Number(IntervalSeconds) * retryDelayScale, minRetrySeconds);
    if (MaxDelaySeconds !== undefined) {
      retrier.MaxDelaySeconds = Math.max(Number(MaxDelaySeconds) * retryDelayScale, minRetrySeconds);
    }
  }
};

const capTimeout = (holder: Record<string, unknown>): void => {
  if (typeof holder.TimeoutSeconds !== 'number') return;
  holder.TimeoutSeconds = Math.min(holder.TimeoutSeconds, maxTimerSeconds);
};

const recordsIn = (value: unknown) => (Array.isArray(value) ? value.filter(isRecord) : []);

const toTask = ([name, state]: [string, State]): Task => {
  const resource = findResource(state.Resource);
  if (!resource) throw new InternalError(`Expected a checked resource in ${name}`, { code: 'UncheckedResource' });
  return { state: name, resource, timeoutSeconds: Number(state.TimeoutSeconds) };
};
