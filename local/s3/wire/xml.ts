import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type * as z from 'zod';
import { S3Error } from '../s3-error.ts';

export type XmlValue = string | number | boolean | undefined | XmlValue[] | { [name: string]: XmlValue };

const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/';
const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

// Control characters go out as references: a raw carriage return would come back from a parser as a line feed.
const escapeText = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: keys may hold them, and a reader must get them back
  text.replace(/[&<>"\u0000-\u0008\u000b-\u001f]/g, (c) => entities[c] ?? `&#${c.charCodeAt(0)};`);

const element = (name: string, value: XmlValue): string => {
  if (value === undefined) return '';
  if (Array.isArray(value)) return value.map((item) => element(name, item)).join('');
  if (typeof value !== 'object') return `<${name}>${escapeText(String(value))}</${name}>`;
  const attributes = Object.entries(value).filter(([key]) => key.startsWith('@'));
  const tag = [name, ...attributes.map(([key, text]) => `${key.slice(1)}="${escapeText(String(text))}"`)].join(' ');
  return `<${tag}>${children(value)}</${name}>`;
};

const children = (content: { [name: string]: XmlValue }): string =>
  Object.entries(content)
    .filter(([name]) => !name.startsWith('@'))
    .map(([name, value]) => element(name, value))
    .join('');

/** Writes a document: an array repeats its element, undefined leaves it out, `@name` is an attribute. Error documents carry no namespace. */
export const writeXml = (root: string, content: { [name: string]: XmlValue } | string): string => {
  const attribute = root === 'Error' ? '' : ` xmlns="${namespace}"`;
  const inner = typeof content === 'string' ? escapeText(content) : children(content);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${attribute}>${inner}</${root}>`;
};

const repeated = new Set(['Object', 'Part', 'Tag']);
const parser = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  htmlEntities: true,
  ignoreDeclaration: true,
  isArray: (name) => repeated.has(name),
});

/** Reads a request document by its schema. Anything that the schema does not know is MalformedXML. */
export const readXml = <T>(text: string, schema: z.ZodType<T>): T => {
  if (XMLValidator.validate(text) !== true) throw new S3Error('MalformedXML');
  const parsed = schema.safeParse(withoutLayout(parser.parse(text)));
  if (!parsed.success) throw new S3Error('MalformedXML', { cause: parsed.error });
  return parsed.data;
};

// Line breaks and indentation between elements arrive as '#text' beside them; within a lone text they are the value.
const withoutLayout = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutLayout);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([name, text]) => name !== '#text' || String(text).trim() !== '');
  return Object.fromEntries(entries.map(([name, item]) => [name, withoutLayout(item)]));
};
