/** Where a listing goes on: at this key or after it; `after` leaves out the rows of this very key up to that one. */
export type Position = { key: string; after?: number };

export type PageQuery = { prefix: string; delimiter: string; limit: number; from: Position };

/** One page. `isTruncated` says that more follows, after `marker`: the last row's key or the last common prefix. */
export type Page<Row> = {
  rows: Row[];
  commonPrefixes: string[];
  isTruncated: boolean;
  marker: string;
  /** The last row, unless the page ends with a common prefix. */
  lastRow?: Row;
};

// Keys end at 1,024 bytes, so none that starts with the prefix can come after this.
const keyAfterPrefix = (prefix: string): string => prefix + '\u{10ffff}'.repeat(257);

/** Where a listing goes on after a marker: a key, or the common prefix that the page before ended with. */
export const positionAfter = (
  marker: string,
  { prefix, delimiter }: { prefix: string; delimiter: string },
): Position => {
  const isCommonPrefix =
    delimiter !== '' &&
    marker.startsWith(prefix) &&
    marker.endsWith(delimiter) &&
    marker.indexOf(delimiter, prefix.length) === marker.length - delimiter.length;
  return { key: isCommonPrefix ? keyAfterPrefix(marker) : `${marker}\u0000` };
};

/**
 * Collects one page of rows in key order. Keys that share the text up to the first delimiter after the prefix are
 * rolled up into one common prefix, and jumped over: a folder of a million keys costs one step.
 * @param scan the rows from a position on, in order
 */
export const collectPage = <Row extends { key: string }>(
  scan: (from: Position) => Iterable<Row>,
  { prefix, delimiter, limit, from }: PageQuery,
): Page<Row> => {
  const page: Page<Row> = { rows: [], commonPrefixes: [], isTruncated: false, marker: '' };
  let position: Position | undefined =
    Buffer.compare(Buffer.from(from.key), Buffer.from(prefix)) < 0 ? { key: prefix } : from;
  while (position && limit > 0) {
    const start: Position = position;
    position = undefined;
    for (const row of scan(start)) {
      if (!row.key.startsWith(prefix)) break;
      if (page.rows.length + page.commonPrefixes.length === limit) return { ...page, isTruncated: true };
      const cut: number = delimiter === '' ? -1 : row.key.indexOf(delimiter, prefix.length);
      if (cut !== -1) {
        const commonPrefix = row.key.slice(0, cut + delimiter.length);
        page.commonPrefixes.push(commonPrefix);
        page.marker = commonPrefix;
        page.lastRow = undefined;
        position = { key: keyAfterPrefix(commonPrefix) };
        break;
      }
      page.rows.push(row);
      page.marker = row.key;
      page.lastRow = row;
    }
  }
  return page;
};
