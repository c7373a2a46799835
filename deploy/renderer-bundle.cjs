// An esbuild plugin for serverless-esbuild, which loads it by `require` on whatever Node runs `sls`: beside the bundle
// of functions/process.ts it puts the one of the process that decodes pictures (core/render/render-in-child.ts forks it).
const { build } = require('esbuild');

const child = 'core/render/child.ts';

module.exports = [
  {
    name: 'renderer-bundle',
    setup({ initialOptions, onEnd }) {
      const { entryPoints, outdir, plugins, ...options } = initialOptions;
      if (!entryPoints.includes('functions/process.ts')) return;
      // serverless-esbuild packs the packages that a function's own bundle names; this one's child needs sharp.
      initialOptions.footer = { js: "if (false) import('sharp');" };
      onEnd(async ({ errors }) => {
        if (errors.length > 0) return;
        await build({ ...options, entryPoints: [child], outfile: `${outdir}/child.mjs`, outExtension: undefined });
      });
    },
  },
];
