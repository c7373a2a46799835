import type { Check, Deployment } from './finding.ts';

export type ConcurrencyPort = {
  /** How many functions may run at once in this account and region, without those reserved for a function. */
  unreservedConcurrency(): Promise<number>;
};

/** For the function settle, and for whatever else runs in the account. */
const keptFree = 2;
/** The least that Lambda takes for one queue (API_ScalingConfig of its reference). */
const least = 2;

/** Shares what there is between the two functions in the proportion that was asked for. */
export const shareConcurrency = (
  available: number,
  process: number,
  dispatch: number,
): { process: number; dispatch: number } => {
  const share = Math.max(least, Math.floor((available * dispatch) / (process + dispatch)));
  return { process: available - share, dispatch: share };
};

/**
 * How many functions may run at once. Above it Lambda throttles, and every throttled message counts as received until it
 * lands among the dead letters though nothing was wrong with it.
 */
export const checkLambdaConcurrency = ({ params, region }: Deployment, port: ConcurrencyPort): Check => ({
  name: 'Lambda concurrency',
  async look() {
    const { processConcurrency: process, dispatchConcurrency: dispatch } = params;
    const unreserved = await port.unreservedConcurrency();
    const available = unreserved - keptFree;
    if (process + dispatch <= available) {
      return [{ status: 'ok', found: `${process} + ${dispatch} of ${unreserved}` }];
    }
    // Lambda concurrent executions; Service Quotas, service code lambda.
    const wayOut = `aws service-quotas request-service-quota-increase --region ${region} --service-code lambda --quota-code L-B99A9384 --desired-value 1000`;
    if (available < 2 * least) {
      return [
        {
          status: 'refused',
          found: `the account may run ${unreserved} functions at once; Kadam needs ${2 * least + keptFree}`,
          wayOut,
        },
      ];
    }
    const shared = shareConcurrency(available, process, dispatch);
    return [
      {
        status: 'adjusted',
        found: `the account may run ${unreserved} functions at once: ${shared.process} process and ${shared.dispatch} dispatch instead of ${process} and ${dispatch}`,
        wayOut,
        adjustments: [{ kind: 'concurrency', ...shared }],
      },
    ];
  },
});
