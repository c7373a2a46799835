import { ServiceError } from '../json-protocol.ts';

/**
 * The fields of a URL's query. Throws ServiceError `InvalidQuery` for a field that comes twice, and for one that is no
 * UTF-8, which URLSearchParams would make another key of.
 */
export const readQuery = (search: string): Record<string, string> => {
  const invalid = (why: string) => new ServiceError('InvalidQuery', `Expected a query in UTF-8 but received ${why}.`);
  try {
    decodeURIComponent(search);
  } catch {
    throw invalid(`'${search}'`);
  }
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(search)) {
    if (fields.has(name)) throw invalid(`${name} twice`);
    fields.set(name, value);
  }
  return Object.fromEntries(fields);
};
