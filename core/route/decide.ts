import type { Traits } from '../image/traits.ts';
import { estimatePlan } from '../predict/estimate-plan.ts';
import type { Plan } from '../predict/plan.ts';
import { chooseTarget } from './choose-target.ts';
import type { Decision, PinnedTarget } from './decision.ts';
import type { RoutingLimits } from './limits.ts';

/** The code of a rejection by the estimate. */
export const refusalCode = (runOn: PinnedTarget | undefined): string => (runOn ? 'PinnedTooSmall' : 'TooLarge');

/**
 * Where a plan runs. The plan is the same on both targets, the time that it takes is not: it is estimated once for the
 * vCPUs of each.
 */
export const decide = (plan: Plan, traits: Traits, limits: RoutingLimits, runOn?: PinnedTarget): Decision =>
  chooseTarget(
    { lambda: estimatePlan(plan, traits, limits.lambda), batch: estimatePlan(plan, traits, limits.batch) },
    limits,
    runOn,
  );
