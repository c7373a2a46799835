import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseWorkload, type WorkloadRow, workloadColumns } from '../../../cli/plan-workload.ts';
import { inputFormats } from '../../../core/image/traits.ts';

const recipes = ['web', 'thumbnail'];
const parse = (text: string): WorkloadRow[] => parseWorkload(text, 'a.csv', recipes);

const faultsOf = (text: string): string[] => {
  try {
    parse(text);
    return [];
  } catch (error) {
    const [, ...faults] = String(error).split('\n');
    return faults.map((fault) => fault.trim().replace('a.csv: ', ''));
  }
};

describe('parseWorkload', () => {
  it('reads described pictures, with what they need not say', () => {
    const text =
      '\uFEFF# ours\nname, count ,format,width,height,alpha,depth,frames,bytes,recipe,arrival\n\nbig,1000,png,400,300,yes,16,1,5000,web,86400/day\n,5,jpeg,4,3,,,,,thumbnail,';
    expect(parse(text)).toEqual([
      {
        line: 4,
        name: 'big',
        count: 1000,
        recipe: 'web',
        perSecond: 1,
        pictures: {
          kind: 'described',
          format: 'png',
          width: 400,
          height: 300,
          hasAlpha: true,
          depth: 16,
          frames: 1,
          bytes: 5000,
        },
      },
      {
        line: 5,
        name: 'line 5',
        count: 5,
        recipe: 'thumbnail',
        perSecond: undefined,
        pictures: {
          kind: 'described',
          format: 'jpeg',
          width: 4,
          height: 3,
          hasAlpha: false,
          depth: 8,
          frames: 1,
          bytes: undefined,
        },
      },
    ]);
  });

  it('reads samples', () => {
    expect(parse('count,files,recipe\n7,"a, b/*.jpg",web')).toMatchObject([
      { count: 7, pictures: { kind: 'samples', glob: 'a, b/*.jpg' }, perSecond: undefined },
    ]);
  });

  it('names every fault of the file at once, by line and column', () => {
    const text =
      'count,format,width,height,recipe,arrival,frames\n0,jpg,x,3000,webb,daily,1.5\n5,png,1,1,web\n,tiff,9,,thumbnail,,';
    const faults = faultsOf(text).join('\n');
    for (const fault of [
      "line 2, column count: expected a whole number above 0, got '0'",
      "line 2, column width: expected a whole number above 0, got 'x'",
      "line 2, column arrival: expected once, or pictures an hour, a day or a month such as 5000/day, got 'daily'",
      "line 2, column frames: expected a whole number above 0, got '1.5'",
      'line 3: expected 7 columns, got 5',
      'line 4, column count: expected a whole number above 0, got nothing',
      'line 4, column height: expected a whole number above 0, got nothing',
    ])
      expect(faults).toContain(fault);
    expect(faults).toMatch(/line 2, column format: .*got "jpg" \(did you mean 'jpeg'\?\)/);
    expect(faults).toMatch(/line 2, column recipe: .*got "webb" \(did you mean 'web'\?\)/);
  });

  it.each([
    ['a column that is none', 'count,recipe,widht\n1,web,2', /line 1: .*"widht" \(did you mean 'width'\?\)/],
    ['a column twice', 'count,recipe,width,width\n1,web,2,2', /column width: expected it once/],
    ['no recipes', 'count,format\n1,png', /column recipe: expected it/],
    ['nothing', '', /too few lines/],
    ['columns alone', 'count,recipe\n', /too few lines/],
    ['an open quote', 'count,recipe\n1,"web', /comma-separated/],
    [
      'samples that are described',
      'count,files,width,recipe\n1,a.jpg,9,web',
      /column width: expected nothing beside files/,
    ],
  ])('refuses %s', (_what, text, message) => {
    expect(() => parse(text)).toThrow(message);
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'InvalidWorkload' }));
  });

  it('reads back every row that it can hold', () => {
    const row = fc.record({
      count: fc.integer({ min: 1, max: 1e9 }),
      format: fc.constantFrom(...inputFormats),
      width: fc.integer({ min: 1, max: 100_000 }),
      height: fc.integer({ min: 1, max: 100_000 }),
      recipe: fc.constantFrom(...recipes),
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 20 }), (rows) => {
        const head = Object.keys(rows[0] ?? {});
        const parsed = parse(
          [head, ...rows.map((each) => Object.values(each))].map((cells) => cells.join(',')).join('\n'),
        );
        expect(parsed.map(({ count, recipe, pictures }) => ({ count, recipe, ...pictures }))).toMatchObject(rows);
      }),
    );
  });

  it('answers rows or faults that name their line, whatever it is given', () => {
    const cell = fc.oneof(
      fc.constantFrom('1', 'jpeg', 'web', 'yes', '8', '5/day', '', 'NaN', '1e3', '-1', '0x10'),
      fc.string(),
    );
    const line = fc.array(cell, { minLength: workloadColumns.length, maxLength: workloadColumns.length });
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 5 }), (lines) => {
        const quoted = lines.map((cells) => cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(','));
        const faults = faultsOf([workloadColumns.join(','), ...quoted].join('\n'));
        for (const fault of faults)
          expect(fault).toMatch(/^(line \d+[,:]|and \d+ more|expected a line of columns|expected comma-)/);
      }),
    );
  });
});
