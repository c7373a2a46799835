import type { Market } from '../core/money/machine-prices.ts';

/** Where a Batch job's machine was bought, by the name of the queue that the job came from (AWS_BATCH_JQ_NAME). */
export const marketOf = (jobQueue: string): Market => (jobQueue.endsWith('-on-demand') ? 'onDemand' : 'spot');
