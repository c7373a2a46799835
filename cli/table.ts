import { styleText } from 'node:util';
import Table from 'cli-table3';

const noLines = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
    .concat(['left', 'left-mid', 'right', 'right-mid', 'mid', 'mid-mid', 'middle'])
    .map((part) => [part, '']),
);

/** A row's cells, and text that belongs to it: printed below, over the table's whole width. */
export type Row = { cells: string[]; below?: string };

/**
 * A plain table without lines, for a terminal of `width` characters. Columns are as wide as their widest cell, except
 * that the last one, and the text below a row, are wrapped.
 */
export const table = (head: string[], rows: Row[], width = process.stdout.columns ?? 120): string => {
  const widths = head.map((title, column) => {
    const cells = rows.map(({ cells }) => cells[column]?.length ?? 0);
    return Math.max(title.length, ...cells) + 2;
  });
  const others = widths.slice(0, -1).reduce((sum, value) => sum + value, 0);
  const last = Math.max(30, width - others);
  const lines = new Table({
    head: head.map((title) => styleText('bold', title)),
    chars: noLines,
    colWidths: [...widths.slice(0, -1), last],
    wordWrap: true,
    style: { head: [], 'padding-left': 0, 'padding-right': 2 },
  });
  for (const { cells, below } of rows) {
    lines.push(cells);
    if (below !== undefined) lines.push([{ colSpan: head.length, content: below }]);
  }
  return `${lines
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')}\n`;
};
