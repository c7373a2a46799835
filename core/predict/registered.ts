import { InternalError } from '../errors.ts';
import type { Filter } from '../filters/filter.ts';
import { findFilter } from '../filters/registry.ts';
import type { Format } from '../formats/format.ts';
import { findFormat } from '../formats/registry.ts';

const unregistered = (kind: string, name: string): InternalError =>
  new InternalError(
    `Expected a ${kind} of this version in a stored recipe but received '${name}'. ` +
      'Upload the picture again: this stores a recipe of this version.',
    { code: 'NotRegistered' },
  );

/** The filter of that name. Throws InternalError: recipes were checked before they became canonical. */
export const registeredFilter = (name: string): Filter => {
  const filter = findFilter(name);
  if (filter) return filter;
  throw unregistered('filter', name);
};

/** The format of that name. Throws InternalError, as above. */
export const registeredFormat = (name: string): Format => {
  const format = findFormat(name);
  if (format) return format;
  throw unregistered('format', name);
};
