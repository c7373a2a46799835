import { isObject, type Template, walk } from './template.ts';

const pseudoParameters = ['AccountId', 'NoValue', 'NotificationARNs', 'Partition', 'Region', 'StackId', 'StackName']
  .concat('URLSuffix')
  .map((name) => `AWS::${name}`);

export type Reference = {
  /** Where it stands: `Resources.WorkQueue.Properties.…`. */
  path: string;
  /** A logical id or a pseudo parameter. */
  to: string;
  /** Of Fn::GetAtt and of `${Id.Attribute}`. */
  attribute?: string;
};

const split = (path: string, name: string): Reference => {
  const dot = name.indexOf('.');
  return dot < 0 ? { path, to: name } : { path, to: name.slice(0, dot), attribute: name.slice(dot + 1) };
};

/** The names in `${…}` of a text; `${!…}` is literal. */
export const placeholders = (text: string): string[] =>
  [...text.matchAll(/\$\{([^!}][^}]*)\}/g)].map(([, name]) => (name ?? '').trim());

const ofSub = (path: string, sub: unknown): Reference[] => {
  const [text, locals] = Array.isArray(sub) ? sub : [sub, {}];
  return placeholders(String(text))
    .filter((name) => !(isObject(locals) && Object.hasOwn(locals, name)))
    .map((name) => split(path, name));
};

/** Every reference inside a value. */
export const referencesIn = (value: unknown, from = ''): Reference[] => {
  const references: Reference[] = [];
  walk(
    value,
    (inner, path) => {
      if (!isObject(inner) || Object.keys(inner).length !== 1) return;
      const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Sub': sub } = inner;
      if (ref !== undefined) references.push({ path, to: String(ref) });
      if (attribute !== undefined)
        references.push(split(path, Array.isArray(attribute) ? attribute.join('.') : String(attribute)));
      if (sub !== undefined) references.push(...ofSub(path, sub));
    },
    from,
  );
  return references;
};

const dependenciesOf = (template: Template, id: string): Set<string> => {
  const resource = template.Resources[id];
  const explicit = resource?.DependsOn === undefined ? [] : [resource.DependsOn].flat();
  return new Set([...referencesIn(resource).map(({ to }) => to), ...explicit]);
};

/**
 * What is wrong with the references of a template: names of nothing, attributes that their type has not, placeholders
 * outside Fn::Sub, circles.
 */
export const referenceFaults = (
  template: Template,
  attributesOf: (type: string) => readonly string[] | undefined,
): string[] => {
  const faults: string[] = [];
  for (const { path, to, attribute } of referencesIn(template)) {
    const resource = template.Resources[to];
    if (resource === undefined && !(to in template.Parameters) && !pseudoParameters.includes(to))
      faults.push(`${path}: nothing is called ${to}`);
    if (attribute === undefined) continue;
    if (resource !== undefined && !attributesOf(resource.Type)?.includes(attribute))
      faults.push(`${path}: ${to} (${resource.Type}) has no attribute ${attribute}`);
  }
  for (const [id, { DependsOn = [], Condition }] of Object.entries(template.Resources)) {
    if (Condition !== undefined && !(Condition in template.Conditions))
      faults.push(`Resources.${id}.Condition: nothing is called ${Condition}`);
    for (const other of [DependsOn].flat())
      if (!(other in template.Resources)) faults.push(`Resources.${id}.DependsOn: nothing is called ${other}`);
  }
  return [...faults, ...strayPlaceholders(template), ...circles(template)];
};

/** `${…}` where nothing would replace it; the definition of a state machine has substitutions of its own. */
const strayPlaceholders = (template: Template): string[] => {
  const faults: string[] = [];
  walk(template, (value, path) => {
    if (typeof value !== 'string' || /Fn::Sub|\.Properties\.Definition\./.test(path)) return;
    for (const name of placeholders(value)) faults.push(`${path}: nothing replaces \${${name}}`);
  });
  return faults;
};

const circles = (template: Template): string[] => {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (id: string, path: string[]): void => {
    if (path.includes(id)) found.push(`circle: ${[...path.slice(path.indexOf(id)), id].join(' -> ')}`);
    if (path.includes(id) || done.has(id)) return;
    for (const other of dependenciesOf(template, id)) if (other in template.Resources) visit(other, [...path, id]);
    done.add(id);
  };
  for (const id of Object.keys(template.Resources)) visit(id, []);
  return found;
};
