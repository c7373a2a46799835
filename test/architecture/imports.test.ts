import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { version } from '../../aws/version.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folders = ['core', 'aws', 'functions', 'containers', 'deploy', 'local', 'cli'];
const files = folders.flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: root }));

type Import = { from: string; to: string; isType: boolean };

/** Every import of a file: of the repository's files by their path, of packages and node: modules by their name. */
const importsOf = (file: string): Import[] => {
  const text = readFileSync(join(root, file), 'utf8');
  const statements = text.matchAll(/(?:import|export)\s+(type\s+)?[^'";]*?from\s+'([^']+)'|import\(\s*'([^']+)'\s*\)/g);
  return [...statements].map(([, type, named, dynamic]) => {
    const target = named ?? dynamic ?? '';
    const to = target.startsWith('.')
      ? relative(root, join(root, dirname(file), target))
          .split(sep)
          .join('/')
      : target;
    return { from: file, to, isType: type !== undefined };
  });
};
const imports = files.flatMap(importsOf);
const folderOf = (path: string): string => path.split('/')[0] ?? '';
const isOwn = (path: string): boolean => folders.includes(folderOf(path));

/** Which folder may import which. */
const mayImport: Record<string, string[]> = {
  core: ['core'],
  aws: ['aws', 'core'],
  functions: ['functions', 'aws', 'core'],
  containers: ['containers', 'aws', 'core'],
  deploy: ['deploy', 'aws', 'core'],
  local: ['local', 'aws', 'core'],
  cli: ['cli', 'deploy', 'local', 'aws', 'core'],
};

/** The parts of core that decide: nothing but core, zod and yaml, and of Node only what computes. */
const pure = [
  'core/image',
  'core/recipe',
  'core/filters',
  'core/formats',
  'core/predict',
  'core/route',
  'core/jobs',
  'core/money',
];
const impureFiles = [
  'core/image/file-source.ts',
  'core/recipe/read-catalogue.ts',
  'core/filters/read-container-filters.ts',
];
const allowedInPure = ['zod', 'yaml', 'node:crypto'];

describe('imports', () => {
  it('were found', () => {
    expect(imports.length).toBeGreaterThan(300);
    expect(imports).toContainEqual({ from: 'functions/dispatch.ts', to: 'aws/clients.ts', isType: false });
  });

  it('go one way', () => {
    const wrong = imports.filter(
      ({ from, to }) =>
        isOwn(to) &&
        !mayImport[folderOf(from)]?.includes(folderOf(to)) &&
        // `sls` prints its findings in the same tables as the commands.
        !(folderOf(from) === 'deploy' && to === 'cli/table.ts'),
    );
    expect(wrong).toEqual([]);
  });

  it('of the AWS SDK stay in aws/, deploy/ and local/ (and the client of the demo)', () => {
    const wrong = imports.filter(
      ({ from, to }) =>
        to.startsWith('@aws-sdk/') &&
        !['aws', 'deploy', 'local'].includes(folderOf(from)) &&
        from !== 'cli/run-pictures.ts',
    );
    expect(wrong).toEqual([]);
  });

  it('of sharp as a value stay in core/render (and the pictures of the demo)', () => {
    const wrong = imports.filter(
      ({ from, to, isType }) =>
        to === 'sharp' && !isType && !/^(core\/render\/|cli\/(demo-pictures|photo-like)\.ts$)/.test(from),
    );
    expect(wrong).toEqual([]);
  });

  it('of the pure parts of core are of core alone', () => {
    const isPure = (path: string) =>
      ['core/parse-json.ts', 'core/collect.ts'].includes(path) ||
      (pure.some((folder) => path.startsWith(`${folder}/`)) && !impureFiles.includes(path));
    const wrong = imports.filter(({ from, to, isType }) => {
      if (!isPure(from) || isType) return false;
      return isOwn(to) ? !isPure(to) && to !== 'core/errors.ts' : !allowedInPure.includes(to);
    });
    expect(wrong).toEqual([]);
  });

  it('make no circle between files', () => {
    const graph = Map.groupBy(
      imports.filter(({ to, isType }) => isOwn(to) && !isType),
      ({ from }) => from,
    );
    const circles: string[] = [];
    const done = new Set<string>();
    const visit = (file: string, path: string[]): void => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      if (path.includes(file) || done.has(file)) return;
      for (const { to } of graph.get(file) ?? []) visit(to, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(circles).toEqual([]);
  });
});

describe('the version in manifests', () => {
  it("is package.json's", () => {
    expect(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version).toBe(version);
  });
});

describe('source files', () => {
  it.each(files)('%s is at most 250 lines', (file) => {
    expect(readFileSync(join(root, file), 'utf8').split('\n').length).toBeLessThanOrEqual(251);
  });
});

describe('the embedded cloud', () => {
  it('listens on the loopback interface only', () => {
    const calls = files.flatMap((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      return [...text.matchAll(/\.listen\(([^)]*)\)/g)].map(([, call]) => ({ file, call }));
    });
    expect(calls.length).toBeGreaterThan(0);
    for (const { file, call } of calls) {
      const isLoopback = call?.includes("'127.0.0.1'") || (file === 'local/gateway.ts' && call === 'port, host');
      expect(isLoopback, `${file}: listen(${call})`).toBe(true);
    }
    expect(readFileSync(join(root, 'local/gateway.ts'), 'utf8')).toContain("const host = '127.0.0.1';");
  });

  it('stays as small as it is without its page: docs/decisions.md says why it is not the 3,000 lines that were meant', () => {
    const code = files
      .filter((file) => file.startsWith('local/') && !file.startsWith('local/console/'))
      .flatMap((file) => readFileSync(join(root, file), 'utf8').split('\n'))
      .filter((line) => !/^\s*($|\/\/|\/\*|\*)/.test(line));
    expect(code.length).toBeLessThan(5850);
  });
});
