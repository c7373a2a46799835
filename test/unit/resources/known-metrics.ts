import { expect } from 'vitest';
import { metricUnits } from '../../../core/metrics/measurement.ts';

/** A metric: its namespace and name, and what it is told apart by. */
export type Metric = { namespace: string; name: string; dimensions: Record<string, string> };

/** AWS's own metrics: Developer guides of SQS, Lambda and Step Functions, 'CloudWatch metrics'. */
const awsMetrics: Record<string, { dimension: string; names: string[] }> = {
  'AWS/SQS': {
    dimension: 'QueueName',
    names: [
      'ApproximateAgeOfOldestMessage',
      'ApproximateNumberOfMessagesVisible',
      'ApproximateNumberOfMessagesNotVisible',
      'NumberOfMessagesSent',
    ],
  },
  'AWS/Lambda': {
    dimension: 'FunctionName',
    names: ['Invocations', 'Errors', 'Throttles', 'Duration', 'ConcurrentExecutions'],
  },
  'AWS/States': {
    dimension: 'StateMachineArn',
    names: [
      ...['ExecutionsStarted', 'ExecutionsSucceeded', 'ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted'],
      'ExecutionTime',
    ],
  },
};

/** What each of Kadam's metrics is told apart by, besides the service. */
const kadamDimensions: Record<string, string[]> = {
  ...Object.fromEntries(metricUnits.map(([name]) => [name, []])),
  ...Object.fromEntries(
    ['Decisions', 'PredictedSeconds', 'MeasuredSeconds', 'PredictionRatio', 'BoundExceeded', 'JobDollars'].map(
      (name) => [name, ['target']],
    ),
  ),
  ...{ Jobs: ['state'], HandedOver: ['reason'] },
};
const dimensionValues: Record<string, string[]> = {
  target: ['lambda', 'batch', 'reject'],
  state: ['done', 'rejected', 'failed', 'superseded', 'gone'],
};

/** Asserts that somebody publishes this metric, with these dimensions. */
export const expectKnown = ({ namespace, name, dimensions }: Metric): void => {
  const own = awsMetrics[namespace];
  if (own) {
    expect(own.names).toContain(name);
    expect(Object.keys(dimensions)).toEqual([own.dimension]);
    return;
  }
  expect(namespace).toBe('Kadam');
  expect(Object.keys(kadamDimensions)).toContain(name);
  const { service, ...others } = dimensions;
  expect(service).toBe('kadam-dev');
  expect(Object.keys(others)).toEqual(kadamDimensions[name]);
  for (const [dimension, value] of Object.entries(others)) expect(dimensionValues[dimension]).toContain(value);
};
