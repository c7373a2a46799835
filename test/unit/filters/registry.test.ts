import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pipelineOrder } from '../../../core/filters/pipeline-order.ts';
import { filters, findFilter } from '../../../core/filters/registry.ts';
import { filterCases } from '../../golden/cases.ts';
import { imageState } from './one-pipeline.ts';

const exampleOptions: Readonly<Record<string, Record<string, unknown>>> = {
  resize: { width: 20, height: 20 },
  crop: { width: 10, height: 10 },
  blur: { sigma: 5 },
};

describe('the registry of filters', () => {
  it('names every filter once', () => {
    const names = filters.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.map((name) => findFilter(name)?.name)).toEqual(names);
  });

  it('knows nothing else', () => {
    expect(findFilter('emboss')).toBeUndefined();
    expect(findFilter('toString')).toBeUndefined();
  });
});

describe.each(filters)('$name', (filter) => {
  const options = filter.options.parse(exampleOptions[filter.name] ?? {});

  it('is described in one line and shown by a golden', () => {
    expect(filter.summary).toMatch(/^[A-Z].{10,118}\.$/);
    expect(filterCases[filter.name]?.length).toBeGreaterThan(0);
  });

  it('refuses options that it does not know', () => {
    expect(filter.options.safeParse({ ...exampleOptions[filter.name], strength: 3 }).success).toBe(false);
  });

  it('gives options that its own schema takes unchanged', () => {
    expect(filter.options.parse(options)).toEqual(options);
  });

  it("has ascending places in sharp's order", () => {
    expect(filter.order.length).toBeGreaterThan(0);
    expect([...filter.order].sort((one, other) => one - other)).toEqual([...filter.order]);
    for (const place of filter.order) expect(pipelineOrder[place]).toBeDefined();
  });

  it('costs a finite time and memory that never fall with the size of the picture', () => {
    const side = fc.integer({ min: 20, max: 60_000 });
    fc.assert(
      fc.property(
        side,
        side,
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom(8, 16),
        (width, height, channels, bitDepth) => {
          const smaller = imageState({ width, height, channels, bitDepth });
          const [cost, more] = [smaller, { ...smaller, width: width * 2 }].map((image) => filter.cost(image, options));
          for (const term of ['serialSeconds', 'parallelSeconds', 'heldBytes'] as const) {
            expect(cost?.[term]).toBeGreaterThanOrEqual(0);
            expect(Number.isFinite(cost?.[term])).toBe(true);
            expect(more?.[term]).toBeGreaterThanOrEqual(cost?.[term] ?? Number.NaN);
          }
        },
      ),
    );
  });
});
