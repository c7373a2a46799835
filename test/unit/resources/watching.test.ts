import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { metricUnits } from '../../../core/metrics/measurement.ts';
import { metricsOf, readWidgets, type Widget } from './dashboard-metrics.ts';
import { expectKnown, type Metric } from './known-metrics.ts';
import { type Resource, type Resources, readResources } from './read-resources.ts';

const files = ['alarm-topic', 'alarms', 'alarms-health', 'batch-events', 'dashboard', 'log-queries'] as const;
const params = { prefix: 'kadam-dev', alarmEmail: 'ops@example.com', logRetentionDays: '30', dailyDollars: '' };

/** What the rest of the stack brings along, and Serverless makes of its functions. */
const elsewhere = [
  ...['DispatchLambdaFunction', 'ProcessLambdaFunction', 'SettleLambdaFunction'],
  ...['UploadsQueue', 'UploadsDeadLetters', 'WorkQueue', 'WorkDeadLetters', 'SettleDeadLetters'],
  ...['FilterImage', 'SpotQueue', 'OnDemandQueue', 'OutputBucket'],
];

const alarmMetric = z.object({
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.unknown() })),
});
const alarmProperties = z.looseObject({
  AlarmName: z.string(),
  AlarmDescription: z.string(),
  Metrics: z
    .array(
      z.looseObject({
        Id: z.string(),
        Expression: z.string().optional(),
        ReturnData: z.boolean().default(true),
        MetricStat: z.object({ Metric: alarmMetric, Stat: z.string(), Period: z.number() }).optional(),
      }),
    )
    .optional(),
});

const metricOf = ({ Namespace, MetricName, Dimensions }: z.infer<typeof alarmMetric>): Metric => ({
  ...{ namespace: Namespace, name: MetricName },
  dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, String(Value)])),
});

const metricsOfAlarm = (properties: unknown): Metric[] => {
  const { Metrics } = alarmProperties.parse(properties);
  if (Metrics === undefined) return [metricOf(alarmMetric.parse(properties))];
  return Metrics.flatMap(({ MetricStat }) => (MetricStat ? metricOf(MetricStat.Metric) : []));
};

let merged: Resources;
let operating: string;
let widgets: Widget[];

const ofType = (type: string): [string, Resource][] =>
  Object.entries(merged.Resources).filter(([, { Type }]) => Type === type);
const alarms = () => ofType('AWS::CloudWatch::Alarm');

beforeAll(async () => {
  const parts = await Promise.all(files.map((name) => readResources(name, params)));
  merged = {
    Parameters: Object.assign({}, ...parts.map(({ Parameters }) => Parameters)),
    Conditions: Object.assign({}, ...parts.map(({ Conditions }) => Conditions)),
    Resources: Object.assign({}, ...parts.map((part) => part.Resources)),
  };
  const count = parts.reduce((sum, part) => sum + Object.keys(part.Resources).length, 0);
  expect(Object.keys(merged.Resources)).toHaveLength(count);
  operating = await readFile(new URL('../../../docs/operate.md', import.meta.url), 'utf8');
  const body = z.object({ 'Fn::Sub': z.string() }).parse(merged.Resources.Dashboard?.Properties.DashboardBody);
  widgets = readWidgets(body['Fn::Sub']);
});

/** The logical ids that a value refers to. */
const references = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(references);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'Ref') return [String(inner)];
    if (key === 'Fn::GetAtt') return [String(inner).split(/[.,]/)[0] ?? ''];
    if (key === 'Fn::Sub') return [...String(inner).matchAll(/\$\{(\w[\w:]*)/g)].map(([, id]) => id ?? '');
    return references(inner);
  });
};

it('refers to nothing that is not there', () => {
  const known = new Set([...elsewhere, ...Object.keys(merged.Resources), ...Object.keys(merged.Parameters)]);
  const unknown = references(merged).filter((id) => !known.has(id) && !id.startsWith('AWS::'));
  // A value of serverless.yml, not a resource.
  expect(unknown.filter((id) => id !== 'self:custom')).toEqual([]);
  for (const { Condition } of Object.values(merged.Resources))
    if (Condition !== undefined) expect(Object.keys(merged.Conditions)).toContain(Condition);
});

