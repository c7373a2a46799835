import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { repository } from '../aws/job-file.ts';
import { InternalError } from '../core/errors.ts';
import { readContainerFilters } from '../core/filters/read-container-filters.ts';
import type { Rates, StartSeconds } from '../core/money/job-bill.ts';
import { systemDiskGiB } from '../core/money/job-dollars.ts';
import { monthlyDollars } from '../core/money/monthly-dollars.ts';
import { listedPrices, type Prices, parsePrices } from '../core/money/prices.ts';
import { readCatalogue } from '../core/recipe/read-catalogue.ts';
import type { RoutingLimits } from '../core/route/limits.ts';
import { deployedLimits } from '../local/limits.ts';
import { casesOf } from './plan-cases.ts';
import { designsOf, type PlannedRow } from './plan-designs.ts';
import { planReport } from './plan-report.ts';
import { planRow } from './plan-row.ts';
import { readStack, type Stack } from './plan-stack.ts';
import { planText } from './plan-text.ts';
import { parseWorkload } from './plan-workload.ts';
import { type CommandDeps, onlyArgument, positiveNumber, readableFile, UsageError } from './run-command.ts';

export const planUsage = `Usage: npm run plan -- WORKLOAD.csv [--json] [--prices FILE] [--stage NAME] [--param NAME=VALUE]...

Says what a workload takes in time and money on each target, before a single picture is uploaded. docs/costs.md
explains the file's columns.

  --json                     the same as one JSON document (npm run --silent plan -- ...)
  --prices FILE              your own prices (YAML) before the list prices of us-east-1
  --stage NAME               the stage whose params of serverless.yml are used (dev)
  --param NAME=VALUE         one param of serverless.yml, as for sls deploy: --param maxvCpus=256
  --machine-start-seconds N  of a machine that are paid for before its first job (120)
  --job-start-seconds N      of a running machine that are paid for before each of its jobs (10)`;

/**
 * The longer of the 60 to 120 seconds that a machine takes from its start to its first job; and what Batch and the ECS
 * agent take between two jobs, which is assumed.
 */
const usualStarts: StartSeconds = { machine: 120, job: 10 };

const readPrices = async (name: string | undefined): Promise<Prices> =>
  name === undefined ? listedPrices : parsePrices(await readFile(await readableFile(name), 'utf8'), name);

const ratesOf = (
  { params, leaseSeconds, dispatchMiB, settleMiB }: Stack,
  { lambda }: RoutingLimits,
  starts: StartSeconds,
  prices: Prices,
): Rates => ({
  functions: { processMiB: lambda.memoryMiB, processDiskMiB: lambda.diskMiB, dispatchMiB, settleMiB },
  fleet: {
    architecture: params.architecture,
    instanceTypes: params.instanceTypes,
    diskGiB: params.scratchGiB + systemDiskGiB,
    hasPublicAddress: params.network === 'public',
  },
  starts,
  leaseSeconds,
  prices,
});

/**
 * Prints what a workload takes, in tables for a terminal of `width` characters; answers the exit code. Throws UsageError,
 * and ConfigurationError for a workload, prices or params that are wrong.
 */
export const planCommand = async (deps: CommandDeps, width?: number): Promise<number> => {
  const { values, positionals } = parseArgs({
    args: deps.arguments,
    allowPositionals: true,
    options: {
      json: { type: 'boolean' },
      prices: { type: 'string' },
      stage: { type: 'string', default: 'dev' },
      param: { type: 'string', multiple: true, default: [] },
      'machine-start-seconds': { type: 'string' },
      'job-start-seconds': { type: 'string' },
    },
  });
  const name = onlyArgument('workload', positionals);
  const wrong = values.param.find((option) => !/^[A-Za-z]+=/.test(option));
  if (wrong !== undefined) throw new UsageError(`Expected NAME=VALUE for --param but received '${wrong}'.`);
  const starts: StartSeconds = {
    machine: positiveNumber('machine-start-seconds', values['machine-start-seconds']) ?? usualStarts.machine,
    job: positiveNumber('job-start-seconds', values['job-start-seconds']) ?? usualStarts.job,
  };

  const file = await readableFile(name);
  const prices = await readPrices(values.prices);
  const { recipes, containerFilters } = await readCatalogue(
    fileURLToPath(new URL('recipes', repository)),
    await readContainerFilters(fileURLToPath(repository)),
  );
  const workload = parseWorkload(await readFile(file, 'utf8'), name, [...recipes.keys()]);
  const stack = await readStack(values.stage, values.param);
  const limits = await deployedLimits();
  const { maxvCpus, processConcurrency } = stack.params;
  const rates = ratesOf(stack, limits, starts, prices);
  const settings = { limits, containerFilters, rates, maxvCpus };
  const rows: PlannedRow[] = [];
  for (const row of workload) {
    const recipe = recipes.get(row.recipe)?.recipe;
    if (recipe === undefined)
      throw new InternalError(`Expected recipe ${row.recipe} to be known.`, { code: 'NoRecipe' });
    rows.push({ row, cases: planRow(row, await casesOf(row, dirname(file)), recipe, settings) });
  }
  const designs = designsOf(rows, { processConcurrency, maxvCpus, starts });
  const report = planReport(name, rows, designs, monthlyDollars(stack.standing, prices), { stack, rates });
  deps.out(values.json ? `${JSON.stringify(report, null, 2)}\n` : planText(report, width));
  return 0;
};
