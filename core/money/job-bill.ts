import { batchDollars, type Fleet, type JobSize, lambdaDollars } from './job-dollars.ts';
import { type Amounts, dollarsOf, type JobShape, jobRequests } from './job-requests.ts';
import type { PriceName } from './list-prices.ts';
import type { Market } from './machine-prices.ts';
import type { Prices } from './prices.ts';

/** A bill of nothing: it names what the lines of a bill are for. */
const nothing = {
  functions: 0,
  machines: 0,
  'machine starts': 0,
  'records (DynamoDB)': 0,
  'file requests (S3)': 0,
  'queues (SQS)': 0,
  'workflow (Step Functions)': 0,
  'events (EventBridge)': 0,
  'logs (CloudWatch)': 0,
};
export type BillItem = keyof typeof nothing;

/** Dollars by what they are for. */
export type Bill = Readonly<Record<BillItem, number>>;

const isBillItem = (name: string): name is BillItem => name in nothing;

/** What the lines of a bill are for, in the order in which they are shown. */
export const billItems: readonly BillItem[] = Object.keys(nothing).filter(isBillItem);

/** Seconds until something runs. */
export type StartSeconds = { machine: number; job: number };

/** What a deployment gives its workers, as far as money depends on it. */
export type Rates = {
  /** The processing function, and the two small ones before and after it. */
  functions: { processMiB: number; processDiskMiB: number; dispatchMiB: number; settleMiB: number };
  fleet: Fleet;
  /** Seconds that are paid for before a machine's first job runs, and before each job's container does. */
  starts: StartSeconds;
  leaseSeconds: number;
  prices: Prices;
};

/** One job's work: where, for how long, and what it asks for. */
export type JobWork = Omit<JobShape, 'leaseSeconds'> & {
  /** What a job of Batch asks for, where it buys it, and how many machines are started for it. */
  batch?: { size: JobSize; market: Market; starts: number };
};

/** Seconds of the dispatcher and of `settle`: some requests to services each. Assumed until there are measurements. */
const smallFunctionSeconds = 0.3;

const pick = (amounts: Amounts, ...names: PriceName[]): Amounts =>
  Object.fromEntries(names.map((name) => [name, amounts[name] ?? 0]));

/** A job's bill, from its upload's event to its own. Pure. Throws ConfigurationError `NoPrice`. */
export const jobBill = (work: JobWork, { functions, fleet, starts, leaseSeconds, prices }: Rates): Bill => {
  const { architecture } = fleet;
  const small = (memoryMiB: number) => lambdaDollars(smallFunctionSeconds, memoryMiB, architecture, undefined, prices);
  const { batch } = work;
  const amounts = jobRequests({ ...work, leaseSeconds });
  const bought = (...names: PriceName[]) => dollarsOf(pick(amounts, ...names), prices);
  const machine = (seconds: number) =>
    batch === undefined ? 0 : batchDollars(seconds, batch.size, batch.market, fleet, prices);
  const working = batch
    ? small(functions.settleMiB)
    : lambdaDollars(work.seconds, functions.processMiB, architecture, functions.processDiskMiB, prices);
  return {
    functions: small(functions.dispatchMiB) + working + bought('lambdaRequest'),
    machines: machine(starts.job + work.seconds),
    'machine starts': machine(starts.machine) * (batch?.starts ?? 0),
    'records (DynamoDB)': bought('dynamoDbWriteUnit', 'dynamoDbReadUnit'),
    'file requests (S3)': bought('s3Put', 's3Get'),
    'queues (SQS)': bought('sqsRequest'),
    'workflow (Step Functions)': bought('stateTransition'),
    'events (EventBridge)': bought('eventBridgeEvent'),
    'logs (CloudWatch)': bought('logsGb'),
  };
};

/** Several bills as one, each as often as it says. */
export const sumBills = (bills: readonly { bill: Bill; times: number }[]): Bill => {
  const sum = { ...nothing };
  for (const { bill, times } of bills) for (const item of billItems) sum[item] += bill[item] * times;
  return sum;
};

/** All lines of a bill together. */
export const billDollars = (bill: Bill): number => billItems.reduce((sum, item) => sum + bill[item], 0);
