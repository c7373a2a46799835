import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { repository } from '../aws/job-file.ts';
import { readContainerFilters } from '../core/filters/read-container-filters.ts';
import { fileSource } from '../core/image/file-source.ts';
import { readCatalogue } from '../core/recipe/read-catalogue.ts';
import type { RoutingLimits } from '../core/route/limits.ts';
import { decideUpload } from '../core/use-cases/decide-upload.ts';
import { deployedLimits, localLimits } from '../local/limits.ts';
import { explanationText } from './explanation-text.ts';
import { type CommandDeps, onlyArgument, positiveNumber, readableFile, runCommand } from './run-command.ts';

const usage = `Usage: npm run explain -- FILE [--key KEY] [--recipe NAME] [--json] [--local] [--lambda-limit-seconds N]

Says what Kadam would do with a picture, and why, without running anything: it reads the first kilobytes of FILE.

  --key KEY                  the key that it would be uploaded under (FILE): recipes/rules.yml chooses by it
  --recipe NAME[,NAME]       instead of the recipe that recipes/rules.yml chooses; sidecar takes FILE.kadam.yml or .json
  --json                     the same as one JSON document (npm run prints a banner before it: npm run --silent explain)
  --local                    decide as the embedded cloud does (npm start; the demo with 25 s), not as the deployment
  --lambda-limit-seconds N   decide as if the function's time-out were N seconds`;

const limitsFor = async (isLocal: boolean, seconds: number | undefined): Promise<RoutingLimits> => {
  if (isLocal) return localLimits(seconds);
  const limits = await deployedLimits();
  return seconds === undefined ? limits : { ...limits, lambda: { ...limits.lambda, timeoutSeconds: seconds } };
};

/** The text of a file that may not be there. */
const textFile = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
};

/** Prints traits, plan, estimate and decision for one file; answers the exit code. */
const explain = async (deps: CommandDeps): Promise<number> => {
  const { values, positionals } = parseArgs({
    args: deps.arguments,
    allowPositionals: true,
    options: {
      key: { type: 'string' },
      recipe: { type: 'string' },
      json: { type: 'boolean' },
      local: { type: 'boolean', default: false },
      'lambda-limit-seconds': { type: 'string' },
    },
  });
  const path = onlyArgument('file', positionals);
  const seconds = positiveNumber('lambda-limit-seconds', values['lambda-limit-seconds']);
  const limits = await limitsFor(values.local, seconds);
  const catalogue = await readCatalogue(
    fileURLToPath(new URL('recipes', repository)),
    await readContainerFilters(fileURLToPath(repository)),
  );

  const file = await readableFile(path);
  const source = await fileSource(file);
  try {
    let bytesRead = 0;
    const counted = {
      size: source.size,
      async read(offset: number, length: number) {
        const bytes = await source.read(offset, length);
        bytesRead += bytes.length;
        return bytes;
      },
    };
    const upload = { bucket: '', key: values.key ?? path, etag: '', bytes: source.size };
    const decisions = await decideUpload(
      { upload, metadata: {}, source: counted },
      { catalogue, limits },
      // A sidecar lies beside the file as it would beside the upload.
      { asked: values.recipe, readText: (key) => textFile(`${file}${key.slice(upload.key.length)}`) },
    );
    if (values.json) {
      const jobs = decisions.map(({ recipeName, recipe, ...decided }) => ({
        recipe: { name: recipeName, hash: recipe?.hash },
        ...decided,
      }));
      deps.out(`${JSON.stringify({ file: path, bytesRead, limits, jobs }, null, 2)}\n`);
    } else deps.out(decisions.map((decided) => explanationText(path, bytesRead, decided)).join('\n'));
    return 0;
  } finally {
    await source.close();
  }
};

await runCommand(explain, usage);
