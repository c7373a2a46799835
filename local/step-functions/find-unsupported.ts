import { type Definition, isRecord, type State } from './definition.ts';
import { findResource } from './task-resources.ts';

// Fields that the library leaves out without a word: one that has no effect is worse than one that is refused.
const ignoredFields = ['Assign', 'Credentials', 'HeartbeatSeconds', 'HeartbeatSecondsPath', 'TimeoutSecondsPath'];

// What the library does wrongly, as it shows in the JSON of a state.
const unsupported: [RegExp, (found: string) => string][] = [
  [/(?<="QueryLanguage":")JSONata/, () => 'QueryLanguage JSONata is not supported'],
  [/\$\$\.(State|Task)\b/, (path) => `${path} of the context object is not supported`],
  [/States\.JsonToString/, (name) => `${name} is not supported: the library takes every backslash out of its result`],
  [
    /(?<=")Is(Present|Null|String|Numeric|Boolean|Timestamp)(?=":false)/,
    (test) => `${test}: false never matches in the library; write it as Not with ${test}: true`,
  ],
];

/** What a definition contains that the local Step Functions would do wrongly or not at all: a sentence for each. */
export const findUnsupported = (definition: Definition): string[] => {
  const findings = definition.QueryLanguage === 'JSONata' ? ['QueryLanguage JSONata is not supported'] : [];
  for (const [name, state] of Object.entries(definition.States)) {
    findings.push(...unsupportedInState(state).map((finding) => `state ${name}: ${finding}`));
  }
  return findings;
};

const unsupportedInState = (state: State): string[] => {
  const text = JSON.stringify(state);
  const findings = unsupported.flatMap(([pattern, describe]) => pattern.exec(text)?.slice(0, 1).map(describe) ?? []);
  findings.push(...ignoredFields.filter((field) => field in state).map((field) => `${field} is not supported`));
  if (state.Type === 'Map' || state.Type === 'Parallel') {
    findings.push(`${state.Type} states are not supported: Kadam's state machines have none`);
  }
  if (state.Type === 'Task') findings.push(...unsupportedInTask(state));
  if (state.Type === 'Pass' && 'Result' in state && !state.Result) {
    findings.push('Result must not be false, 0, empty or null: the library passes the input on instead');
  }
  return findings;
};

const unsupportedInTask = ({ Resource, Parameters }: State): string[] => {
  const resource = findResource(Resource);
  if (!resource) return [`Resource ${Resource} is not supported`];
  return Object.keys(isRecord(Parameters) ? Parameters : {})
    .map((field) => field.replace(/\.\$$/, ''))
    .filter((field) => !resource.fields.includes(field))
    .map((field) => `Parameters.${field} is not supported by ${Resource}`);
};
