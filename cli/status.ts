import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Connection } from '../aws/connect.ts';
import { hasEnded, type Job } from '../core/jobs/job.ts';
import type { Manifest } from '../core/jobs/manifest.ts';
import { parseJson } from '../core/parse-json.ts';
import { printable } from './printable.ts';
import { type CommandDeps, onlyArgument, runCommand } from './run-command.ts';
import { statusText } from './status-text.ts';
import { deploymentOptions, deploymentUsage, withDeployment } from './with-deployment.ts';

const usage = `Usage: npm run status -- KEY [--all] [--wait] [--json] [--stage NAME | --port N]

Says what became of an upload: for each of its recipes the way, the reasons, the state, the times, and where the results
and the execution are. Answers 0 where every job is done or under way, 1 where one was rejected or failed or there is none.

  --all                      also the jobs of older versions of the key
  --wait                     until every job has ended
  --json                     one JSON document {"jobs": [{"job": ..., "manifest": ...}]} (npm run --silent status -- ...)
${deploymentUsage}`;

/** A job and the manifest that it left, if any. */
export type JobStatus = { job: Job; manifest?: Manifest };

/** The newest version's jobs: those of the upload that the newest job is of. */
const newestOnly = (jobs: Job[]): Job[] =>
  jobs.filter(({ upload }) => upload.versionId === jobs[0]?.upload.versionId && upload.etag === jobs[0]?.upload.etag);

const pollMilliseconds = 1000;

const jobsOf = async (connection: Connection, key: string, isWaiting: boolean, isAll: boolean): Promise<Job[]> => {
  for (;;) {
    const jobs = await connection.jobsOf(key);
    const shown = isAll ? jobs : newestOnly(jobs);
    if (!isWaiting || (shown.length > 0 && shown.every(({ state }) => hasEnded(state)))) return shown;
    // The event of an upload is under way for a moment; without an upload there is nothing to wait for.
    if (shown.length === 0 && !(await connection.uploads(key, 1)).some((upload) => upload.key === key)) return [];
    await sleep(pollMilliseconds);
  }
};

const statusOf = async (connection: Connection, job: Job): Promise<JobStatus> => {
  const text = job.manifestKey && hasEnded(job.state) ? await connection.manifest(job.manifestKey) : undefined;
  const manifest = text === undefined ? undefined : (parseJson(text) as Manifest | undefined);
  return manifest?.job.id === job.id ? { job, manifest } : { job };
};

/** Prints what became of a key; answers the exit code. */
const status = async (deps: CommandDeps): Promise<number> => {
  const { values, positionals } = parseArgs({
    args: deps.arguments,
    allowPositionals: true,
    options: {
      all: { type: 'boolean', default: false },
      wait: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      ...deploymentOptions,
    },
  });
  const key = onlyArgument('key', positionals);
  return withDeployment(values, async (connection) => {
    const jobs = await jobsOf(connection, key, values.wait, values.all);
    const statuses: JobStatus[] = [];
    for (const job of jobs) statuses.push(await statusOf(connection, job));
    if (values.json) deps.out(`${JSON.stringify({ jobs: statuses }, null, 2)}\n`);
    else if (jobs.length === 0) deps.out(await nothingText(connection, key));
    else deps.out(statuses.map((shown) => statusText(shown, connection.settings)).join('\n'));
    const isWell = jobs.length > 0 && jobs.every(({ state }) => state !== 'rejected' && state !== 'failed');
    return isWell ? 0 : 1;
  });
};

/** Why there may be no job: people mistype keys, and ask a moment too early. */
const nothingText = async ({ settings, uploads }: Connection, key: string): Promise<string> => {
  const found = await uploads(key, 5);
  const bucket = settings.KADAM_INPUT_BUCKET;
  if (found.some((upload) => upload.key === key))
    return `${key} lies in s3://${bucket} but has no job yet: its event is still under way. Ask again in a moment.\n`;
  const near = found.map((upload) => `  ${printable(upload.key)}\n`);
  const hint = near.length > 0 ? `Keys that begin with it:\n${near.join('')}` : '';
  return `There is no upload ${key} in s3://${bucket}, and no job of one.\n${hint}`;
};

await runCommand(status, usage);
