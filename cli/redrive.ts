import { parseArgs } from 'node:util';
import type { DeadLetter } from '../aws/dead-letters.ts';
import { deadLetterText } from './dead-letter-text.ts';
import { type CommandDeps, onlyArgument, runCommand, UsageError } from './run-command.ts';
import { deploymentOptions, deploymentUsage, withDeployment } from './with-deployment.ts';

const shownLetters = 20;
const reportedLetters = 1000;

const usage = `Usage: npm run redrive -- uploads|work [--dry-run] [--stage NAME | --port N]

Sends dead letters back to the queue they came from, once what they died of is gone: uploads that could not be
dispatched, or jobs that the processing function gave back too often. Shows the first ${shownLetters} with what is known of them.
Interrupted, it may be begun again: a letter that comes twice does nothing twice. Answers 0.

  --dry-run                  only show them. SQS has no look without a receive: those shown are hidden from others for some
                             seconds, and their receive counts grow; nothing else happens to them
${deploymentUsage}`;

const queues = ['uploads', 'work'] as const;

const plural = (count: number): string => `${count} dead letter${count === 1 ? '' : 's'}`;

/** Shows and sends back a queue's dead letters; answers the exit code. */
const redrive = async (deps: CommandDeps): Promise<number> => {
  const { values, positionals } = parseArgs({
    args: deps.arguments,
    allowPositionals: true,
    options: { 'dry-run': { type: 'boolean', default: false }, ...deploymentOptions },
  });
  const name = onlyArgument('queue', positionals);
  const queue = queues.find((known) => known === name);
  if (queue === undefined) throw new UsageError(`Expected uploads or work for the queue but received '${name}'.`);
  return withDeployment(values, async (connection) => {
    const dead = await connection.deadLetters(queue);
    const show = async (letters: DeadLetter[]): Promise<void> => {
      for (const letter of letters) deps.out(`  ${await deadLetterText(queue, letter, connection.job)}\n`);
    };
    deps.out(`About ${plural(await dead.count())} of the ${queue} queue\n`);
    if (values['dry-run']) {
      await show(await dead.look(shownLetters));
      return 0;
    }
    let sent = 0;
    let reportAt = reportedLetters;
    for await (const letters of dead.redrive()) {
      await show(letters.slice(0, Math.max(0, shownLetters - sent)));
      sent += letters.length;
      if (sent < reportAt) continue;
      deps.out(`${sent} sent back so far\n`);
      reportAt = sent + reportedLetters;
    }
    deps.out(`${plural(sent)} sent back to the ${queue} queue\n`);
    return 0;
  });
};

await runCommand(redrive, usage);
