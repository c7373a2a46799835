import type { Traits } from '../image/traits.ts';
import { containerStep } from '../predict/container-step.ts';
import { estimatePlan } from '../predict/estimate-plan.ts';
import type { Plan } from '../predict/plan.ts';
import { chooseTarget, type Pin } from './choose-target.ts';
import type { Decision, PinnedTarget } from './decision.ts';
import { containerLimits, filterContainer, type RoutingLimits } from './limits.ts';

/** The code of a rejection by the estimate. */
export const refusalCode = (runOn: PinnedTarget | undefined): string => (runOn ? 'PinnedTooSmall' : 'TooLarge');

/** What leaves a plan one target: a step that a container brings along, or the recipe's `runOn`. */
const pinOf = (plan: Plan, runOn: PinnedTarget | undefined): Pin | undefined => {
  const step = containerStep(plan);
  if (step !== undefined) {
    const { name, container } = step.containerFilter;
    return {
      target: 'batch',
      because: `step ${name} runs in the container ${container}, on Batch only`,
      wayOut: `Upload a smaller picture, ask for a recipe with less work, or give the container ${container} more.`,
    };
  }
  return (
    runOn && {
      target: runOn,
      because: `the recipe pins its jobs to ${runOn === 'batch' ? 'Batch' : 'Lambda'} (runOn: ${runOn})`,
      wayOut: 'Upload a smaller picture, ask for a recipe with less work, or for one without runOn.',
    }
  );
};

/**
 * Where a plan runs, and on Batch in which container. The plan is the same on both targets, the time that it takes is
 * not: it is estimated once for the vCPUs of each.
 * Throws ConfigurationError `NoSuchContainer` where the container that it needs is not deployed.
 */
export const decide = (plan: Plan, traits: Traits, limits: RoutingLimits, runOn?: PinnedTarget): Decision => {
  const container = containerStep(plan)?.containerFilter.container ?? filterContainer;
  const { lambda, margin } = limits;
  const batch = containerLimits(limits, container);
  const estimates = { lambda: estimatePlan(plan, traits, lambda), batch: estimatePlan(plan, traits, batch) };
  const decision = chooseTarget(estimates, { lambda, batch, margin }, pinOf(plan, runOn));
  return decision.target === 'batch' ? { ...decision, container } : decision;
};
