import { InternalError } from '../errors.ts';
import { asFilter } from '../filters/container-filter.ts';
import type { Filter } from '../filters/filter.ts';
import { findFilter } from '../filters/registry.ts';
import type { Format } from '../formats/format.ts';
import { findFormat } from '../formats/registry.ts';
import type { KnownStep } from './plan.ts';

const unregistered = (kind: string, name: string): InternalError =>
  new InternalError(
    `Expected a ${kind} of this version in a stored recipe but received '${name}'. ` +
      'Upload the picture again: this stores a recipe of this version.',
    { code: 'NotRegistered' },
  );

/** A step's filter. Throws InternalError: recipes were checked before they became canonical. */
export const filterOf = ({ filter: name, containerFilter }: Pick<KnownStep, 'filter' | 'containerFilter'>): Filter => {
  const filter = containerFilter ? asFilter(containerFilter) : findFilter(name);
  if (filter) return filter;
  throw unregistered('filter', name);
};

/** The format of that name. Throws InternalError, as above. */
export const registeredFormat = (name: string): Format => {
  const format = findFormat(name);
  if (format) return format;
  throw unregistered('format', name);
};
