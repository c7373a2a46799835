import { Metrics as PowertoolsMetrics } from '@aws-lambda-powertools/metrics';
import { metricUnits } from '../core/metrics/measurement.ts';
import type { LogFields, Metrics } from '../core/ports.ts';

/** CloudWatch's namespace of all of Kadam's metrics. */
export const metricsNamespace = 'Kadam';

/**
 * Metrics as lines of the log in CloudWatch's embedded metric format: one line a measurement, with the service
 * (POWERTOOLS_SERVICE_NAME) as a dimension. What `known` answers stands beside the numbers without being a dimension, so
 * that a query finds the job that they are of.
 */
export const emfMetrics = (known: () => LogFields): Metrics => {
  const powertools = new PowertoolsMetrics({ namespace: metricsNamespace });
  return {
    record({ values, dimensions = {} }) {
      for (const [name, value] of Object.entries(dimensions)) powertools.addDimension(name, value);
      for (const [name, unit] of metricUnits) {
        const value = values[name];
        if (value !== undefined) powertools.addMetric(name, unit, value);
      }
      const beside = { level: 'INFO', message: 'measured', ...known() };
      for (const [name, value] of Object.entries(beside)) {
        // Powertools warns of a name that is a dimension as well.
        if (!(name in dimensions) && value !== undefined) powertools.addMetadata(name, String(value));
      }
      powertools.publishStoredMetrics();
    },
  };
};