describe('every alarm', () => {
  it('has a name of its own, which is its section in docs/operate.md', () => {
    const names = alarms().map(([, { Properties }]) => alarmProperties.parse(Properties).AlarmName);
    expect(new Set(names).size).toBe(names.length);
    const sections = [...operating.matchAll(/^### (\S+)$/gm)].map(([, title]) => `kadam-dev-${title}`);
    // The event of a blocked queue is no alarm, and has its section among them.
    expect(sections.filter((name) => name !== 'kadam-dev-blocked-queues').sort()).toEqual(names.sort());
  });

  it('says what it means and where to read on, and tells when it begins and when it is over', () => {
    for (const [id, { Properties }] of alarms()) {
      const { AlarmName, AlarmDescription } = alarmProperties.parse(Properties);
      const section = AlarmName.replace('kadam-dev-', '');
      expect(AlarmDescription, id).toMatch(new RegExp(`^[A-Z].{80,}\\. docs/operate\\.md#${section}$`));
      expect(AlarmDescription.length, id).toBeLessThanOrEqual(1024);
      expect(Properties.AlarmActions, id).toEqual([{ Ref: 'AlarmTopic' }]);
      expect(Properties.OKActions, id).toEqual([{ Ref: 'AlarmTopic' }]);
      expect(['ignore', 'notBreaching'], id).toContain(Properties.TreatMissingData);
    }
  });

  it('watches metrics that there are', () => {
    for (const [, { Properties }] of alarms()) for (const metric of metricsOfAlarm(Properties)) expectKnown(metric);
  });

  it('returns one series, made of what it names', () => {
    for (const [id, { Properties }] of alarms()) {
      const { Metrics = [] } = alarmProperties.parse(Properties);
      if (Metrics.length === 0) continue;
      expect(
        Metrics.filter(({ ReturnData }) => ReturnData),
        id,
      ).toHaveLength(1);
      expect(new Set(Metrics.flatMap(({ MetricStat }) => MetricStat?.Period ?? [])).size, id).toBe(1);
      const ids = new Set(Metrics.map(({ Id }) => Id));
      for (const used of Metrics.flatMap(({ Expression = '' }) => Expression.match(/\b[a-z]\w*/g) ?? []))
        expect(ids, id).toContain(used);
    }
  });

  it('is counted in docs/operate.md, since it is paid for by the metric', () => {
    const always = alarms().filter(([, { Condition }]) => Condition === undefined);
    const metrics = always.flatMap(([, { Properties }]) => metricsOfAlarm(Properties));
    expect(operating.replace(/\s+/g, ' ')).toContain(`${always.length} alarms watch ${metrics.length} metrics`);
  });

  it('stays on while dead letters lie in a queue that no longer reports', () => {
    const dead = alarms().filter(([id]) => id.includes('DeadLetters'));
    expect(dead.map(([, { Properties }]) => Properties.TreatMissingData)).toEqual(['ignore', 'ignore', 'ignore']);
  });
});

describe('the topic of the alarms', () => {
  const policy = z.object({
    Statement: z.array(
      z.looseObject({ Effect: z.string(), Principal: z.unknown(), Condition: z.unknown().optional() }),
    ),
  });

  it('takes messages of this account’s alarms and of rules, and over TLS alone', () => {
    const { Statement } = policy.parse(merged.Resources.AlarmTopicPolicy?.Properties.PolicyDocument);
    expect(Statement.map(({ Effect, Principal }) => [Effect, Principal])).toEqual([
      ['Deny', '*'],
      ['Allow', { Service: 'cloudwatch.amazonaws.com' }],
      ['Allow', { Service: 'events.amazonaws.com' }],
    ]);
    expect(Statement[1]?.Condition).toMatchObject({ StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } });
  });

  it('is sent to an address only where there is one', () => {
    expect(merged.Resources.AlarmEmailSubscription).toMatchObject({
      Condition: 'HasAlarmEmail',
      Properties: { Endpoint: { Ref: 'AlarmEmail' } },
    });
  });
});

describe('the dashboard', () => {
  it('fills its rows of 24 columns', () => {
    let column = 0;
    for (const { width, properties } of widgets) {
      column += width;
      expect(column, properties.title ?? properties.markdown).toBeLessThanOrEqual(24);
      if (column === 24) column = 0;
    }
    expect(column).toBe(0);
  });

  it('has the rows that docs/operate.md explains, in that order', () => {
    const rows = widgets.flatMap(({ properties }) => /^## ([\w ]+)/.exec(properties.markdown ?? '')?.[1] ?? []);
    const table = operating.slice(operating.indexOf('## The dashboard'), operating.indexOf('## The alarms'));
    const explained = [...table.matchAll(/^\| ([A-Z][\w ]+) \|/gm)].map(([, row]) => row);
    expect(explained).toEqual(['Alarms', ...rows]);
  });

  it('shows metrics that there are, in expressions over what their widget names', () => {
    for (const widget of widgets) {
      const { metrics, expressions, ids } = metricsOf(widget);
      for (const metric of metrics) expectKnown(metric);
      for (const expression of expressions) {
        const used = expression.startsWith('SEARCH') ? [] : (expression.match(/\b[a-z]\w*/g) ?? []);
        expect(ids, widget.properties.title).toEqual(expect.arrayContaining(used));
        const searched = /MetricName="(\w+)"/.exec(expression)?.[1];
        if (searched) expect(metricUnits.map(([name]) => name)).toContain(searched);
      }
    }
  });

  it('shows every metric of Kadam’s, and every alarm that there always is', () => {
    const shown = new Set(widgets.flatMap((widget) => metricsOf(widget).metrics.map(({ name }) => name)));
    for (const [name] of metricUnits.filter(([metric]) => metric !== 'HandedOver')) expect(shown).toContain(name);
    expect(widgets.flatMap((widget) => metricsOf(widget).expressions).join()).toContain('MetricName="HandedOver"');
    const always = alarms().filter(([, { Condition }]) => Condition === undefined);
    const names = widgets.flatMap(({ properties }) => properties.alarms ?? []).map((arn) => arn.split(':alarm:').at(1));
    expect(names.sort()).toEqual(always.map(([, { Properties }]) => Properties.AlarmName).sort());
  });
});

describe('the saved queries', () => {
  it('use the parameters that they ask for, and no others', () => {
    const asked = z.array(z.object({ Name: z.string() })).default([]);
    for (const [id, { Properties }] of ofType('AWS::Logs::QueryDefinition')) {
      const used = [...String(Properties.QueryString).matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name);
      expect(used, id).toEqual(asked.parse(Properties.Parameters).map(({ Name }) => Name));
      expect(String(Properties.Name), id).toMatch(/^kadam-dev\/[^/]+$/);
    }
  });

  it('are all named in docs/operate.md', () => {
    const text = operating.replace(/\s+/g, ' ');
    for (const [, { Properties }] of ofType('AWS::Logs::QueryDefinition'))
      expect(text).toContain(`\`${String(Properties.Name).replace('kadam-dev/', '')}\``);
  });
});

it('has no broken link within docs/operate.md', () => {
  const titles = [...operating.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
  for (const [, anchor = ''] of operating.matchAll(/\]\(#([\w-]+)\)/g)) expect(titles).toContain(anchor);
});
