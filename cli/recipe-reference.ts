import { Document, isCollection } from 'yaml';
import type { ZodType } from 'zod';
import { asFilter, type ContainerFilter } from '../core/filters/container-filter.ts';
import type { Filter } from '../core/filters/filter.ts';
import { filters } from '../core/filters/registry.ts';
import type { Format } from '../core/formats/format.ts';
import { formats } from '../core/formats/registry.ts';
import type { ImageState } from '../core/image/image-state.ts';
import { megapixels } from '../core/image/traits.ts';
import { markdownTable, optionTable } from './option-table.ts';

/** What a filter and a format have in common for a reader. */
type Documented = {
  name: string;
  summary: string;
  notes?: string;
  example: Readonly<Record<string, unknown>>;
  options: ZodType;
};

/** An entry of a list in a recipe: `steps: [sepia]`, or with options. */
const yamlOf = (list: 'steps' | 'formats', { name, example }: Documented): string => {
  if (Object.keys(example).length === 0) return `${list}: [${name}]`;
  const document = new Document({ [list]: [{ [name]: example }] });
  const options = document.getIn([list, 0, name]);
  if (isCollection(options)) options.flow = true;
  return document.toString({ lineWidth: 0, singleQuote: true }).replaceAll('[ ', '[').replaceAll(' ]', ']').trimEnd();
};

const section = (list: 'steps' | 'formats', documented: Documented): string =>
  [
    `### ${documented.name}`,
    [documented.summary, documented.notes].filter(Boolean).join(' '),
    optionTable(documented.options),
    `\`\`\`yaml\n${yamlOf(list, documented)}\n\`\`\``,
  ].join('\n\n');

/** An ordinary photograph, stored on its side: what the table's figures are of. */
const photograph: ImageState = {
  width: 4000,
  height: 3000,
  pages: 1,
  channels: 3,
  bitDepth: 8,
  hasAlpha: false,
  orientation: 6,
};

/** Figures that differ by less than the machines do. */
const rounded = (value: number): string => String(Number(value.toPrecision(2)));

const filterRow = (filter: Filter): string[] => {
  const { serialSeconds, parallelSeconds, heldBytes } = filter.cost(photograph, filter.options.parse(filter.example));
  const seconds = (serialSeconds + parallelSeconds) / megapixels(photograph);
  const held = heldBytes / (photograph.width * photograph.height);
  return [
    `[\`${filter.name}\`](#${filter.name.toLowerCase()})`,
    filter.summary,
    seconds === 0 ? 'none' : rounded(seconds),
    held === 0 ? 'streams' : `${rounded(held)} bytes a pixel`,
  ];
};

/** The reference of all filters: a table of what each does and costs, then each with its options and an example. */
export const filterReference = (): string =>
  [
    markdownTable(['filter', '', 'seconds', 'memory'], filters.map(filterRow)),
    'Seconds are those of one core for a megapixel of 8-bit colour, with the options of the example below; what streams ' +
      'holds a few rows of the picture, whatever its size.',
    ...filters.map((filter) => section('steps', filter)),
  ].join('\n\n');

/** The reference of the filters that containers bring along, alike: each says where it runs. */
const containerFilterReference = (containerFilters: readonly ContainerFilter[]): string => {
  const documented = containerFilters.map((described) => ({
    filter: asFilter(described),
    remark: `Runs in the container \`${described.container}\`, on Batch only.`,
  }));
  return [
    markdownTable(
      ['filter', '', 'seconds', 'memory'],
      documented.map(({ filter }) => filterRow(filter)),
    ),
    ...documented.map(({ filter, remark }) =>
      section('steps', { ...filter, notes: [filter.notes, remark].filter(Boolean).join(' ') }),
    ),
  ].join('\n\n');
};

const framesHeld = (format: Format): string => {
  const held = format.holds(format.options.parse({}));
  if (held.length === 0) return 'the first';
  return held.includes('animation') ? 'an animation' : 'all, as pages';
};

const formatRow = (format: Format): string[] => [
  `[\`${format.name}\`](#${format.name})`,
  `\`.${format.extension}\``,
  format.holdsAlpha(format.options.parse({})) ? 'stays' : 'is laid on a background',
  framesHeld(format),
  `${format.maxDimension.toLocaleString('en')} pixels`,
];

/** The reference of all formats, alike. */
export const formatReference = (): string =>
  [
    markdownTable(['format', 'files', 'transparency', 'frames', 'largest side'], formats.map(formatRow)),
    ...formats.map((format) => section('formats', format)),
  ].join('\n\n');

const parts = { filters: filterReference, 'container filters': containerFilterReference, formats: formatReference };

/**
 * A Markdown text with the reference between its markers made anew; everything else stays as it is. Throws where a
 * marker is missing.
 */
export const withReference = (text: string, containerFilters: readonly ContainerFilter[]): string =>
  Object.entries(parts).reduce((current, [name, reference]) => {
    const [begin, end] = [`<!-- reference of ${name}: made by npm run docs -->`, `<!-- end of ${name} -->`];
    const [before, rest] = current.split(begin);
    const after = rest?.split(end)[1];
    if (before === undefined || after === undefined) {
      throw new Error(
        `Expected the markers ${begin} and ${end}, each once; put them back where the reference belongs.`,
      );
    }
    return `${before}${begin}\n\n${reference(containerFilters)}\n\n${end}${after}`;
  }, text);
