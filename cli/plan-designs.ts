import { type Bill, billDollars, type StartSeconds, sumBills } from '../core/money/job-bill.ts';
import type { PlannedCase, Way, Ways } from './plan-row.ts';
import type { WorkloadRow } from './plan-workload.ts';

/** A row of a workload and its decided cases. */
export type PlannedRow = { row: WorkloadRow; cases: PlannedCase[] };

/** What bounds how much runs at once. */
export type Capacity = { processConcurrency: number; maxvCpus: number; starts: StartSeconds };

/** A whole workload done in one way: what it costs, and how long it takes. */
export type Design = {
  name: string;
  /** Pictures that are filtered; the others do not fit. */
  pictures: number;
  bill: Bill;
  dollars: number;
  /** With every job's seconds at their bound. */
  upperDollars: number;
  /** Hours until the last picture is done. */
  hours: number;
};

/** Where one picture goes in a design: one of its ways, or none. */
type Choice = (ways: Ways, target: PlannedCase['target']) => Way | undefined;

/** What Kadam does buys Spot first and On-Demand after a reclaim; the others send everything to one target. */
const choices: Readonly<Record<string, Choice>> = {
  'Kadam, Batch on Spot': (ways, target) => chosen(target, ways.lambda, ways.spot),
  'Kadam, Batch On-Demand': (ways, target) => chosen(target, ways.lambda, ways.onDemand),
  'all on Lambda': ({ lambda }) => lambda,
  'all on Batch, Spot': ({ spot }) => spot,
  'all on Batch, On-Demand': ({ onDemand }) => onDemand,
};

const chosen = (target: PlannedCase['target'], lambda: Way | undefined, batch: Way | undefined): Way | undefined =>
  target === 'lambda' ? lambda : target === 'batch' ? batch : undefined;

/** Seconds from the first picture of a row to the last one's arrival. */
const arrivalSeconds = ({ count, perSecond }: WorkloadRow): number => (perSecond === undefined ? 0 : count / perSecond);

/** Seconds until all is done: as long as the work takes side by side, and as long as the last to come. */
const wallSeconds = (
  done: readonly { row: WorkloadRow; count: number; way: Way }[],
  { processConcurrency, maxvCpus, starts }: Capacity,
): number => {
  const onLambda = done.filter(({ way }) => way.vcpus === 0);
  const onBatch = done.filter(({ way }) => way.vcpus > 0);
  const lambdaWork = onLambda.reduce((sum, { count, way }) => sum + count * way.seconds.median, 0);
  const batchWork = onBatch.reduce(
    (sum, { count, way }) => sum + count * (starts.job + way.seconds.median) * way.vcpus,
    0,
  );
  const lasts = done.map(
    ({ row, way }) => arrivalSeconds(row) + way.seconds.median + (way.vcpus > 0 ? starts.machine + starts.job : 0),
  );
  return Math.max(
    0,
    ...lasts,
    lambdaWork / processConcurrency,
    onBatch.length > 0 ? starts.machine + batchWork / maxvCpus : 0,
  );
};

const designOf = (name: string, choose: Choice, rows: readonly PlannedRow[], capacity: Capacity): Design => {
  const all = rows.flatMap(({ row, cases }) =>
    cases.map((each) => ({ row, each, way: choose(each.ways, each.target) })),
  );
  const done = all.flatMap(({ row, each, way }) => (way ? [{ row, count: each.count, way }] : []));
  const refusals = all.flatMap(({ each, way }) =>
    way === undefined && each.refused ? [{ bill: each.refused, times: each.count }] : [],
  );
  const bill = sumBills([...done.map(({ count, way }) => ({ bill: way.bill.median, times: count })), ...refusals]);
  const upper = sumBills([...done.map(({ count, way }) => ({ bill: way.bill.upper, times: count })), ...refusals]);
  return {
    name,
    pictures: done.reduce((sum, { count }) => sum + count, 0),
    bill,
    dollars: billDollars(bill),
    upperDollars: billDollars(upper),
    hours: wallSeconds(done, capacity) / 3600,
  };
};

/** What the workload costs, and how long it takes, as Kadam routes it and with everything on one target. Pure. */
export const designsOf = (rows: readonly PlannedRow[], capacity: Capacity): Design[] =>
  Object.entries(choices).map(([name, choose]) => designOf(name, choose, rows, capacity));
