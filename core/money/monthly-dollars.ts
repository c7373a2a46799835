import { hoursPerMonth } from './job-dollars.ts';
import type { Prices } from './prices.ts';

/** What of a deployment costs by the month, whether pictures come or not. */
export type StandingParts = {
  /** Queues that functions poll. */
  polledQueues: number;
  /** Interface endpoints, each counted once for every zone that it is in. */
  endpointZones: number;
  alarms: number;
  dashboards: number;
  kmsKeys: number;
};

/** One line of what stands: how many, and the dollars of a month. */
export type MonthlyLine = { what: string; amount: number; dollars: number };

/**
 * Lambda polls a queue without messages with five connections that each ask every 20 seconds (Lambda Developer Guide,
 * 'Using Lambda with Amazon SQS').
 */
const idlePollsPerMonth = (5 * hoursPerMonth * 3600) / 20;

/** Dollars of a month of what stands, line by line; lines of nothing are left out. Pure. */
export const monthlyDollars = (parts: StandingParts, { dollars }: Prices): MonthlyLine[] =>
  [
    { what: 'polls of idle queues', amount: parts.polledQueues, each: idlePollsPerMonth * dollars.sqsRequest },
    { what: 'interface endpoints, by zone', amount: parts.endpointZones, each: hoursPerMonth * dollars.endpointHour },
    { what: 'alarms', amount: parts.alarms, each: dollars.alarmMonth },
    { what: 'dashboards', amount: parts.dashboards, each: dollars.dashboardMonth },
    { what: 'KMS keys', amount: parts.kmsKeys, each: dollars.kmsKeyMonth },
  ]
    .filter(({ amount }) => amount > 0)
    .map(({ what, amount, each }) => ({ what, amount, dollars: amount * each }));
