import * as z from 'zod';
import { prefixOf } from '../aws/prefix-of.ts';
import { ConfigurationError } from '../core/errors.ts';
import { describeIssue, showPath } from '../core/recipe/describe-issue.ts';

/** Numbers come from YAML as numbers, and from `--param` as text. */
const whole = (least: number, most: number) =>
  z.preprocess(
    (value) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value),
    z.int().min(least).max(most),
  );

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== ''),
);

const listOf = (what: string, entry: RegExp) =>
  list.refine((entries) => entries.every((name) => entry.test(name)), { error: `Expected ${what}` });

const orEmpty = (what: string, shape: RegExp) =>
  z.string().refine((text) => text === '' || shape.test(text), { error: `Expected ${what}, or nothing` });

/** What CloudWatch Logs allows (API_PutRetentionPolicy of its reference). */
const retentions = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/**
 * Bucket names have at most 63 characters: `kadam-`, this, `-output-`, twelve digits of the account, a hyphen and a region
 * of at most 14 (`ap-southeast-1`).
 */
const longestStage = 22;

const paramsSchema = z.strictObject({
  architecture: z.enum(['arm64', 'x86_64']),
  input: z.enum(['new', 'existing']),
  inputBucket: orEmpty('a bucket name', /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
  inputPrefix: z.string(),
  // Batch's own bound is far above; nobody means to pay for more.
  maxvCpus: whole(1, 100_000),
  instanceTypes: listOf(
    'instance types or families separated by commas, such as c7g.2xlarge,m7g',
    /^[a-z][a-z0-9-]*(\.[a-z0-9-]+)?$/,
  ).refine((types) => types.length > 0, { error: 'Expected at least one instance type' }),
  scratchGiB: whole(30, 16_384),
  efsFileSystemId: orEmpty('a file system such as fs-0123456789abcdef0', /^fs-[0-9a-f]{8,40}$/),
  network: z.enum(['public', 'private', 'existing']),
  vpcId: orEmpty('a VPC such as vpc-0123456789abcdef0', /^vpc-[0-9a-f]{8,17}$/),
  subnetIds: listOf('subnets separated by commas, such as subnet-0123456789abcdef0', /^subnet-[0-9a-f]{8,17}$/),
  encryption: z.enum(['managed', 'kms']),
  kmsKeyArn: orEmpty(
    'the ARN of a key (an alias is none)',
    /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/,
  ),
  logRetentionDays: whole(1, 3653).refine((days) => retentions.includes(days), {
    error: `Expected one of the days that CloudWatch Logs knows (${retentions.join(', ')})`,
  }),
  versionRetentionDays: whole(1, 36_500),
  alarmEmail: orEmpty('an e-mail address', /^[^\s@]+@[^\s@]+$/),
  dailyDollars: z.preprocess(
    (value) => (typeof value === 'number' ? String(value) : value),
    orEmpty('dollars above 0 such as 12.50', /^(?!0*(\.0*)?$)\d+(\.\d+)?$/),
  ),
  // The least and the most that Lambda takes for one queue (API_ScalingConfig of its reference).
  processConcurrency: whole(2, 1000),
  dispatchConcurrency: whole(2, 1000),
});

const stageSchema = z
  .string()
  .max(longestStage)
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'Expected lower-case letters, digits and hyphens');

/**
 * The params of serverless.yml, checked. `maxvCpus` in vCPUs, `scratchGiB` in GiB, retentions in days. `prefix` stands in
 * front of every name.
 */
export type Params = z.output<typeof paramsSchema> & { prefix: string };

/** What params exist: the keys of `params.default` in serverless.yml. */
export const paramNames: readonly string[] = Object.keys(paramsSchema.shape);

/** What one param asks of another. */
const pairs = (params: Params): string[] => {
  const faults: string[] = [];
  const fault = (wrong: boolean, text: string) => wrong && faults.push(text);
  fault(
    params.input === 'existing' && params.inputBucket === '',
    "inputBucket: expected a bucket's name with input=existing, got nothing",
  );
  fault(
    params.input === 'new' && params.inputBucket !== '',
    `inputBucket: expected nothing with input=new, got '${params.inputBucket}' (did you mean input=existing?)`,
  );
  fault(
    params.network === 'existing' && params.vpcId === '',
    'vpcId: expected a VPC with network=existing, got nothing',
  );
  fault(
    params.network === 'existing' && params.subnetIds.length === 0,
    'subnetIds: expected subnets with network=existing, got nothing',
  );
  fault(
    params.network !== 'existing' && (params.vpcId !== '' || params.subnetIds.length > 0),
    `network: expected 'existing' where vpcId or subnetIds are given, got '${params.network}'`,
  );
  fault(
    params.encryption === 'kms' && params.kmsKeyArn === '',
    "kmsKeyArn: expected a key's ARN with encryption=kms, got nothing",
  );
  fault(
    params.encryption === 'managed' && params.kmsKeyArn !== '',
    "encryption: expected 'kms' where kmsKeyArn is given, got 'managed'",
  );
  return faults;
};

/** Checks params and the stage's name. Throws ConfigurationError `InvalidParams` with every fault at once. */
export const parseParams = (values: Readonly<Record<string, unknown>>, stage: string): Params => {
  const prefix = prefixOf(stage);
  const parsed = paramsSchema.safeParse(values, { reportInput: true });
  const named = stageSchema.safeParse(stage, { reportInput: true });
  const stageFaults = named.success
    ? []
    : named.error.issues.flatMap((issue) =>
        describeIssue(issue, stageSchema).map(({ text }) => `the stage's name: ${text}`),
      );
  const paramFaults = parsed.success
    ? pairs({ ...parsed.data, prefix })
    : parsed.error.issues.flatMap((issue) =>
        describeIssue(issue, paramsSchema).map(({ path, text }) =>
          path.length === 0 ? text : `${showPath(path)}: ${text}`,
        ),
      );
  const faults = [...stageFaults, ...paramFaults];
  if (parsed.success && faults.length === 0) return { ...parsed.data, prefix };
  throw new ConfigurationError(
    `Expected valid params but received:\n${faults.map((fault) => `  ${fault}`).join('\n')}\n` +
      'Change them in serverless.yml, or for this command with --param="NAME=VALUE".',
    { code: 'InvalidParams' },
  );
};

const configured = z.record(z.string(), z.record(z.string(), z.unknown()).optional()).optional();

/**
 * The params of a stage as osls resolves them: of the command line, else of the stage, else the default. `options` are
 * the command line's `name=value`. Throws what `parseParams` throws.
 */
export const readParams = (stage: string, params: unknown, options: readonly string[] = []): Params => {
  const groups = configured.parse(params) ?? {};
  const given = options.map((option): [string, string] => {
    const at = option.indexOf('=');
    return [option.slice(0, at), option.slice(at + 1).trimEnd()];
  });
  return parseParams({ ...groups.default, ...groups[stage], ...Object.fromEntries(given) }, stage);
};
