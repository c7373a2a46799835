import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asFilter } from '../../../core/filters/container-filter.ts';
import { readContainerFilters } from '../../../core/filters/read-container-filters.ts';
import type { ImageState } from '../../../core/image/image-state.ts';
import { stampFile, stampFilter } from '../../support/stamp-container.ts';

const picture: ImageState = {
  width: 1000,
  height: 500,
  pages: 1,
  channels: 3,
  bitDepth: 8,
  hasAlpha: false,
  orientation: 1,
};

/** The stand-in's filter.yml with one part replaced, which has to be there. */
const stampWith = (part: string, other: string): string => {
  if (!stampFile.includes(part)) throw new Error(`there is no ${part}`);
  return stampFile.replace(part, other);
};

/** What a filter.yml is refused with, if it is. */
const refusalOf = (text: string): string | undefined => {
  try {
    stampFilter({ text });
    return undefined;
  } catch (error) {
    return String(error);
  }
};

describe('a container’s filter', () => {
  it('fills in the defaults of its options, and refuses others', () => {
    const { options } = asFilter(stampFilter());
    expect(options.parse({ mode: 'fail' })).toEqual({ mode: 'fail', weight: 2 });
    expect(options.safeParse({ wieght: 3 }).success).toBe(false);
    expect(options.safeParse({ weight: 101 }).success).toBe(false);
  });

  it('wants an option that has no default', () => {
    const { options } = asFilter(
      stampFilter({
        text: `${stampWith(', default: 2', '')}
example: { weight: 1 }`,
      }),
    );
    expect(options.safeParse({}).success).toBe(false);
    expect(options.parse({ weight: 1 })).toEqual({ mode: 'invert', weight: 1 });
  });

  it('costs what its formulas say: start, megapixels, alpha, rows', () => {
    const { cost } = asFilter(stampFilter());
    expect(cost(picture, { weight: 4 })).toEqual({
      serialSeconds: 0.5,
      parallelSeconds: (1 + 0.25 * 16) * 0.5,
      threads: 2,
      heldBytes: 100 * 2 ** 20 + 6 * 500_000 + 1000 * 1000,
    });
    expect(cost({ ...picture, channels: 4 }, { weight: 4 }).parallelSeconds).toBeCloseTo((5 * 0.5 * 4) / 3);
    expect(cost({ ...picture, channels: 1 }, { weight: 4 }).parallelSeconds).toBe(2.5);
  });

  it('costs finite amounts that never fall as pictures and options grow', () => {
    const { cost } = asFilter(stampFilter());
    const side = fc.integer({ min: 1, max: 100_000 });
    const weight = fc.integer({ min: 0, max: 100 });
    fc.assert(
      fc.property(side, side, weight, fc.nat(1000), fc.nat(10), (width, height, given, more, heavier) => {
        const less = cost({ ...picture, width, height }, { weight: given });
        const grown = cost({ ...picture, width: width + more, height: height + more }, { weight: given + heavier });
        for (const key of ['serialSeconds', 'parallelSeconds', 'heldBytes'] as const) {
          expect(Number.isFinite(less[key]) && less[key] >= 0).toBe(true);
          expect(grown[key]).toBeGreaterThanOrEqual(less[key]);
        }
      }),
    );
  });

  it('costs finite amounts whatever its file says, or is refused', () => {
    const figure = fc.oneof(
      fc.double({ min: 0, max: 1e4, noNaN: true }),
      fc.double({ min: 0, max: Number.MAX_VALUE, noNaN: true }),
    );
    const power = fc.double({ min: 0, max: 4, noNaN: true });
    let accepted = 0;
    fc.assert(
      fc.property(figure, figure, power, figure, fc.boolean(), (maximum, factor, exponent, constant, isScale) => {
        const formula = JSON.stringify({ constant, terms: [{ option: 'weight', factor, power: exponent }] });
        const text = stampWith('maximum: 100, default: 2', `maximum: ${maximum}, default: 0`)
          .replace(/secondsPerMegapixel: .*/, `secondsPerMegapixel: ${formula}`)
          .concat(`scale: ${isScale ? formula : 100}`);
        const refusal = refusalOf(text);
        if (refusal !== undefined) {
          expect(refusal).toMatch(/expected at most (1000000000|100)\b/);
          return;
        }
        accepted += 1;
        const filter = asFilter(stampFilter({ text }));
        const options = { weight: maximum };
        let image: ImageState = { ...picture, width: 1e8, height: 1e8, channels: 4 };
        // As many as a recipe may have one after the other.
        for (let index = 0; index < 32; index += 1) image = filter.resultOf(image, options);
        for (const value of Object.values(filter.cost(image, options))) expect(value).toSatisfy(Number.isFinite);
      }),
      { numRuns: 500 },
    );
    expect(accepted).toBeGreaterThan(10);
  });

  it('is built once', () => {
    const described = stampFilter();
    expect(asFilter(described)).toBe(asFilter(described));
    expect(asFilter(stampFilter())).not.toBe(asFilter(described));
  });

  it('rounds each side to the nearest pixel, and half of one up', () => {
    const scaling = stampFilter({ text: `${stampFile}\nscale: { terms: [{ option: weight, factor: 0.01 }] }` });
    const sized = (width: number, height: number, weight: number): number[] => {
      const result = asFilter(scaling).resultOf({ ...picture, width, height }, { weight });
      return [result.width, result.height];
    };
    expect(sized(101, 99, 50)).toEqual([51, 50]);
    expect(sized(149, 10, 1)).toEqual([1, 1]);
  });

  it('keeps the size of pictures unless it scales them', () => {
    expect(asFilter(stampFilter()).resultOf(picture, { weight: 3 })).toEqual(picture);
    const scaling = stampFilter({ text: `${stampFile}\nscale: { terms: [{ option: weight, factor: 0.5 }] }` });
    expect(asFilter(scaling).resultOf(picture, { weight: 3 })).toEqual({ ...picture, width: 1500, height: 750 });
  });

  it('refuses animations', () => {
    expect(() => asFilter(stampFilter()).resultOf({ ...picture, pages: 2 }, {})).toThrow(
      'Expected a single picture for stamp but received 2 frames, which its program cannot take.',
    );
  });
});

