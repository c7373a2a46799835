import { styleText } from 'node:util';
import { billItems } from '../core/money/job-bill.ts';
import type { Design } from './plan-designs.ts';
import type { PlanReport, RowReport, WayReport } from './plan-report.ts';
import { table } from './table.ts';

const number = (value: number, digits: number): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
const count = (value: number): string => number(Math.round(value), 0);
const dollars = (value: number): string => `$${number(value, value < 10 ? 2 : 0)}`;
const hours = (value: number): string => (value < 48 ? `${number(value, 1)} h` : `${number(value / 24, 1)} days`);
const heading = (text: string): string => `\n${styleText('bold', text)}\n`;

const seconds = (way: WayReport | null): string =>
  way === null ? 'does not fit' : `${number(way.seconds.median, 1)} (${number(way.seconds.upper, 1)})`;

/** A star where only some of a row's pictures fit. */
const price = (way: WayReport | null, { count: all }: RowReport): string =>
  way === null ? '-' : `${dollars(way.dollars)}${way.pictures < all - 0.5 ? '*' : ''}`;

const choice = ({ chosen, count: all }: RowReport): string =>
  Object.entries({ Lambda: chosen.lambda, Batch: chosen.batch, rejected: chosen.reject })
    .filter(([, pictures]) => pictures > 0)
    .map(([name, pictures]) => (pictures > all - 0.5 ? name : `${name} ${number((pictures / all) * 100, 0)} %`))
    .join(', ');

/** Why pictures of a row would be rejected: the first case's reason stands for those of its kind. */
const rejection = ({ cases }: RowReport): { below?: string } => {
  const refused = cases.find(({ target }) => target === 'reject');
  return refused === undefined ? {} : { below: `  ${refused.what}: ${refused.reasons.join('; ')}` };
};

const rowsTable = (rows: readonly RowReport[], width?: number): string =>
  table(
    ['row', 'pictures', 'recipe', 's on Lambda', 's on Batch', 'Lambda', 'Spot', 'On-Demand', 'Kadam', 'by'],
    rows.map((row) => ({
      cells: [
        row.name,
        count(row.count),
        row.recipe,
        seconds(row.ways.lambda),
        seconds(row.ways.spot),
        price(row.ways.lambda, row),
        price(row.ways.spot, row),
        price(row.ways.onDemand, row),
        dollars(row.dollars),
        choice(row),
      ],
      ...rejection(row),
    })),
    width,
  );

const designsTable = (designs: readonly Design[], pictures: number, width?: number): string =>
  table(
    ['design', 'filtered', 'dollars', 'at their bounds', 'a million', 'done in'],
    designs.map((design) => ({
      cells: [
        design.name,
        count(design.pictures),
        dollars(design.dollars),
        dollars(design.upperDollars),
        design.pictures > 0 ? dollars((design.dollars / pictures) * 1e6) : '-',
        hours(design.hours),
      ],
    })),
    width,
  );

const billTable = ({ bill, dollars: all }: Design, width?: number): string =>
  table(
    ['what drives it', 'dollars', 'share'],
    billItems
      .filter((item) => bill[item] > 0)
      .sort((a, b) => bill[b] - bill[a])
      .map((item) => ({ cells: [item, dollars(bill[item]), `${number((bill[item] / all) * 100, 1)} %`] })),
    width,
  );

const monthlyText = ({ monthly, outputs, deployment }: PlanReport): string => {
  const lines = monthly.lines.map(({ what, amount, dollars: each }) => `${what} (${amount}) ${dollars(each)}`);
  return (
    `  Standing, a month (network ${deployment.network}, encryption ${deployment.encryption}): ` +
    `${dollars(monthly.dollars)}${lines.length > 0 ? `: ${lines.join(', ')}` : ''}\n` +
    `  Outputs: ${number(outputs.gigabytes, 1)} GB, ${dollars(outputs.dollarsPerMonth)} a month in S3 Standard\n`
  );
};

/** A plan as text for a terminal of `width` characters: this one's where it is not given. */
export const planText = (report: PlanReport, width?: number): string => {
  const { deployment, designs, rows } = report;
  const [kadam] = designs;
  return [
    `${report.workload}: ${count(report.pictures)} pictures at ${report.prices}, ${deployment.architecture}, ` +
      `${deployment.processConcurrency} functions and ${deployment.maxvCpus} vCPUs at once\n`,
    heading('Each row: seconds of a picture (their bound), dollars of all'),
    rowsTable(rows, width),
    heading('The whole workload'),
    designsTable(designs, report.pictures, width),
    ...(kadam && kadam.dollars > 0 ? [heading(`The bill of ${kadam.name}`), billTable(kadam, width)] : []),
    heading('Beside it'),
    monthlyText(report),
  ].join('');
};
