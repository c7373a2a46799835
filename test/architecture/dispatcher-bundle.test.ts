import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

const entry = (name: string) => fileURLToPath(new URL(`../../functions/${name}.ts`, import.meta.url));

/** Bundles a function as its deployment does. */
const bundle = async (name: string) => {
  const { metafile, outputFiles } = await build({
    entryPoints: [entry(name)],
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    external: ['sharp'],
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const [output] = Object.values(metafile.outputs);
  return {
    bytes: outputFiles[0]?.contents.length ?? 0,
    imports: output?.imports.map(({ path }) => path) ?? [],
    inputs: Object.keys(metafile.inputs),
  };
};

describe("the dispatcher's bundle", () => {
  it('is under 1 MB and carries no sharp', async () => {
    const { bytes, imports, inputs } = await bundle('dispatch');
    expect(bytes).toBeGreaterThan(100_000);
    expect(bytes).toBeLessThan(1_000_000);
    expect(imports).not.toContain('sharp');
    expect(inputs.filter((file) => file.includes('/sharp/') || file.startsWith('core/render/'))).toEqual([]);
  });

  it('reads the filters and formats all the same, for their costs', async () => {
    const { inputs } = await bundle('dispatch');
    expect(inputs).toContain('core/filters/registry.ts');
    expect(inputs).toContain('core/formats/registry.ts');
  });
});

describe("the processing function's bundle", () => {
  it('loads sharp only in the rendering child', async () => {
    const { imports } = await bundle('process');
    expect(imports).not.toContain('sharp');
  });
});
