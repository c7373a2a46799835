import { type Definition, isRecord, type State, statesOf } from './definition.ts';
import { findResource } from './task-resources.ts';

// What the library leaves out without a word. A field that has no effect is worse than one that is refused.
const ignoredFields: Record<string, string[]> = {
  Task: ['HeartbeatSeconds', 'HeartbeatSecondsPath', 'TimeoutSecondsPath', 'Credentials', 'Assign'],
  Map: [
    'ItemReader',
    'ItemBatcher',
    'ResultWriter',
    'ToleratedFailureCount',
    'ToleratedFailureCountPath',
    'ToleratedFailurePercentage',
    'ToleratedFailurePercentagePath',
    'Assign',
  ],
};

/** What a definition contains that the local Step Functions would do wrongly or not at all: a sentence for each. */
export function findUnsupported(definition: Definition): string[] {
  const findings = definition.QueryLanguage === 'JSONata' ? ['QueryLanguage JSONata is not supported'] : [];
  for (const { name, state } of statesOf(definition)) {
    findings.push(...unsupportedInState(state).map((finding) => `state ${name}: ${finding}`));
  }
  return findings;
}

function unsupportedInState(state: State): string[] {
  const findings: string[] = [];
  if (state.QueryLanguage === 'JSONata') findings.push('QueryLanguage JSONata is not supported');
  for (const field of ignoredFields[state.Type] ?? ['Assign']) {
    if (field in state) findings.push(`${field} is not supported`);
  }
  if (state.Type === 'Task') findings.push(...unsupportedInTask(state));
  if (state.Type === 'Pass' && 'Result' in state && !state.Result) {
    findings.push('Result must not be false, 0, empty or null: the library passes the input on instead');
  }
  const processor = state.ItemProcessor;
  const mode = isRecord(processor) && isRecord(processor.ProcessorConfig) ? processor.ProcessorConfig.Mode : 'INLINE';
  if (mode !== 'INLINE') findings.push(`ProcessorConfig.Mode ${mode} is not supported, only INLINE is`);
  for (const text of textsIn(state)) {
    const path = /\$\$\.(State|Task)\b/.exec(text)?.[0];
    if (path) findings.push(`${path} of the context object is not supported`);
    if (text.includes('States.JsonToString')) {
      findings.push('States.JsonToString is not supported: the library takes every backslash out of its result');
    }
  }
  for (const test of negativeTypeTests(state.Choices)) {
    findings.push(`${test}: false never matches in the library; write it as Not with ${test}: true`);
  }
  return findings;
}

function unsupportedInTask(state: State): string[] {
  const resource = findResource(state.Resource);
  if (!resource) return [`Resource ${state.Resource} is not supported`];
  const fields = isRecord(state.Parameters) ? Object.keys(state.Parameters) : [];
  return fields
    .map((field) => field.replace(/\.\$$/, ''))
    .filter((field) => !resource.fields.includes(field))
    .map((field) => `Parameters.${field} is not supported by ${state.Resource}`);
}

/** Every text in a state, but not in the states inside it, which are looked at by themselves. */
function* textsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  if (Array.isArray(value)) for (const item of value) yield* textsIn(item);
  if (!isRecord(value)) return;
  for (const [field, inner] of Object.entries(value)) {
    if (field !== 'Branches' && field !== 'Iterator' && field !== 'ItemProcessor') yield* textsIn(inner);
  }
}

function* negativeTypeTests(rules: unknown): Generator<string> {
  if (Array.isArray(rules)) for (const rule of rules) yield* negativeTypeTests(rule);
  if (!isRecord(rules)) return;
  for (const [field, value] of Object.entries(rules)) {
    if (field.startsWith('Is') && value === false) yield field;
    yield* negativeTypeTests(value);
  }
}
