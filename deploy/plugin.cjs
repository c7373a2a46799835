// Loads deploy/plugin.ts for `npx sls`, which runs on whatever Node the machine has (20 at least) and asks for a
// CommonJS module. Node 20 reads no TypeScript, so esbuild translates our own files one by one as they are required:
// packages come from node_modules as they are, and every stack trace names the TypeScript file and its line.
'use strict';
const { readFileSync } = require('node:fs');
const Module = require('node:module');
const { join, sep } = require('node:path');
const { pathToFileURL } = require('node:url');

const root = join(__dirname, '..') + sep;
const modules = join(root, 'node_modules') + sep;
const isOurs = (file) => file.startsWith(root) && !file.startsWith(modules);

const translate = (file) => {
  const { transformSync } = require('esbuild');
  try {
    const { code } = transformSync(readFileSync(file, 'utf8'), {
      loader: 'ts',
      format: 'cjs',
      target: 'node20',
      sourcefile: file,
      sourcemap: 'inline',
      define: { 'import.meta.url': JSON.stringify(pathToFileURL(file).href) },
      // esbuild's own printing would come before, and without, the sentence below.
      logLevel: 'silent',
    });
    return code;
  } catch (error) {
    const places = (error.errors ?? []).map(({ location, text }) => `  line ${location?.line ?? '?'}: ${text}`);
    throw new Error(
      `Expected valid TypeScript in ${file} but received:\n${places.join('\n') || error.message}\nMend the file and run the command again.`,
      { cause: error },
    );
  }
};

process.setSourceMapsEnabled(true);
const others = Module._extensions['.ts'] ?? Module._extensions['.js'];
Module._extensions['.ts'] = (module, file) => {
  if (!isOurs(file)) return others(module, file);
  return module._compile(translate(file), file);
};

module.exports = require('./plugin.ts').KadamPlugin;
