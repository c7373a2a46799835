import { ConfigurationError } from '../../core/errors.ts';

/** Lines of a Dockerfile with continuations joined, without comments and empty lines. */
const instructions = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replaceAll(/\\[ \t]*\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** The part of a path before its first wildcard: everything below it counts, which is never too little. */
const fixedPart = (path: string): string => {
  const segments = path.replace(/^\.?\//, '').split('/');
  const wild = segments.findIndex((segment) => /[*?[]/.test(segment));
  const fixed = (wild === -1 ? segments : segments.slice(0, wild)).filter((segment) => segment !== '');
  return fixed.length === 0 ? '.' : fixed.join('/');
};

const argumentsOf = (rest: string, where: string): string[] => {
  const words = rest.startsWith('[') ? (JSON.parse(rest) as unknown) : rest.split(/\s+/);
  if (Array.isArray(words) && words.length >= 2 && words.every((word) => typeof word === 'string')) return words;
  throw new ConfigurationError(`Expected sources and a destination in ${where} but received '${rest}'.`, {
    code: 'UnknownDockerfile',
  });
};

/**
 * The files and folders of the repository that a Dockerfile copies into its image, relative to the repository: with the
 * Dockerfile itself they are what the image is made of. Throws ConfigurationError `UnknownDockerfile` for a COPY or ADD
 * whose sources cannot be read off (variables, here-documents, addresses).
 */
export const dockerfileInputs = (text: string, file: string): string[] => {
  const inputs = new Set<string>();
  for (const line of instructions(text)) {
    const [, name, rest] = /^(COPY|ADD)\s+(.*)$/i.exec(line) ?? [];
    if (name === undefined || rest === undefined) continue;
    const [, flags = '', words = ''] = /^((?:--\S+\s+)*)(.*)$/.exec(rest) ?? [];
    if (/--from=/.test(flags)) continue;
    const where = `the ${name} instruction of ${file}`;
    for (const source of argumentsOf(words, where).slice(0, -1)) {
      if (/[$]|<<|:\/\//.test(source)) {
        throw new ConfigurationError(
          `Expected a path of the repository in ${where} but received '${source}'. Name the files and folders as they are: they decide when the image is built anew.`,
          { code: 'UnknownDockerfile' },
        );
      }
      inputs.add(fixedPart(source));
    }
  }
  return [...inputs].sort();
};
