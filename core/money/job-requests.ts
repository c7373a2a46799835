import { type PriceName, priceNames } from './list-prices.ts';
import type { Prices } from './prices.ts';

/** What of a job decides how often it asks other services. */
export type JobShape = {
  target: 'lambda' | 'batch' | 'reject';
  /** Files that it writes beside its manifest. */
  outputs: number;
  /** Bytes of its record: the estimate in it is most of them. */
  recordBytes: number;
  /** Seconds for which a worker holds it. */
  seconds: number;
  /** Seconds that a lease runs without a renewal: `custom.leaseSeconds` of serverless.yml. */
  leaseSeconds: number;
};

/** How many of what a price is for. */
export type Amounts = Partial<Record<PriceName, number>>;

/** The writes of a record, each as a whole: created, handed on, claimed, files noted, ended, announced. */
export const recordWrites = 6;

/** Its reads: before each change but the first write, once by whoever takes the message, once by whoever runs the job. */
export const recordReads = 7;

/** The states of the workflow that a job of Batch goes through where nothing goes wrong. */
export const workflowStates = [
  'Filter on Spot',
  'How did the job end?',
  'Settle the job',
  'How did it end?',
  'Ended',
] as const;

/** Units of the index `by-lease`: written as the record appears, moved three times, gone in the end. */
const leaseIndexUnits = 1 + 3 * 2 + 1;

/** A lease is renewed each third of its time, which writes the record and moves it in `by-lease`. */
const renewalsPerLease = 3;

/** Bytes that functions and containers log of a job: about five lines of JSON each, and Lambda's own. */
const logBytes = { lambda: 8_000, batch: 12_000, reject: 6_000 };

/**
 * What a job asks of other services where all goes well, counted in the code: of SQS (sent, received and deleted, by
 * each queue), of DynamoDB (a unit a started kilobyte, twice because the index `by-upload` holds the whole record), of
 * S3 (the header; twice whether the upload is still the newest; the upload; for each file whether there is one already,
 * and its PUT; the manifest before, and its own). The user's own upload is not in it. Pure.
 */
export const jobRequests = ({ target, outputs, recordBytes, seconds, leaseSeconds }: JobShape): Amounts => {
  const isBatch = target === 'batch';
  const renewals = Math.floor((seconds * renewalsPerLease) / leaseSeconds);
  const written = 2 * Math.ceil(recordBytes / 1000);
  const read = Math.ceil(recordBytes / 4000);
  const recipe = 1;
  const files = target === 'reject' ? 0 : outputs;
  return {
    lambdaRequest: 2,
    sqsRequest: isBatch ? 3 : 6,
    dynamoDbWriteUnit: recordWrites * written + leaseIndexUnits + renewals * (written + 2),
    dynamoDbReadUnit: recordReads * read + recipe + renewals * read,
    s3Put: files + 1,
    s3Get: files + 6,
    eventBridgeEvent: 1,
    stateTransition: isBatch ? workflowStates.length + 1 : 0,
    logsGb: logBytes[target] / 1e9,
  };
};

/** Dollars of so many of each. */
export const dollarsOf = (amounts: Amounts, { dollars }: Prices): number =>
  priceNames.reduce((sum, name) => sum + (amounts[name] ?? 0) * dollars[name], 0);
