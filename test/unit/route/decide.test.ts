import { beforeAll, describe, expect, it } from 'vitest';
import { type InputFormat, inputFormats, type Traits } from '../../../core/image/traits.ts';
import { buildPlan } from '../../../core/predict/build-plan.ts';
import { estimatePlan } from '../../../core/predict/estimate-plan.ts';
import { readCatalogue } from '../../../core/recipe/read-catalogue.ts';
import type { Recipe } from '../../../core/recipe/recipe.ts';
import { chooseTarget } from '../../../core/route/choose-target.ts';
import { decide } from '../../../core/route/decide.ts';
import type { RoutingLimits } from '../../../core/route/limits.ts';
import { photograph, recipeOf } from '../predict/samples.ts';

/** The largest function that Lambda offers, and a Batch job of eight vCPUs. */
const limits: RoutingLimits = {
  lambda: { timeoutSeconds: 900, memoryMiB: 10_240, diskMiB: 10_240, vcpus: 6 },
  batch: { timeoutSeconds: 12 * 3600, memoryMiB: 30_720, diskMiB: 102_400, vcpus: 8 },
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
  const { recipes } = await readCatalogue('recipes');
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
  const estimate = estimatePlan(buildPlan(recipe, traits, { threads }), traits, limits.lambda);
  const { lambda, margin } = limits;
  return (
    estimate.seconds.median <= lambda.timeoutSeconds * (1 - margin) &&
    estimate.memoryMiB.median <= lambda.memoryMiB * (1 - margin) &&
    estimate.diskMiB.median <= lambda.diskMiB * (1 - margin)
  );
};

/** The target of a job whose upper bound of the working time is `factor` times the median. */
const targetAt = ({ recipe, traits }: Job, factor: number): string => {
  const plan = buildPlan(recipe, traits, { threads });
  const widened = (vcpus: number) => {
    const estimate = estimatePlan(plan, traits, { vcpus });
    const { seconds, fixedSeconds } = estimate;
    return {
      ...estimate,
      seconds: { ...seconds, upper: fixedSeconds.upper + factor * (seconds.median - fixedSeconds.median) },
    };
  };
  return chooseTarget({ lambda: widened(limits.lambda.vcpus), batch: widened(limits.batch.vcpus) }, limits).target;
};

describe('decide, on 120 jobs and what the largest function has', () => {
  const targetOf = ({ recipe, traits }: Job): string =>
    decide(buildPlan(recipe, traits, { threads }), traits, limits).target;

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
    const larger = { ...limits, lambda: { ...limits.batch, timeoutSeconds: 90_000 } };
    for (const { recipe, traits } of moved) {
      expect(decide(buildPlan(recipe, traits, { threads }), traits, larger).target).toBe('lambda');
    }
    const tiny = { ...limits, lambda: { ...limits.lambda, timeoutSeconds: 1 } };
    for (const { recipe, traits } of jobs) {
      expect(decide(buildPlan(recipe, traits, { threads }), traits, tiny).target).toBe('batch');
    }
  });

  it('estimates for the vCPUs of the target that it chose', () => {
    const [job] = jobs.filter((candidate) => targetOf(candidate) === 'batch');
    if (!job) throw new Error('Expected a job for Batch among the hundred.');
    const plan = buildPlan(job.recipe, job.traits, { threads });
    const slow = { ...limits, batch: { ...limits.batch, vcpus: 1 } };
    expect(decide(plan, job.traits, limits).estimate).toEqual(estimatePlan(plan, job.traits, { vcpus: 8 }));
    expect(decide(plan, job.traits, slow).estimate).toEqual(estimatePlan(plan, job.traits, { vcpus: 1 }));
  });
});
