/** A value of JSON. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

// Their keys are the user's own words.
const opaque = new Set(['Parameters', 'parameters']);

/** Field names with a capital, as Step Functions shows a service's answer: jobId becomes JobId. */
export const toPascalCase = (value: Json): Json => rename(value, (key) => key.replace(/^./, (c) => c.toUpperCase()));

/** Field names as the service's API has them: JobId becomes jobId. */
export const toCamelCase = (value: Json): Json => rename(value, (key) => key.replace(/^./, (c) => c.toLowerCase()));

const rename = (value: Json, change: (key: string) => string): Json => {
  if (Array.isArray(value)) return value.map((item) => rename(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [change(key), opaque.has(key) ? inner : rename(inner, change)]),
  );
};

/** A field of the value whose name does not begin with a capital, or none. */
export const findUncapitalized = (value: Json): string | undefined => {
  if (Array.isArray(value)) return value.map(findUncapitalized).find((key) => key !== undefined);
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const found = /^[A-Z]/.test(key) ? !opaque.has(key) && findUncapitalized(inner) : key;
    if (found) return found;
  }
  return undefined;
};
