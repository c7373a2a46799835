import type { Template } from '../support/template.ts';

/** Something that no schema and no linter knows, and that every template of ours has to keep. */
export type Rule = {
  name: string;
  /** What breaks it, one line each. */
  faults: (template: Template) => string[];
  /** Changes to a template that keeps the rule, each of which has to be found out. */
  mutations: Record<string, (template: Template) => void>;
};

/** The properties of a resource, to be changed. Throws where there is none of that name. */
export const propertiesOf = (template: Template, id: string): Record<string, unknown> => {
  const resource = template.Resources[id];
  if (resource === undefined) throw new Error(`Expected a resource ${id} in the template.`);
  return resource.Properties;
};

/** Puts a value at a path inside a value; undefined removes what is there. Throws where the path leads nowhere. */
export const put = (value: unknown, path: readonly (string | number)[], inner: unknown): void => {
  const [key, ...rest] = path;
  if (typeof value !== 'object' || value === null || key === undefined) throw new Error(`Expected ${path.join('.')}.`);
  if (rest.length > 0) put(Reflect.get(value, key), rest, inner);
  else if (inner === undefined) Reflect.deleteProperty(value, key);
  else Reflect.set(value, key, inner);
};

/** A mutation of one property. */
export const change =
  (id: string, path: readonly (string | number)[], inner: unknown) =>
  (template: Template): void =>
    put(propertiesOf(template, id), path, inner);
