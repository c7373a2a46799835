import { ServiceError } from './json-protocol.ts';

/**
 * A page of items. The token names the last item of the page before, so that items that came since do not shift it.
 * `maxResults` 0 means 100, as in Step Functions. Throws InvalidToken for a token that names no item.
 */
export const paginate = <T>(
  items: T[],
  keyOf: (item: T) => string,
  { maxResults, nextToken }: { maxResults: number; nextToken?: string },
): { page: T[]; nextToken?: string } => {
  const key = nextToken === undefined ? undefined : Buffer.from(nextToken, 'base64url').toString();
  const before = key === undefined ? -1 : items.findIndex((item) => keyOf(item) === key);
  if (key !== undefined && before === -1) throw new ServiceError('InvalidToken', `Invalid Token: '${nextToken}'`);
  const page = items.slice(before + 1, before + 1 + (maxResults || 100));
  const last = page.at(-1);
  const isMore = before + 1 + page.length < items.length;
  return { page, ...(isMore && last && { nextToken: Buffer.from(keyOf(last)).toString('base64url') }) };
};
