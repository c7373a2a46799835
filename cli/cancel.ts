import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Connection } from '../aws/connect.ts';
import { hasEnded, type Job, type JobState } from '../core/jobs/job.ts';
import { printable } from './printable.ts';
import { type CommandDeps, onlyArgument, runCommand } from './run-command.ts';
import { deploymentOptions, deploymentUsage, withDeployment } from './with-deployment.ts';

const usage = `Usage: npm run cancel -- KEY [--recipe NAME] [--stage NAME | --port N]

Cancels the jobs of an upload that have not ended: they end as rejected, with a manifest that says so. A worker that is
at one of them stops within a lease's time; a result that is being published at that moment stays. Answers 0 once all of
them have ended, 1 where there was none.

  --recipe NAME              only the job of this recipe
${deploymentUsage}`;

const pollMilliseconds = 1000;

/** Cancels one job, and waits for its worker to stop. Answers the state that it ended in. */
const cancelJob = async (job: Job, connection: Connection): Promise<JobState> => {
  // A worker notices at its next renewal; one that died leaves a lease that runs out first.
  const began = Date.now();
  const lease = connection.settings.KADAM_LEASE_SECONDS * 1000;
  for (;;) {
    await connection.cancel(job);
    const current = (await connection.job(job.id)) ?? job;
    const isOver = hasEnded(current.state);
    // What it has ended for waits in vain; and a worker that does not answer is stopped with its container.
    const isToStop = isOver || Date.now() > began + lease;
    if (current.decision.target === 'batch' && isToStop) await connection.stop(current);
    if (isOver || Date.now() > began + 3 * lease) return current.state;
    await sleep(pollMilliseconds);
  }
};

/** Cancels the open jobs of a key; answers the exit code. */
const cancel = async (deps: CommandDeps): Promise<number> => {
  const { values, positionals } = parseArgs({
    args: deps.arguments,
    allowPositionals: true,
    options: { recipe: { type: 'string' }, ...deploymentOptions },
  });
  const key = onlyArgument('key', positionals);
  return withDeployment(values, async (connection) => {
    const open = (await connection.jobsOf(key)).filter(
      ({ state, recipe }) => !hasEnded(state) && (values.recipe === undefined || recipe.name === values.recipe),
    );
    if (open.length === 0)
      deps.out(`No job of ${printable(key)} is under way: npm run status -- ${JSON.stringify(key)}\n`);
    const states = await Promise.all(
      open.map(async (job) => {
        const state = await cancelJob(job, connection);
        const came = state === 'rejected' ? 'cancelled' : `${state} (the wish to cancel it came too late)`;
        const said = hasEnded(state) ? came : `still ${state}: its worker does not answer; try again`;
        deps.out(`${printable(key)} with recipe ${printable(job.recipe.name)}: ${said}\n`);
        return state;
      }),
    );
    return open.length > 0 && states.every((state) => hasEnded(state)) ? 0 : 1;
  });
};

await runCommand(cancel, usage);
