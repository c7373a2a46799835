import { InvalidInputError } from '../core/errors.ts';
import type { ContainerFilter } from '../core/filters/container-filter.ts';
import type { Traits } from '../core/image/traits.ts';
import { type Bill, jobBill, type Rates } from '../core/money/job-bill.ts';
import type { JobSize } from '../core/money/job-dollars.ts';
import type { Market } from '../core/money/machine-prices.ts';
import { startsPerJob } from '../core/money/machine-starts.ts';
import { buildPlan } from '../core/predict/build-plan.ts';
import type { Bounded } from '../core/predict/estimate.ts';
import { outputBytes } from '../core/predict/estimate-space.ts';
import type { Plan } from '../core/predict/plan.ts';
import type { Recipe } from '../core/recipe/recipe.ts';
import { batchMemory } from '../core/route/batch-memory.ts';
import { decide } from '../core/route/decide.ts';
import type { Decision, Target } from '../core/route/decision.ts';
import { containerLimits, filterContainer, type RoutingLimits } from '../core/route/limits.ts';
import { planThreads } from '../core/use-cases/decide-upload.ts';
import type { Case } from './plan-cases.ts';
import type { WorkloadRow } from './plan-workload.ts';

/** What all rows of a plan share. */
export type PlanSettings = {
  limits: RoutingLimits;
  containerFilters: readonly ContainerFilter[];
  rates: Rates;
  maxvCpus: number;
};

/** One job on one target: its seconds, its vCPUs, and its bill, as expected and with its seconds at their bound. */
export type Way = { seconds: Bounded; vcpus: number; bill: { median: Bill; upper: Bill } };

/** Every way that a deployment could take; absent where the job does not fit. */
export type Ways = { lambda?: Way; spot?: Way; onDemand?: Way };

/** A case of a row, decided: how many pictures it stands for, and what one of them takes. */
export type PlannedCase = {
  what: string;
  count: number;
  target: Target;
  reasons: string[];
  ways: Ways;
  /** What it costs to refuse one; absent where it is not refused. */
  refused?: Bill;
  outputBytes: number;
};

/** Bytes of a record beside its traits and its decision: upload, claim, keys and times. */
const recordRestBytes = 1000;

/** What refusing takes of the processing function: a manifest that says why. */
const refusalSeconds = 1;

const recordBytes = (traits: Traits | undefined, decision: Decision): number =>
  recordRestBytes + Buffer.byteLength(JSON.stringify({ traits, decision }));

const refused = (rates: Rates, decision: Decision, traits?: Traits): Bill =>
  jobBill({ target: 'reject', outputs: 0, recordBytes: recordBytes(traits, decision), seconds: refusalSeconds }, rates);

/** One picture's plan, and what else its ways need to know. */
type Planned = { traits: Traits; plan: Plan; recipe: Recipe; row: WorkloadRow; count: number };

const filesOf = ({ stages }: Plan): number => stages.filter(({ target }) => target.kind === 'output').length;

const lambdaWay = ({ traits, plan }: Planned, { limits, rates }: PlanSettings): Way | undefined => {
  const decision = decide(plan, traits, limits, 'lambda');
  if (decision.target !== 'lambda' || decision.estimate === undefined) return undefined;
  const { seconds } = decision.estimate;
  const shape = { target: 'lambda' as const, outputs: filesOf(plan), recordBytes: recordBytes(traits, decision) };
  const bill = (taken: number) => jobBill({ ...shape, seconds: taken }, rates);
  return { seconds, vcpus: 0, bill: { median: bill(seconds.median), upper: bill(seconds.upper) } };
};

const batchWay = (planned: Planned, market: Market, { limits, rates, maxvCpus }: PlanSettings): Way | undefined => {
  const { traits, plan, row, count } = planned;
  const decision = decide(plan, traits, limits, 'batch');
  if (decision.target !== 'batch' || decision.estimate === undefined) return undefined;
  const { estimate } = decision;
  const { seconds } = estimate;
  const container = containerLimits(limits, decision.container ?? filterContainer);
  const { vcpus } = container;
  const size: JobSize = { vcpus, memoryMiB: batchMemory({ estimate, traits }, container).memoryMiB };
  const share = count / row.count;
  const arrival = row.perSecond === undefined ? 'at once' : { secondsApart: 1 / (row.perSecond * share) };
  const shape = { target: 'batch' as const, outputs: filesOf(plan), recordBytes: recordBytes(traits, decision) };
  const bill = (taken: number) => {
    const mostAtOnce = Math.max(1, Math.floor(maxvCpus / vcpus));
    const starts = startsPerJob({ count, seconds: rates.starts.job + taken, arrival }, mostAtOnce);
    return jobBill({ ...shape, seconds: taken, batch: { size, market, starts } }, rates);
  };
  return { seconds, vcpus, bill: { median: bill(seconds.median), upper: bill(seconds.upper) } };
};

const waysOf = (planned: Planned, settings: PlanSettings): Ways => {
  const lambda = lambdaWay(planned, settings);
  const spot = batchWay(planned, 'spot', settings);
  const onDemand = batchWay(planned, 'onDemand', settings);
  return { ...(lambda && { lambda }), ...(spot && { spot }), ...(onDemand && { onDemand }) };
};

const planTraits = (
  traits: Traits,
  recipe: Recipe,
  row: WorkloadRow,
  count: number,
  settings: PlanSettings,
): Omit<PlannedCase, 'what' | 'count'> => {
  const { limits, containerFilters, rates } = settings;
  try {
    const plan = buildPlan(recipe, traits, { threads: planThreads(limits), containerFilters });
    const decision = decide(plan, traits, limits, recipe.runOn);
    const { target, reasons } = decision;
    return {
      target,
      reasons,
      ways: waysOf({ traits, plan, recipe, row, count }, settings),
      ...(target === 'reject' ? { refused: refused(rates, decision, traits) } : {}),
      outputBytes: target === 'reject' ? 0 : outputBytes(plan).median,
    };
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    const decision: Decision = { target: 'reject', reasons: [error.message] };
    return { ...decision, ways: {}, refused: refused(rates, decision, traits), outputBytes: 0 };
  }
};

/** Decides each case of a row by the very rule that the dispatcher uses, and asks what every target would cost. */
export const planRow = (
  row: WorkloadRow,
  cases: readonly Case[],
  recipe: Recipe,
  settings: PlanSettings,
): PlannedCase[] => {
  const count = row.count / cases.length;
  return cases.map((each) => {
    if ('traits' in each) return { what: each.what, count, ...planTraits(each.traits, recipe, row, count, settings) };
    const decision: Decision = { target: 'reject', reasons: [each.refusal] };
    return {
      what: each.what,
      count,
      ...decision,
      ways: {},
      refused: refused(settings.rates, decision),
      outputBytes: 0,
    };
  });
};