describe('a filter.yml', () => {
  it.each([
    ['name: stamp', 'name: Stamp', 'name: expected 1 to 32 letters and digits, the first a small letter, got "Stamp"'],
    ['name: stamp', 'name: blur', 'name: expected a name that no filter of Kadam has, got "blur"'],
    ['needs: nothing but Node', 'need: Node', "the file: expected only the keys 'name'"],
    ['needs: nothing but Node', 'need: Node', 'needs: expected text, got nothing'],
    ['default: 2', 'default: -2', 'options.weight: expected a default that the option takes, got -2'],
    ['default: 2', 'default: 2, pattern: x', 'options.weight: expected only the keys'],
    ['type: number', 'type: numeric', 'options.weight'],
    ['minimum: 0, maximum: 100', 'minimum: 3, maximum: 1', 'options.weight: expected a minimum of at most 1, got 3'],
    [
      'minimum: 0',
      'minimum: -1',
      "cost.secondsPerMegapixel.terms[0].option: expected an option that is a number from 0 on, got 'weight'",
    ],
    [
      'option: weight',
      'option: mode',
      "cost.secondsPerMegapixel.terms[0].option: expected an option that is a number from 0 on, got 'mode'",
    ],
    ['option: weight', 'option: toString', "got 'toString'"],
    ['factor: 0.25', 'factor: -1', 'cost.secondsPerMegapixel.terms[0].factor: expected at least 0, got -1'],
    ['startSeconds: 0.5', 'startSeconds: 2e9', 'cost.startSeconds: expected at most 1000000000, got 2000000000'],
    [
      'factor: 0.25',
      'factor: 1000000',
      'cost.secondsPerMegapixel: expected at most 1000000000 for the largest options, got 10000000001',
    ],
    ['command: [node', 'scale: 101\ncommand: [node', 'scale: expected at most 100 for the largest options, got 101'],
    [
      'constant: 1',
      'constnat: 1',
      "cost.secondsPerMegapixel: expected only the keys 'constant', 'terms', got \"constnat\" (did you mean 'constant'?)",
    ],
    ['threads: 2', 'threads: 0', 'cost.threads: expected at least 1, got 0'],
    ['command: [node', 'example: { weight: 500 }\ncommand: [node', 'example.weight: expected at most 100, got 500'],
  ])('with %s as %s is refused', (part, other, fault) => {
    expect(() => stampFilter({ text: stampWith(part, other) })).toThrow(fault);
  });

  it('tells all its faults at once', () => {
    const text = stampWith('needs: nothing but Node', '').replace('threads: 2', 'threads: 0');
    expect(() => stampFilter({ text })).toThrow(/2 faults.*needs: expected text.*cost\.threads: expected/s);
  });
});

describe('readContainerFilters', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kadam-filters-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const write = async (container: string, text?: string): Promise<void> => {
    await mkdir(join(folder, 'containers', container), { recursive: true });
    if (text !== undefined) await writeFile(join(folder, 'containers', container, 'filter.yml'), text);
  };

  it('finds the filters of those containers that bring one', async () => {
    await write('filter');
    await write('stamp', stampFile);
    expect(await readContainerFilters(folder)).toEqual([stampFilter({ folder })]);
  });

  it('finds none where a bundle has no containers, but wants the folder itself', async () => {
    expect(await readContainerFilters(folder)).toEqual([]);
    await expect(readContainerFilters(join(folder, 'elsewhere'))).rejects.toThrow('ENOENT');
  });

  it('tells the faults of all files at once', async () => {
    await write('one', 'name: One');
    await write('two', 'a: 1');
    await write('Three', stampFile);
    const error = await readContainerFilters(folder).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'ConfigurationError', code: 'InvalidFilterFile' });
    expect(String(error)).toContain('containers/one/filter.yml: name: expected');
    expect(String(error)).toContain('containers/two/filter.yml: name: expected');
    expect(String(error)).toContain("containers/Three/filter.yml: the folder's name: expected");
  });

  it('refuses two containers’ filters of one name', async () => {
    await write('one', stampFile);
    await write('two', stampFile);
    await expect(readContainerFilters(folder)).rejects.toThrow("'stamp' of the containers one, two");
  });

  it('finds Kadam’s own', async () => {
    const own = await readContainerFilters('.');
    expect(own.map(({ name, container }) => [name, container])).toContainEqual(['painting', 'painting']);
  });
});
