import * as z from 'zod';
import { parseJson } from '../core/parse-json.ts';
import { printable, printableLines } from './printable.ts';

/** A line of a function's or container's structured log, as far as people care. */
const logLine = z.looseObject({
  level: z.string(),
  message: z.string(),
  timestamp: z.string(),
  key: z.string().optional(),
  recipe: z.string().optional(),
  target: z.string().optional(),
  error: z.looseObject({ code: z.string().optional(), name: z.string().optional(), message: z.string() }).optional(),
});

/** A line that is a measurement, in CloudWatch's embedded metric format. */
const measurement = z.looseObject({ _aws: z.looseObject({}) });

/** What the log knows besides, and one machine's terminal need not repeat in every line. */
const leftOut = /^(service|sampling_rate|cold_start|function_.*|xray_trace_id|messageId|job|execution|attempt)$/;

/** `dispatch` of `kadam-local-dispatch`, and `batch` of a Batch job, whose name is its execution's. */
const sourceOf = (name: string): string => /^kadam-local-(dispatch|process|settle)$/.exec(name)?.[1] ?? 'batch';

const text = (value: unknown): string => {
  if (typeof value === 'string') return value;
  return JSON.stringify(typeof value === 'number' ? Number(value.toPrecision(3)) : value);
};

/**
 * A line that the embedded cloud hears of a function or container (`<name>: <what it wrote>`), for a person at a
 * terminal: `14:02:11 process  ended  a.jpg (web, lambda)  state done`. Undefined for measurements, which are
 * CloudWatch's. What is no line of the structured log stays as it is.
 */
export const readableLine = (line: string): string | undefined => {
  const [, name = '', written = ''] = /^([^\s:]+): (.*)$/s.exec(line) ?? [];
  const json = parseJson(written);
  if (measurement.safeParse(json).success) return undefined;
  const parsed = logLine.safeParse(json);
  if (!parsed.success) return printable(line);
  const { level, message, timestamp, key, recipe, target, error, ...rest } = parsed.data;
  const others = Object.entries(rest)
    .filter(([field]) => !leftOut.test(field))
    .map(([field, value]) => `${field} ${text(value)}`);
  const parts = [
    level === 'INFO' ? message : `${level.toLowerCase()}: ${message}`,
    key,
    recipe && `(${recipe}, ${target})`,
    ...others,
    error && `${error.code ?? error.name ?? 'Error'}: ${error.message}`,
  ].filter((part) => part);
  const time = new Date(timestamp).toLocaleTimeString('en-GB');
  return printableLines(`${time} ${sourceOf(name).padEnd(8)} ${parts.join('  ')}`, ' '.repeat(18));
};
