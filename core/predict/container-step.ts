import type { ContainerFilter } from '../filters/container-filter.ts';
import type { Step } from '../recipe/recipe.ts';
import type { KnownStep, Plan, PlannedStep } from './plan.ts';

/** A step that a container's program takes. */
export type ContainerStep = PlannedStep & { containerFilter: ContainerFilter };

const isContainerStep = (step: PlannedStep): step is ContainerStep => step.containerFilter !== undefined;

/** The one step of a stage or a pipeline that a program takes; undefined where sharp renders it. */
export const programStep = (steps: readonly PlannedStep[]): ContainerStep | undefined => steps.find(isContainerStep);

/** The first step of a plan that a container brings along: all such steps are of one container. */
export const containerStep = ({ stages }: Plan): ContainerStep | undefined =>
  programStep(stages.flatMap(({ steps }) => steps));

/** Steps with the containers' filters that they name. */
export const knownSteps = (steps: readonly Step[], containerFilters: readonly ContainerFilter[]): KnownStep[] =>
  steps.map((step) => {
    const containerFilter = containerFilters.find(({ name }) => name === step.filter);
    return containerFilter ? { ...step, containerFilter } : step;
  });
