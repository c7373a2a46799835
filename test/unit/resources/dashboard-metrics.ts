import * as z from 'zod';
import type { Metric } from './known-metrics.ts';

const options = z.looseObject({
  id: z.string().optional(),
  expression: z.string().optional(),
  stat: z.string().optional(),
});
const metric = z.array(z.union([z.string(), options]));
const widget = z.looseObject({
  type: z.enum(['text', 'metric', 'log', 'alarm']),
  width: z.number(),
  height: z.number(),
  properties: z.looseObject({
    title: z.string().optional(),
    markdown: z.string().optional(),
    query: z.string().optional(),
    metrics: z.array(metric).optional(),
    alarms: z.array(z.string()).optional(),
  }),
});
const dashboard = z.strictObject({ start: z.string(), periodOverride: z.literal('inherit'), widgets: z.array(widget) });

export type Widget = z.infer<typeof widget>;
/** The widgets of a DashboardBody, whatever its Fn::Sub puts in. */
export const readWidgets = (body: string): Widget[] => dashboard.parse(JSON.parse(body)).widgets;

const dimensionsOf = ([name, value, ...others]: string[]): Record<string, string> =>
  name === undefined || value === undefined ? {} : { [name]: value, ...dimensionsOf(others) };

/** The metrics of a widget, the expressions over them, and the ids that those may use. */
export const metricsOf = ({ properties }: Widget): { metrics: Metric[]; expressions: string[]; ids: string[] } => {
  const rows = (properties.metrics ?? []).map((row) => ({
    words: row.filter((part) => typeof part === 'string'),
    options: row.filter((part) => typeof part !== 'string').at(0) ?? {},
  }));
  return {
    metrics: rows.flatMap(({ words: [namespace, name, ...dimensions] }) =>
      namespace === undefined || name === undefined ? [] : { namespace, name, dimensions: dimensionsOf(dimensions) },
    ),
    expressions: rows.flatMap(({ options: { expression } }) => expression ?? []),
    ids: rows.flatMap(({ options: { id } }) => id ?? []),
  };
};
