import type { DeadLetter } from '../aws/dead-letters.ts';
import { workMessage } from '../aws/sqs-work-queue.ts';
import { announcedBy } from '../aws/uploads-queue.ts';
import { ConfigurationError } from '../core/errors.ts';
import type { Job } from '../core/jobs/job.ts';
import { printable } from './printable.ts';

const shownCharacters = 120;

const time = (milliseconds: number): string => new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');

/** A message that nobody can read, as far as it fits a line. */
const unreadable = (body: string): string =>
  `no message of Kadam's: ${body.length > shownCharacters ? `${body.slice(0, shownCharacters)}…` : body}`;

const uploadsText = (body: string): string => {
  try {
    const { uploads, again } = announcedBy(body);
    const keys = uploads.map(({ key }) => key).join(', ');
    return `${again ? 'reprocess ' : ''}${keys || 'no upload'}`;
  } catch (error) {
    if (error instanceof ConfigurationError) return unreadable(body);
    throw error;
  }
};

const workText = async (body: string, findJob: (id: string) => Promise<Job | undefined>): Promise<string> => {
  const message = workMessage.safeParse(body);
  if (!message.success) return unreadable(body);
  const { job: id } = message.data;
  const job = await findJob(id);
  if (job === undefined) return `job ${id}, which has no record`;
  const { upload, recipe, state, error } = job;
  return `${upload.key} with recipe ${recipe.name}: ${state}${error ? `, ${error.code}: ${error.message}` : ''}, job ${id}`;
};

/**
 * What a dead letter says, on one line of a terminal: since when, of which upload or job, and what the job's last attempt
 * died of. SQS itself keeps no reason.
 */
export const deadLetterText = async (
  queue: 'uploads' | 'work',
  { body, sentAt }: DeadLetter,
  findJob: (id: string) => Promise<Job | undefined>,
): Promise<string> => {
  const said = queue === 'uploads' ? uploadsText(body) : await workText(body, findJob);
  return `${time(sentAt)}  ${printable(said)}`;
};
