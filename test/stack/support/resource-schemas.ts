import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { isObject, type Template } from './template.ts';

const spec = loadAwsServiceSpecSync();

const schemaOf = (type: string) => spec.lookup('resource', 'cloudFormationType', 'equals', type).at(0);

type Properties = NonNullable<ReturnType<typeof schemaOf>>['properties'];
type PropertyType = Properties[string]['type'];

/** The names that Fn::GetAtt takes of a type of resource; undefined where there is no such type. */
export const attributesOf = (type: string): readonly string[] | undefined => {
  const schema = schemaOf(type);
  return schema && Object.keys(schema.attributes);
};

const functionName = (value: unknown): string | undefined => {
  const [name, ...others] = isObject(value) ? Object.keys(value) : [];
  return others.length === 0 && name !== undefined && /^(Ref|Fn::\w+)$/.test(name) ? name : undefined;
};

const isNoValue = (value: unknown): boolean => isObject(value) && value.Ref === 'AWS::NoValue';

const propertyFaults = (value: Record<string, unknown>, properties: Properties, path: string): string[] => {
  const given = Object.entries(value).filter(([, inner]) => !isNoValue(inner));
  const names = new Set(given.map(([name]) => name));
  const missing = Object.entries(properties).filter(([name, { required }]) => required && !names.has(name));
  return [
    ...missing.map(([name]) => `${path}: ${name} is required`),
    ...given.flatMap(([name, inner]) => {
      const property = properties[name];
      return property ? typeFaults(inner, property.type, `${path}.${name}`) : [`${path}: there is no ${name}`];
    }),
  ];
};

/** CloudFormation turns text into numbers and truth values, and the other way round. */
const shapes: Partial<Record<PropertyType['type'], (value: unknown) => boolean>> = {
  string: (value) => ['string', 'number', 'boolean'].includes(typeof value),
  'date-time': (value) => typeof value === 'string',
  number: (value) => (typeof value === 'number' || typeof value === 'string') && Number.isFinite(Number(value)),
  integer: (value) => /^-?\d+$/.test(String(value)) && typeof value !== 'object',
  boolean: (value) => [true, false, 'true', 'false'].some((allowed) => allowed === value),
  json: (value) => typeof value === 'string' || isObject(value),
};

const typeFaults = (value: unknown, type: PropertyType, path: string): string[] => {
  if (functionName(value) !== undefined) return [];
  const wrong = [`${path}: expected ${type.type} but received ${JSON.stringify(value)?.slice(0, 100)}`];
  switch (type.type) {
    case 'array':
      return Array.isArray(value)
        ? value.flatMap((inner, index) => typeFaults(inner, type.element, `${path}.${index}`))
        : wrong;
    case 'map':
      return isObject(value)
        ? Object.entries(value).flatMap(([name, inner]) => typeFaults(inner, type.element, `${path}.${name}`))
        : wrong;
    case 'ref':
      return isObject(value)
        ? propertyFaults(value, spec.get('typeDefinition', type.reference).properties, path)
        : wrong;
    case 'tag':
      return isObject(value) ? propertyFaults(value, tagProperties, path) : wrong;
    case 'union': {
      const faults = type.types.map((one) => typeFaults(value, one, path));
      return faults.some(({ length }) => length === 0) ? [] : (faults.find(isInner(path)) ?? faults[0] ?? []);
    }
    default: {
      if (!shapes[type.type]?.(value)) return wrong;
      const allowed = 'allowedValues' in type ? type.allowedValues : undefined;
      return allowed?.some((one) => String(one) === String(value)) === false
        ? [`${path}: expected one of ${allowed.join(', ')} but received ${value}`]
        : [];
    }
  }
};

/** Of the alternatives of a union, the one that the value is of says the most: its faults lie deeper. */
const isInner =
  (path: string) =>
  (faults: string[]): boolean =>
    faults.every((fault) => fault.startsWith(`${path}.`));

const text = { type: { type: 'string' }, required: true } as const;
const tagProperties: Properties = { Key: text, Value: text };

/**
 * What of a template AWS's own schemas of resources do not allow: unknown types and properties, required ones that are
 * missing, values of a wrong type and outside an enumeration. Intrinsic functions stand for any value.
 */
export const schemaFaults = (template: Template): string[] =>
  Object.entries(template.Resources).flatMap(([id, { Type, Properties }]) => {
    const schema = schemaOf(Type);
    return schema ? propertyFaults(Properties, schema.properties, id) : [`${id}: there is no type ${Type}`];
  });
