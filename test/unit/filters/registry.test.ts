import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pipelineOrder } from '../../../core/filters/pipeline-order.ts';
import { filters, findFilter } from '../../../core/filters/registry.ts';
import { filterCases } from '../../golden/cases.ts';
import { anyOptions } from './any-options.ts';
import { imageState } from './one-pipeline.ts';

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
  const options = filter.options.parse(filter.example);

  it('is described in one line and shown by a golden', () => {
    expect(filter.summary).toMatch(/^[A-Z].{10,118}\.$/);
    expect(filterCases[filter.name]?.length).toBeGreaterThan(0);
  });

  it('refuses options that it does not know', () => {
    expect(filter.options.safeParse({ ...filter.example, strength: 3 }).success).toBe(false);
  });

  it('gives options that its own schema takes unchanged', () => {
    expect(filter.options.parse(options)).toEqual(options);
  });

  it("has ascending places in sharp's order, whatever the picture and the options", () => {
    const picture = fc.record({ channels: fc.integer({ min: 1, max: 4 }), bitDepth: fc.constantFrom(8, 16) });
    fc.assert(
      fc.property(picture, anyOptions[filter.name] ?? fc.constant({}), (kind, given) => {
        const places = filter.places(imageState(kind), filter.options.parse(given));
        expect(places.length).toBeGreaterThan(0);
        for (const [index, { from, to }] of places.entries()) {
          expect(from).toBeLessThanOrEqual(to);
          expect(from).toBeGreaterThan(places[index - 1]?.to ?? -1);
          expect(pipelineOrder[from]).toBeDefined();
          expect(pipelineOrder[to]).toBeDefined();
        }
      }),
    );
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
