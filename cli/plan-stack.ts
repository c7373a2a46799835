import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import * as z from 'zod';
import { repository } from '../aws/job-file.ts';
import { ConfigurationError } from '../core/errors.ts';
import type { StandingParts } from '../core/money/monthly-dollars.ts';
import { type Params, readParams } from '../deploy/params.ts';

/** What a plan needs to know of a deployment: its params, a lease's seconds, and what of it stands by the month. */
export type Stack = {
  params: Params;
  leaseSeconds: number;
  /** MiB of the two small functions. */
  dispatchMiB: number;
  settleMiB: number;
  standing: StandingParts;
};

const values = z.record(z.string(), z.unknown());

const events = z.array(values);

/** The short forms of CloudFormation's functions (!Sub) are tags that YAML does not know; nothing here reads them. */
const parseTemplate = (text: string): unknown => parse(text, { logLevel: 'silent' });

const serverlessSchema = z.looseObject({
  params: z.record(z.string(), values.nullish()),
  custom: z.looseObject({ leaseSeconds: z.number() }),
  functions: z.looseObject({
    dispatch: z.looseObject({ memorySize: z.number(), events }),
    process: z.looseObject({ events }),
    settle: z.looseObject({ memorySize: z.number() }),
  }),
  resources: z.array(z.unknown()),
});

/** A variable of serverless.yml without another one in it, and the text that stands in where it has no value. */
const innermost = /\$\{(sls:stage|param:[A-Za-z]+|self:custom\.[A-Za-z0-9_.]+)(?:, *'([^']*)')?\}/;

/** The value at `a.b.c` of a document. */
const at = (document: unknown, path: string): unknown =>
  path.split('.').reduce((value: unknown, key) => {
    const parsed = values.safeParse(value);
    return parsed.success ? parsed.data[key] : undefined;
  }, document);

/** A text with those of its variables put in that serverless.yml itself answers. */
const resolved = (
  text: string,
  stage: string,
  params: Readonly<Record<string, unknown>>,
  document: unknown,
): string => {
  const [variable, name, standIn = ''] = innermost.exec(text) ?? [];
  if (variable === undefined || name === undefined) return text;
  const value =
    name === 'sls:stage'
      ? stage
      : name.startsWith('param:')
        ? params[name.slice('param:'.length)]
        : at(document, name.slice('self:'.length));
  return resolved(
    text.replace(variable, () => String(value ?? standIn)),
    stage,
    params,
    document,
  );
};

const resourcesSchema = z.looseObject({
  Resources: z.record(z.string(), z.looseObject({ Type: z.string(), Properties: values.default({}) })).default({}),
});

type Resource = { Type: string; Properties: Record<string, unknown> };

const readResources = async (path: string): Promise<Resource[]> => {
  const text = await readFile(new URL(path, repository), 'utf8');
  return Object.values(resourcesSchema.parse(parseTemplate(text)).Resources);
};

/** The file that `${file(a.yml)}` takes in; of `${file(a.yml), file(b.yml)}` the first: params that are read name one. */
const resourceFile = (entry: string): string => {
  const [, path] = /^\$\{file\(([^:)]+)\)(?:, *file\([^:)]+\))?\}$/.exec(entry) ?? [];
  if (path !== undefined) return path;
  throw new ConfigurationError(
    `Expected \${file(...)} for an entry of resources in serverless.yml but received '${entry}'. Write it that way.`,
    { code: 'UnknownResource' },
  );
};

const listLength = (value: unknown): number => (Array.isArray(value) ? value.length : 0);

/** An alarm on a sum of metrics is paid for by the metric. */
const metricsOf = ({ Properties }: Resource): number => Math.max(1, listLength(Properties.Metrics) - 1);

const standingParts = (resources: readonly Resource[], polledQueues: number, params: Params): StandingParts => {
  const ofType = (type: string) => resources.filter(({ Type }) => Type === type);
  const interfaces = ofType('AWS::EC2::VPCEndpoint').filter(
    ({ Properties }) => Properties.VpcEndpointType === 'Interface',
  );
  return {
    polledQueues,
    endpointZones: interfaces.reduce((sum, { Properties }) => sum + listLength(Properties.SubnetIds), 0),
    alarms: ofType('AWS::CloudWatch::Alarm').reduce((sum, alarm) => sum + metricsOf(alarm), 0),
    dashboards: ofType('AWS::CloudWatch::Dashboard').length,
    kmsKeys: params.encryption === 'kms' ? 1 : 0,
  };
};

/**
 * Reads what would be deployed: serverless.yml with the params of a stage, those of `options` (`name=value`) before
 * them, and the resources that it takes in. Throws ConfigurationError `InvalidParams`, or `UnknownResource` where
 * resources are taken in by other words than those.
 */
export const readStack = async (stage: string, options: readonly string[]): Promise<Stack> => {
  const document = serverlessSchema.parse(parseTemplate(await readFile(new URL('serverless.yml', repository), 'utf8')));
  const given = options.map((option) => [option.split('=')[0] ?? '', option.slice(option.indexOf('=') + 1)]);
  const raw = { ...document.params.default, ...document.params[stage], ...Object.fromEntries(given) };
  const texts = Object.fromEntries(
    Object.entries(raw).map(([name, value]) => [
      name,
      typeof value === 'string' ? resolved(value, stage, raw, document) : value,
    ]),
  );
  const params = readParams(stage, { default: texts });
  const files = document.resources.filter((entry) => typeof entry === 'string');
  const paths = files.map((entry) => resourceFile(resolved(entry, stage, texts, document)));
  const resources = (await Promise.all(paths.map(readResources))).flat();
  const { dispatch, process, settle } = document.functions;
  const polledQueues = [...dispatch.events, ...process.events].filter((event) => 'sqs' in event).length;
  return {
    params,
    leaseSeconds: document.custom.leaseSeconds,
    dispatchMiB: dispatch.memorySize,
    settleMiB: settle.memorySize,
    standing: standingParts(resources, polledQueues, params),
  };
};
