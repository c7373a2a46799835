import { type Bill, billDollars, type Rates } from '../core/money/job-bill.ts';
import type { MonthlyLine } from '../core/money/monthly-dollars.ts';
import type { Bounded } from '../core/predict/estimate.ts';
import type { Params } from '../deploy/params.ts';
import type { Design, PlannedRow } from './plan-designs.ts';
import type { PlannedCase, Way, Ways } from './plan-row.ts';
import type { Stack } from './plan-stack.ts';

/** What a row takes on one target: of the pictures that fit it. */
export type WayReport = {
  pictures: number;
  /** Of one picture: expected on average, and the largest bound. */
  seconds: Bounded;
  dollars: number;
  upperDollars: number;
};

/** A row as it is printed. */
export type RowReport = {
  line: number;
  name: string;
  recipe: string;
  count: number;
  /** How many pictures go where. */
  chosen: { lambda: number; batch: number; reject: number };
  /** Why, for each of its cases. */
  cases: { what: string; count: number; target: PlannedCase['target']; reasons: string[] }[];
  ways: { lambda: WayReport | null; spot: WayReport | null; onDemand: WayReport | null };
  /** Of the ways that Kadam chooses, Batch on Spot, and of refusals. */
  dollars: number;
  outputBytes: number;
};

/** All that `npm run plan -- --json` prints. */
export type PlanReport = {
  workload: string;
  prices: string;
  deployment: Pick<Params, 'architecture' | 'network' | 'encryption' | 'processConcurrency' | 'maxvCpus'> & {
    machineStartSeconds: number;
    jobStartSeconds: number;
  };
  rows: RowReport[];
  pictures: number;
  /** As Kadam routes, first on Spot and then On-Demand, and with everything on one target. */
  designs: Design[];
  monthly: { lines: MonthlyLine[]; dollars: number };
  /** What the outputs take, and a month of them in S3 Standard. */
  outputs: { gigabytes: number; dollarsPerMonth: number };
};

const total = <Item>(items: readonly Item[], amount: (item: Item) => number): number =>
  items.reduce((sum, item) => sum + amount(item), 0);

const wayReport = (cases: readonly PlannedCase[], way: (ways: Ways) => Way | undefined): WayReport | null => {
  const fitting = cases.flatMap(({ count, ways }) => {
    const found = way(ways);
    return found ? [{ count, found }] : [];
  });
  if (fitting.length === 0) return null;
  const pictures = total(fitting, ({ count }) => count);
  return {
    pictures,
    seconds: {
      median: total(fitting, ({ count, found }) => count * found.seconds.median) / pictures,
      upper: Math.max(...fitting.map(({ found }) => found.seconds.upper)),
    },
    dollars: total(fitting, ({ count, found }) => count * billDollars(found.bill.median)),
    upperDollars: total(fitting, ({ count, found }) => count * billDollars(found.bill.upper)),
  };
};

const chosenBill = ({ target, ways, refused }: PlannedCase): Bill | undefined =>
  target === 'reject' ? refused : (target === 'lambda' ? ways.lambda : ways.spot)?.bill.median;

const rowReport = ({ row, cases }: PlannedRow): RowReport => {
  const countOf = (wanted: PlannedCase['target']) =>
    total(
      cases.filter(({ target }) => target === wanted),
      ({ count }) => count,
    );
  return {
    line: row.line,
    name: row.name,
    recipe: row.recipe,
    count: row.count,
    chosen: { lambda: countOf('lambda'), batch: countOf('batch'), reject: countOf('reject') },
    cases: cases.map(({ what, count, target, reasons }) => ({ what, count, target, reasons })),
    ways: {
      lambda: wayReport(cases, ({ lambda }) => lambda),
      spot: wayReport(cases, ({ spot }) => spot),
      onDemand: wayReport(cases, ({ onDemand }) => onDemand),
    },
    dollars: total(cases, (each) => {
      const bill = chosenBill(each);
      return bill ? each.count * billDollars(bill) : 0;
    }),
    outputBytes: total(cases, ({ count, outputBytes }) => count * outputBytes),
  };
};

/** Everything that is known of a planned workload, as plain data: what the table and `--json` show. Pure. */
export const planReport = (
  workload: string,
  planned: readonly PlannedRow[],
  designs: Design[],
  lines: MonthlyLine[],
  { stack, rates }: { stack: Stack; rates: Rates },
): PlanReport => {
  const rows = planned.map(rowReport);
  const { architecture, network, encryption, processConcurrency, maxvCpus } = stack.params;
  const gigabytes = total(rows, ({ outputBytes }) => outputBytes) / 1e9;
  return {
    workload,
    prices: rates.prices.name,
    deployment: {
      architecture,
      network,
      encryption,
      processConcurrency,
      maxvCpus,
      machineStartSeconds: rates.starts.machine,
      jobStartSeconds: rates.starts.job,
    },
    rows,
    pictures: total(rows, ({ count }) => count),
    designs,
    monthly: { lines, dollars: total(lines, ({ dollars }) => dollars) },
    outputs: { gigabytes, dollarsPerMonth: gigabytes * rates.prices.dollars.s3GbMonth },
  };
};
