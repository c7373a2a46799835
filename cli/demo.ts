import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { localLimits } from '../local/limits.ts';
import { startCloud } from '../local/start-cloud.ts';
import { type DemoPicture, makeDemoPictures } from './demo-pictures.ts';
import { type DemoJob, demoTable, jobLine } from './demo-report.ts';
import { type CommandDeps, InterruptedError, positiveNumber, readableFile, runCommand } from './run-command.ts';
import { runPictures } from './run-pictures.ts';

/** Short enough for both ways to be seen: the same rule, with 900 s, decides on AWS. */
const demoLimitSeconds = 25;
const resultsFolder = resolve('.kadam/demo');

const usage = `Usage: npm run demo -- [FILE...] [--recipe NAME[,NAME]] [--json] [--lambda-limit-seconds N]

Starts the embedded cloud, uploads pictures (FILEs, or a handful that it makes itself), waits for all, and prints where
each ran and why. The filtered pictures are left in .kadam/demo, in place of those of the last time. Answers 0 if every
picture ended as it should: the FILEs with results, the demo's own broken ones with a rejection.

  --recipe NAME[,NAME]       for every picture, instead of what recipes/rules.yml chooses; sidecar takes the recipe in
                             FILE.kadam.yml or FILE.kadam.json
  --json                     one JSON document {"jobs": [...]} on standard output, and nothing else there (npm run prints
                             a banner before it: npm run --silent demo -- --json)
  --lambda-limit-seconds N   the processing function's time-out (${demoLimitSeconds})`;

/** Runs the demo; answers 0 only if every picture ended as it should. */
const demo = async (deps: CommandDeps): Promise<number> => {
  const { values, positionals } = parseArgs({
    args: deps.arguments,
    allowPositionals: true,
    options: {
      recipe: { type: 'string' },
      json: { type: 'boolean' },
      'lambda-limit-seconds': { type: 'string' },
    },
  });
  const say = values.json ? deps.err : deps.out;
  const limit = positiveNumber('lambda-limit-seconds', values['lambda-limit-seconds']) ?? demoLimitSeconds;
  const files = await Promise.all(positionals.map(readableFile));
  const folder = await mkdtemp(join(tmpdir(), 'kadam-demo-'));
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort(new InterruptedError());
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    if (positionals.length === 0) say('Making pictures\n');
    const made = files.length > 0 ? userPictures(files) : await makeDemoPictures(await subfolder(folder));
    const pictures = made.map((picture) => (values.recipe ? { ...picture, recipe: values.recipe } : picture));

    interrupted.signal.throwIfAborted();
    say(`Starting the embedded cloud; a function may run ${limit} s\n`);
    const cloud = await startCloud({ dataDir: join(folder, 'cloud'), limits: await localLimits(limit), log: () => {} });
    let jobs: DemoJob[];
    try {
      await rm(resultsFolder, { recursive: true, force: true });
      jobs = await runPictures(pictures, cloud.endpoint, resultsFolder, {
        signal: interrupted.signal,
        onEnd: (job, ended, all) => say(`  ${ended} of ${all}  ${jobLine(job)}\n`),
      });
    } finally {
      await cloud.close();
    }
    if (values.json) deps.out(`${JSON.stringify({ jobs: jobs.map(({ expected: _, ...job }) => job) }, null, 2)}\n`);
    else deps.out(`\n${demoTable(jobs)}\nThe filtered pictures and their manifests are in ${resultsFolder}\n`);
    return jobs.every(({ status, expected }) => status === expected) ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const subfolder = async (folder: string): Promise<string> => {
  const pictures = join(folder, 'pictures');
  await mkdir(pictures);
  return pictures;
};

/** A user's files under their names; a name that comes again gets a number in front. */
const userPictures = (paths: string[]): DemoPicture[] => {
  const names = paths.map((path) => basename(path));
  return paths.map((path, index) => {
    const name = basename(path);
    const isFirst = names.indexOf(name) === index;
    return { key: isFirst ? name : `${index + 1}/${name}`, path, expect: 'done', note: '' };
  });
};

await runCommand(demo, usage);
