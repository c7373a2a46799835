import { beforeAll, describe, expect, it } from 'vitest';
import { readContainerFilters } from '../../../core/filters/read-container-filters.ts';
import { type InputFormat, inputFormats, type Traits } from '../../../core/image/traits.ts';
import { buildPlan } from '../../../core/predict/build-plan.ts';
import { estimatePlan } from '../../../core/predict/estimate-plan.ts';
import { parseRecipe } from '../../../core/recipe/parse-recipe.ts';
import { readCatalogue } from '../../../core/recipe/read-catalogue.ts';
import type { Recipe } from '../../../core/recipe/recipe.ts';
import { chooseTarget } from '../../../core/route/choose-target.ts';
import { decide } from '../../../core/route/decide.ts';
import type { RoutingLimits, WorkerLimits } from '../../../core/route/limits.ts';
import { stampFilter } from '../../support/stamp-container.ts';
import { photograph, recipeOf } from '../predict/samples.ts';

const filterLimits: WorkerLimits = { timeoutSeconds: 12 * 3600, memoryMiB: 30_720, diskMiB: 102_400, vcpus: 8 };

/** The largest function that Lambda offers, and a Batch job of eight vCPUs. */
const limits: RoutingLimits = {
  lambda: { timeoutSeconds: 900, memoryMiB: 10_240, diskMiB: 10_240, vcpus: 6 },
  containers: { filter: filterLimits },
  margin: 0.1,
};
const threads = 6;

/** Megapixels of uploads, from an icon to a stitched panorama. */
const sizes = [0.1, 0.5, 2, 5, 8, 12, 24, 48, 75, 120];

const variants = [
  'outputs: [{ name: whole, steps: [autoOrient], formats: [avif] }]',
  'outputs: [{ name: whole, steps: [autoOrient], formats: [avif: { effort: 6 }] }]',
  'outputs: [{ name: whole, formats: [avif: { effort: 9, quality: 90 }] }, { name: small, steps: [resize: { width: 800 }], formats: [webp] }]',
  'outputs: [{ name: large, steps: [autoOrient, resize: { width: 3840, withoutEnlargement: true }], formats: [avif: { effort: 6 }, webp: { effort: 6 }, jpeg: { mozjpeg: true }] }]',
  'outputs: [{ name: archive, formats: [webp: { lossless: true }, png: { compressionLevel: 9 }] }]',
  'outputs: [{ name: soft, steps: [autoOrient, blur: { sigma: 30 }], formats: [jpeg] }]',
  'outputs: [{ name: strong, steps: [median: { size: 25 }, sharpen], formats: [png: { palette: true }] }]',
];

const shapes = [
  [4, 3],
  [3, 2],
  [9, 16],
  [1, 1],
];

type Job = { recipe: Recipe; traits: Traits };
let jobs: Job[];

const traitsOf = (megapixels: number, format: InputFormat, index: number): Traits => {
  const [wide = 1, high = 1] = shapes[index % shapes.length] ?? [];
  const unit = Math.sqrt((megapixels * 1e6) / (wide * high));
  return photograph(Math.round(wide * unit), Math.round(high * unit), {
    format,
    orientation: format === 'jpeg' && index % 3 === 0 ? 6 : 1,
    isProgressive: format === 'jpeg' && index % 5 === 0,
    hasProfile: index % 2 === 0,
    hasAlpha: format === 'png' && index % 3 === 0,
    channels: format === 'png' && index % 3 === 0 ? 4 : 3,
  });
};

beforeAll(async () => {
  const { recipes } = await readCatalogue('recipes', await readContainerFilters('.'));
  // Those that are there from the first: a recipe that somebody adds changes nothing here.
  const presets = ['archive', 'denoise', 'print', 'thumbnail', 'web'].flatMap(
    (name) => recipes.get(name)?.recipe ?? [],
  );
  const all = [...presets, ...variants.map(recipeOf)];
  jobs = all.flatMap((recipe, row) =>
    sizes.map((size, column) => ({
      recipe,
      traits: traitsOf(size, inputFormats[(row + column) % inputFormats.length] ?? 'jpeg', row + 2 * column),
    })),
  );
});

/** What Lambda would do with a job if half the jobs took longer than expected: its bounds are the medians. */
const fitsAtTheMedian = ({ recipe, traits }: Job): boolean => {
  const estimate = estimatePlan(buildPlan(recipe, traits, { threads, containerFilters: [] }), traits, limits.lambda);
  const { lambda, margin } = limits;
  return (
    estimate.seconds.median <= lambda.timeoutSeconds * (1 - margin) &&
    estimate.memoryMiB.median <= lambda.memoryMiB * (1 - margin) &&
    estimate.diskMiB.median <= lambda.diskMiB * (1 - margin)
  );
};

/** The target of a job whose upper bound of the working time is `factor` times the median. */
const targetAt = ({ recipe, traits }: Job, factor: number): string => {
  const plan = buildPlan(recipe, traits, { threads, containerFilters: [] });
  const widened = (vcpus: number) => {
    const estimate = estimatePlan(plan, traits, { vcpus });
    const { seconds, fixedSeconds } = estimate;
    return {
      ...estimate,
      seconds: { ...seconds, upper: fixedSeconds.upper + factor * (seconds.median - fixedSeconds.median) },
    };
  };
  const { lambda, margin } = limits;
  const estimates = { lambda: widened(lambda.vcpus), batch: widened(filterLimits.vcpus) };
  return chooseTarget(estimates, { lambda, batch: filterLimits, margin }).target;
};

