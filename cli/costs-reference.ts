import { stripVTControlCharacters } from 'node:util';
import { listPrices, priceNames } from '../core/money/list-prices.ts';
import { listMachines, machineSources } from '../core/money/machine-prices.ts';
import { monthlyDollars } from '../core/money/monthly-dollars.ts';
import { listedPrices } from '../core/money/prices.ts';
import { planCommand } from './plan-command.ts';
import { readStack } from './plan-stack.ts';

/** Characters a line of a document's block: as wide as its widest table. */
const width = 130;

/** What `npm run plan` prints with these arguments. */
const planOutput = async (words: string): Promise<string> => {
  const parts: string[] = [];
  const out = (text: string) => parts.push(text);
  await planCommand({ arguments: words.split(' '), out, err: out }, width);
  return `\`\`\`\n${stripVTControlCharacters(parts.join('')).trimEnd()}\n\`\`\``;
};

const rowsOf = (head: string[], rows: (string | number)[][]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** A price without an exponent: `0.0000133334`. */
const plain = (dollars: number): string => dollars.toFixed(12).replace(/\.?0+$/, '');

const priceTables = (): string => {
  const prices = priceNames.map((name) => {
    const { dollars, per, source, date } = listPrices[name];
    return [`\`${name}\``, `$${plain(dollars)}`, per, `[${date}](${source})`];
  });
  const machines = Object.entries(listMachines).map(([type, { onDemand, spot, memoryMiB, vcpus }]) => [
    `\`${type}\``,
    vcpus,
    `${memoryMiB / 1024} GiB`,
    `$${plain(onDemand)}`,
    `$${spot.toFixed(4)}`,
  ]);
  const { onDemand, spot } = machineSources;
  return [
    rowsOf(['name', 'dollars', 'for one', 'read'], prices),
    rowsOf(
      [
        'machine',
        'vCPUs',
        'memory',
        `an hour [On-Demand, ${onDemand.date}](${onDemand.source})`,
        `[Spot, ${spot.date}](${spot.source})`,
      ],
      machines,
    ),
  ].join('\n\n');
};

/** What deployments cost by the month, for each network. */
const standingTable = async (): Promise<string> => {
  const rows = await Promise.all(
    ['public', 'private'].map(async (network) => {
      const { standing } = await readStack('dev', [`network=${network}`]);
      const lines = monthlyDollars(standing, listedPrices);
      const all = lines.reduce((sum, { dollars }) => sum + dollars, 0);
      const parts = lines.map(({ what, amount, dollars }) => `${what} (${amount}): $${dollars.toFixed(2)}`);
      return [`\`${network}\``, `$${all.toFixed(2)}`, parts.join('; ')];
    }),
  );
  return rowsOf(['network', 'a month', 'of it'], rows);
};

/** What stands between a begin and an end: `<!-- begin: plan docs/workloads/million.csv -->`. */
const block = /<!-- begin: (prices|standing|plan)(?: ([^\n]+))? -->\n[\s\S]*?<!-- end -->/g;

/** A document with its blocks written anew: tables of prices and standing costs, and what `npm run plan` prints. */
export const withCosts = async (markdown: string): Promise<string> => {
  let written = markdown;
  for (const [whole, kind, words = ''] of markdown.matchAll(block)) {
    const begin = whole.slice(0, whole.indexOf('\n') + 1);
    const text = await (kind === 'plan' ? planOutput(words) : kind === 'standing' ? standingTable() : priceTables());
    written = written.replace(whole, () => `${begin}${text}\n<!-- end -->`);
  }
  return written;
};
