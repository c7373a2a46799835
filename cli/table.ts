import Table from 'cli-table3';

const border = (length: number, text: string): Record<string, string> =>
  Object.fromEntries(
    ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
      .concat(['left', 'left-mid', 'right', 'right-mid', 'mid', 'mid-mid', 'middle'])
      .map((name) => [name, text.slice(0, length)]),
  );

/**
 * A plain table without lines for a terminal: the last column is wrapped to what is left of `width` characters.
 * Every cell is text; columns are as wide as their widest cell.
 */
export const table = (head: string[], rows: string[][], width = process.stdout.columns ?? 120): string => {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)) + 2,
  );
  const others = widths.slice(0, -1).reduce((sum, value) => sum + value, 0);
  const last = Math.max(24, Math.min(widths.at(-1) ?? 0, width - others - 1));
  const lines = new Table({
    head,
    chars: border(0, ''),
    colWidths: [...widths.slice(0, -1), last],
    wordWrap: true,
    style: { head: ['dim'], 'padding-left': 0, 'padding-right': 2 },
  });
  lines.push(...rows);
  return `${lines.toString()}\n`;
};
