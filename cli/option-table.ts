import * as z from 'zod';

/** The parts of a JSON schema that filters' and formats' options come to. */
const optionShape = z.object({
  title: z.string().optional(),
  description: z.string().default(''),
  type: z.string().optional(),
  enum: z.array(z.union([z.string(), z.number()])).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  multipleOf: z.number().optional(),
  default: z.unknown().optional(),
});

const optionsShape = z.object({
  properties: z.record(z.string(), optionShape).default({}),
  required: z.array(z.string()).default([]),
});

type Option = z.infer<typeof optionShape>;

const code = (value: unknown): string => `\`${String(value)}\``;

/** What JSON schema gives as the bounds of a number that has none. */
const isBound = (value: number | undefined): value is number =>
  value !== undefined && Math.abs(value) !== Number.MAX_SAFE_INTEGER;

const rangeOf = ({ type, minimum, maximum, multipleOf }: Option): string => {
  const [least, most] = [minimum, maximum].map((bound) =>
    isBound(bound) ? bound.toLocaleString('en', { maximumFractionDigits: 6 }) : undefined,
  );
  const kind = type === 'integer' ? 'a whole number' : 'a number';
  const step = multipleOf === undefined ? '' : `, by ${multipleOf}`;
  if (least !== undefined && most !== undefined) return `${least} to ${most}${step}`;
  return least === undefined ? kind : `${kind} from ${least}`;
};

const valuesOf = (option: Option): string => {
  if (option.title !== undefined) return option.title;
  if (option.enum !== undefined) return option.enum.map(code).join(', ');
  return option.type === 'boolean' ? '`true`, `false`' : rangeOf(option);
};

/** One option of a filter or a format, as the reference shows it: cells of a table, in Markdown. */
export type OptionRow = { name: string; values: string; standard: string; meaning: string };

/** The options that a schema takes, in the order in which it names them. */
export const optionRows = (schema: z.ZodType): OptionRow[] => {
  const { properties, required } = optionsShape.parse(z.toJSONSchema(schema, { io: 'input' }));
  return Object.entries(properties).map(([name, option]) => ({
    name,
    values: valuesOf(option),
    standard: required.includes(name) ? 'must be there' : option.default === undefined ? '' : code(option.default),
    meaning: option.description,
  }));
};

/** A table in Markdown. */
export const markdownTable = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** The table of a schema's options, or a sentence where it has none. */
export const optionTable = (schema: z.ZodType): string => {
  const rows = optionRows(schema).map(({ name, values, standard, meaning }) => [code(name), values, standard, meaning]);
  return rows.length === 0 ? 'No options.' : markdownTable(['option', 'values', 'default', ''], rows);
};