describe('decide, on 120 jobs and what the largest function has', () => {
  const targetOf = ({ recipe, traits }: Job): string =>
    decide(buildPlan(recipe, traits, { threads, containerFilters: [] }), traits, limits).target;

  it('is no dustbin: at most 5 % of the jobs that fit Lambda go to Batch', () => {
    expect(jobs).toHaveLength(120);
    const fitting = jobs.filter(fitsAtTheMedian);
    expect(fitting.length).toBeGreaterThan(80);
    expect(fitting.filter((job) => targetOf(job) !== 'lambda').length).toBeLessThanOrEqual(0.05 * fitting.length);
    // With a bound ten times as wide it would be one.
    expect(fitting.filter((job) => targetAt(job, 40) !== 'lambda').length).toBeGreaterThan(0.05 * fitting.length);
  });

  it('never hopes: what does not fit Lambda goes to Batch', () => {
    const unfitting = jobs.filter((job) => !fitsAtTheMedian(job));
    expect(unfitting.length).toBeGreaterThan(2);
    expect(unfitting.map(targetOf).filter((target) => target !== 'batch')).toEqual([]);
    expect(jobs.map(targetOf)).not.toContain('reject');
  });

  it('moves a job to Lambda when the function gets more, and pins none', () => {
    const moved = jobs.filter((job) => targetOf(job) === 'batch');
    expect(moved.length).toBeGreaterThan(0);
    const larger = { ...limits, lambda: { ...filterLimits, timeoutSeconds: 90_000 } };
    for (const { recipe, traits } of moved) {
      expect(decide(buildPlan(recipe, traits, { threads, containerFilters: [] }), traits, larger).target).toBe(
        'lambda',
      );
    }
    const tiny = { ...limits, lambda: { ...limits.lambda, timeoutSeconds: 1 } };
    for (const { recipe, traits } of jobs) {
      expect(decide(buildPlan(recipe, traits, { threads, containerFilters: [] }), traits, tiny).target).toBe('batch');
    }
  });

  it('estimates for the vCPUs of the target that it chose', () => {
    const [job] = jobs.filter((candidate) => targetOf(candidate) === 'batch');
    if (!job) throw new Error('Expected a job for Batch among the hundred.');
    const plan = buildPlan(job.recipe, job.traits, { threads, containerFilters: [] });
    const slow = { ...limits, containers: { filter: { ...filterLimits, vcpus: 1 } } };
    expect(decide(plan, job.traits, limits).estimate).toEqual(estimatePlan(plan, job.traits, { vcpus: 8 }));
    expect(decide(plan, job.traits, slow).estimate).toEqual(estimatePlan(plan, job.traits, { vcpus: 1 }));
  });
});

describe('decide, of one plan', () => {
  const containerFilters = [stampFilter()];
  const planOf = (text: string) =>
    buildPlan(parseRecipe(text, { file: 'a.yml', name: 'a', containerFilters }).recipe, photograph(800, 600), {
      threads,
      containerFilters,
    });
  const plain = planOf('outputs: [{ name: a, formats: [png] }]');
  const stamped = planOf('outputs: [{ name: a, steps: [stamp], formats: [png] }]');
  const traits = photograph(800, 600);
  const stampLimits: WorkerLimits = { timeoutSeconds: 600, memoryMiB: 2000, diskMiB: 1000, vcpus: 1 };
  const both = { ...limits, containers: { ...limits.containers, stamp: stampLimits } };

  it('names the container on Batch: filter, where no step needs another', () => {
    expect(decide(plain, traits, limits)).toMatchObject({ target: 'lambda' });
    expect(decide(plain, traits, limits)).not.toHaveProperty('container');
    expect(decide(plain, traits, limits, 'batch')).toMatchObject({
      target: 'batch',
      container: 'filter',
      reasons: [
        'the recipe pins its jobs to Batch (runOn: batch)',
        expect.stringMatching(/^fits Batch/),
        expect.anything(),
      ],
    });
  });

  it('runs a step of a container in that, on Batch, however small it is', () => {
    const decision = decide(stamped, traits, both);
    expect(decision).toMatchObject({ target: 'batch', container: 'stamp' });
    expect(decision.reasons[0]).toBe('step stamp runs in the container stamp, on Batch only');
    expect(decision.reasons[2]).toMatch(/^stamp of 0\.5 MP takes \d+ % of the CPU time$/);
    expect(decision.estimate).toEqual(estimatePlan(stamped, traits, { vcpus: 1 }));
    expect(decide(stamped, traits, both, 'batch').reasons).toEqual(decision.reasons);
  });

  it('rejects what does not fit the container that it needs, whatever another has', () => {
    const small = { ...both, containers: { ...both.containers, stamp: { ...stampLimits, memoryMiB: 100 } } };
    const { target, container, reasons } = decide(stamped, traits, small);
    expect([target, container]).toEqual(['reject', undefined]);
    expect(reasons.at(-1)).toBe(
      'Upload a smaller picture, ask for a recipe with less work, or give the container stamp more.',
    );
  });

  it('refuses to plan for a container that is not deployed', () => {
    expect(() => decide(stamped, traits, limits)).toThrow(
      "Expected one of the deployed containers filter but received a job for 'stamp'.",
    );
  });
});
