import { CsvError, parse } from 'csv-parse/sync';
import * as z from 'zod';
import { type InputFormat, inputFormats } from '../core/image/traits.ts';
import { unknownName } from '../core/recipe/describe-issue.ts';
import { fileError } from '../core/recipe/parse-yaml-file.ts';
import { CsvLine } from './csv-line.ts';

/** Pictures of one kind by their header's facts, or samples of them: files, each as frequent as the others. */
export type Pictures =
  | {
      kind: 'described';
      format: InputFormat;
      width: number;
      height: number;
      hasAlpha: boolean;
      depth: 8 | 16;
      frames: number;
      /** Of one file; what such a picture usually takes where absent. */
      bytes: number | undefined;
    }
  | { kind: 'samples'; glob: string };

/** One line of a workload: how many pictures, of what, for which recipe, and how they come. */
export type WorkloadRow = {
  /** The line of the file, counted from 1. */
  line: number;
  name: string;
  count: number;
  pictures: Pictures;
  recipe: string;
  /** Pictures a second; undefined where all come at once. */
  perSecond: number | undefined;
};

/** The columns that describe pictures, in the place of samples. */
const describing = ['format', 'width', 'height', 'alpha', 'depth', 'frames', 'bytes'] as const;

/** The columns, in the words of docs/costs.md. */
export const workloadColumns = ['name', 'count', ...describing, 'files', 'recipe', 'arrival'] as const;

const secondsOf = { hour: 3600, day: 86_400, month: (365 / 12) * 86_400 } as const;

/** `5000/day` in pictures a second; nothing, or `once`, where all come at once. */
const arrivalOf = (line: CsvLine): { perSecond: number | undefined } | undefined => {
  const text = line.text('arrival');
  if (text === '' || text === 'once') return { perSecond: undefined };
  const [, amount, unit] = /^(\d{1,12})\/(hour|day|month)$/.exec(text) ?? [];
  const known = Object.entries(secondsOf).find(([name]) => name === unit);
  if (known === undefined || !(Number(amount) > 0))
    return line.fault('arrival', 'once, or pictures an hour, a day or a month such as 5000/day');
  return { perSecond: Number(amount) / known[1] };
};

const picturesOf = (line: CsvLine): Pictures | undefined => {
  const glob = line.text('files');
  if (glob !== '') {
    const both = describing.filter((column) => line.text(column) !== '');
    for (const column of both) line.fault(column, 'nothing beside files, whose headers say it');
    return both.length > 0 ? undefined : { kind: 'samples', glob };
  }
  const format = line.oneOf('format', inputFormats);
  const width = line.needed('width');
  const height = line.needed('height');
  const alpha = line.oneOf('alpha', ['yes', 'no'], 'no');
  const depth = line.oneOf('depth', ['8', '16'], '8');
  const frames = line.whole('frames', 1);
  const bytes = line.whole('bytes', undefined);
  if (!format || !width || !height || !alpha || !depth) return undefined;
  return {
    kind: 'described',
    format,
    width,
    height,
    hasAlpha: alpha === 'yes',
    depth: depth === '16' ? 16 : 8,
    frames,
    bytes,
  };
};

const rowOf = (line: CsvLine, recipes: readonly string[]): WorkloadRow | undefined => {
  const count = line.needed('count');
  const pictures = picturesOf(line);
  const recipe = line.text('recipe');
  if (!recipes.includes(recipe)) line.unknown('recipe', 'a recipe', recipes);
  const arrival = arrivalOf(line);
  if (!count || !pictures || !arrival) return undefined;
  return { line: line.number, name: line.text('name') || `line ${line.number}`, count, pictures, recipe, ...arrival };
};

const code = 'InvalidWorkload';

/** What csv-parse answers with `info`. */
const recordsSchema = z.array(z.object({ record: z.array(z.string()), info: z.object({ lines: z.number() }) }));

const readRecords = (text: string, file: string): z.output<typeof recordsSchema> => {
  try {
    const records: unknown = parse(text, {
      bom: true,
      trim: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      comment: '#',
      comment_no_infix: true,
      // Judged here, so that one short line does not hide the faults of the others.
      relax_column_count: true,
      info: true,
    });
    return recordsSchema.parse(records);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw fileError('workload', code, file, [`expected comma-separated values, got: ${error.message}`]);
  }
};

/** The faults of a first line: names that are no column, or that come twice, and columns that have to be there. */
const headFaults = (head: readonly string[], line: number): string[] => {
  const named = (name: string) => `line ${line}, column ${name}`;
  const known: readonly string[] = workloadColumns;
  return [
    ...head
      .filter((name) => !known.includes(name))
      .map((name) => `line ${line}: ${unknownName('a column', name, known)}`),
    ...head.filter((name, index) => head.indexOf(name) < index).map((name) => `${named(name)}: expected it once`),
    ...['count', 'recipe'].filter((name) => !head.includes(name)).map((name) => `${named(name)}: expected it`),
  ];
};

/**
 * Reads a workload: comma-separated values whose first line names the columns; lines that begin with # are comments.
 * `recipes` are the names that `recipe` may have. Throws ConfigurationError `InvalidWorkload` with every fault of the
 * file, by line and column.
 */
export const parseWorkload = (text: string, file: string, recipes: readonly string[]): WorkloadRow[] => {
  const [first, ...records] = readRecords(text, file);
  if (first === undefined || records.length === 0)
    throw fileError('workload', code, file, ['expected a line of columns and at least one more, got too few lines']);
  const head = first.record;
  const faults = headFaults(head, first.info.lines);
  if (faults.length > 0) throw fileError('workload', code, file, faults);
  const rows = records.flatMap(({ record, info }) => {
    if (record.length !== head.length)
      faults.push(`line ${info.lines}: expected ${head.length} columns, got ${record.length}`);
    const cells = new Map(head.map((name, index) => [name, record[index] ?? '']));
    return rowOf(new CsvLine(info.lines, cells, faults), recipes) ?? [];
  });
  if (faults.length > 0) throw fileError('workload', code, file, faults);
  return rows;
};
