import { type CST, isAlias, LineCounter, Parser, parseDocument, visit, type YAMLError } from 'yaml';

/** What a YAML text holds, and its faults. `value` is undefined where nothing below these faults can be judged. */
export type YamlReading = { value: unknown; faults: string[] };

/** A recipe of thirty outputs has 4 KiB; a stranger's must not keep the parser busy. */
export const maxRecipeBytes = 32 * 1024;

/** A recipe nests eight deep (outputs, output, steps, step, options, option, ...). */
const maxDepth = 16;

/**
 * How deep a text nests, without recursion: composing 15,000 nested lists from 30 KB of text ends the whole Node
 * process (a regular expression as long as the indentation; measured with yaml 2.9.1), which no `catch` prevents.
 */
const depthOf = (text: string): number => {
  const open: { token: CST.Token; depth: number }[] = [...new Parser().parse(text)].map((token) => ({
    token,
    depth: 0,
  }));
  let deepest = 0;
  for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
    const { token, depth } = entry;
    deepest = Math.max(deepest, depth);
    if (token.type === 'document' && token.value) open.push({ token: token.value, depth });
    for (const item of 'items' in token ? token.items : []) {
      if (item.key) open.push({ token: item.key, depth: depth + 1 });
      if (item.value) open.push({ token: item.value, depth: depth + 1 });
    }
  }
  return deepest;
};

const describeError = (error: YAMLError, text: string): string => {
  const [start] = error.pos;
  if (error.code === 'DUPLICATE_KEY') {
    return `expected each key once, got '${/^[^\s:]*/.exec(text.slice(start, start + 64))?.[0] ?? ''}' again`;
  }
  return `expected valid YAML, got this: ${error.message}`;
};

/** Reads one YAML (or JSON) document: no aliases, no tags, no repeated keys, bounded in size and depth. Never throws. */
export const readYaml = (text: string): YamlReading => {
  const bytes = Buffer.byteLength(text);
  if (bytes > maxRecipeBytes) {
    return { value: undefined, faults: [`expected at most ${maxRecipeBytes} bytes, got ${bytes}`] };
  }
  const depth = depthOf(text);
  if (depth > maxDepth) return { value: undefined, faults: [`expected at most ${maxDepth} levels, got ${depth}`] };

  const lines = new LineCounter();
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `line ${line}, column ${col}`;
  };
  // The schema is named here so that a %YAML 1.1 directive cannot turn `yes` into true or bring in merge keys.
  const document = parseDocument(text, { schema: 'core', merge: false, lineCounter: lines, prettyErrors: false });
  const faults = [...document.errors, ...document.warnings].map(
    (error) => `${place(error.pos[0])}: ${describeError(error, text)}`,
  );
  let isReadable = document.errors.every((error) => error.code === 'DUPLICATE_KEY');
  visit(document, (_key, node) => {
    if (!isAlias(node)) return;
    isReadable = false;
    faults.push(`${place(node.range?.[0] ?? 0)}: expected the value itself, got the alias *${node.source}`);
  });
  return { value: isReadable ? document.toJS({ maxAliasCount: 0 }) : undefined, faults };
};
