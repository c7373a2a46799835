import * as z from 'zod';
import { ConfigurationError } from '../core/errors.ts';
import { parseJson } from '../core/parse-json.ts';
import { filterContainer, type RoutingLimits } from '../core/route/limits.ts';

const text = (what: string) => z.string({ error: `expected ${what}` });
const number = (what: string) =>
  z
    .string({ error: `expected ${what}` })
    .regex(/^\d+(\.\d+)?$/, `expected ${what}`)
    .transform(Number);
const json = <Value>(what: string, schema: z.ZodType<Value>) =>
  z.string({ error: `expected ${what}` }).transform((received, context) => {
    const parsed = schema.safeParse(parseJson(received));
    if (parsed.success) return parsed.data;
    context.addIssue({ code: 'custom', message: `expected ${what}` });
    return z.NEVER;
  });

const positive = z.number().positive();
const workerLimits = z.strictObject({
  timeoutSeconds: positive,
  memoryMiB: positive,
  diskMiB: positive,
  vcpus: positive,
});
const byContainer = <Value>(value: z.ZodType<Value>) =>
  z.record(z.string(), value).refine((containers) => Object.hasOwn(containers, filterContainer));

/** Every environment variable that Kadam reads, with what it has to hold. */
const variables = {
  KADAM_INPUT_BUCKET: text("the input bucket's name"),
  KADAM_UPLOADS_QUEUE_URL: text("the uploads queue's URL"),
  KADAM_OUTPUT_BUCKET: text("the output bucket's name"),
  KADAM_JOBS_TABLE: text("the jobs table's name"),
  KADAM_WORK_QUEUE_URL: text("the work queue's URL"),
  KADAM_STATE_MACHINE_ARN: text('the ARN of the state machine filter-image'),
  KADAM_EVENT_BUS: text("an event bus's name"),
  KADAM_RECIPES: text('the folder of the recipes'),
  KADAM_CONTAINER_FILTERS: text('the folder that holds containers/, whose filter.yml files name steps of recipes'),
  POWERTOOLS_SERVICE_NAME: text("the deployment's name in logs and metrics, such as kadam-dev"),
  KADAM_LEASE_SECONDS: number('seconds until the claim of a worker that died is free'),
  KADAM_LAMBDA_TIMEOUT_SECONDS: number("the processing function's time-out in seconds"),
  KADAM_LAMBDA_MEMORY_MIB: number("the processing function's memory in MiB"),
  KADAM_LAMBDA_DISK_MIB: number("the processing function's /tmp in MiB"),
  KADAM_CONTAINERS: json(
    'what each container may use on Batch as JSON, such as ' +
      '{"filter":{"timeoutSeconds":86400,"memoryMiB":61440,"diskMiB":204800,"vcpus":8}}',
    byContainer(workerLimits),
  ),
  KADAM_JOB_DEFINITIONS: json(
    `each container's job definition as JSON, such as {"filter":"arn:aws:batch:...:job-definition/kadam-dev-filter:3"}`,
    byContainer(z.string().min(1)),
  ),
  AWS_BATCH_JOB_ID: text("the Batch job's id, which Batch sets"),
  AWS_BATCH_JOB_ATTEMPT: number("the attempt's number, which Batch sets"),
  AWS_BATCH_JQ_NAME: text("the job queue's name, which Batch sets"),
  KADAM_MARGIN: number('the share of every limit that routing leaves unused, such as 0.1'),
} as const;

export type SettingName = keyof typeof variables;
/** The values of the named variables. */
export type Settings<Name extends SettingName> = { [Key in Name]: z.output<(typeof variables)[Key]> };

/**
 * Reads the named environment variables. An empty one counts as unset. Throws a ConfigurationError that lists every
 * fault at once: the variable, what was expected and what came.
 */
export const readSettings = <Name extends SettingName>(
  environment: Record<string, string | undefined>,
  names: readonly Name[],
): Settings<Name> => {
  const faults: string[] = [];
  const entries = names.map((name) => {
    const received = environment[name] === '' ? undefined : environment[name];
    const parsed = variables[name].safeParse(received);
    if (!parsed.success)
      faults.push(`${name}: ${parsed.error.issues[0]?.message} but received ${received ?? 'nothing'}`);
    return [name, parsed.data];
  });
  if (faults.length > 0) {
    throw new ConfigurationError(`Expected a complete environment. Set these variables:\n  ${faults.join('\n  ')}`, {
      code: 'InvalidEnvironment',
    });
  }
  return Object.fromEntries(entries) as Settings<Name>;
};

/** The variables that routing rests on. */
export const limitNames = [
  'KADAM_LAMBDA_TIMEOUT_SECONDS',
  'KADAM_LAMBDA_MEMORY_MIB',
  'KADAM_LAMBDA_DISK_MIB',
  'KADAM_CONTAINERS',
  'KADAM_MARGIN',
] as const satisfies readonly SettingName[];

/** Lambda gives one vCPU for every 1,769 MB (AWS Lambda Developer Guide, 'Configuring function memory'). */
export const mibPerVcpu = 1769;

/** The limits that routing decides by. */
export const routingLimits = (settings: Settings<(typeof limitNames)[number]>): RoutingLimits => ({
  lambda: {
    timeoutSeconds: settings.KADAM_LAMBDA_TIMEOUT_SECONDS,
    memoryMiB: settings.KADAM_LAMBDA_MEMORY_MIB,
    diskMiB: settings.KADAM_LAMBDA_DISK_MIB,
    vcpus: settings.KADAM_LAMBDA_MEMORY_MIB / mibPerVcpu,
  },
  containers: settings.KADAM_CONTAINERS,
  margin: settings.KADAM_MARGIN,
});
