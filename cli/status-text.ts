import { styleText } from 'node:util';
import type { DeploymentSettings } from '../aws/deployment.ts';
import { executionArnOf } from '../aws/step-functions-workflow.ts';
import { hasEnded, type Job } from '../core/jobs/job.ts';
import { printable, printableLines } from './printable.ts';
import type { JobStatus } from './status.ts';

const targetNames = { lambda: 'Lambda', batch: 'Batch', reject: 'nowhere' } as const;
const time = (milliseconds: number): string => new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
const seconds = (value: number): string => `${value.toFixed(1)} s`;

const timing = ({ job, manifest }: JobStatus): string => {
  const { estimate } = job.decision;
  const expected = estimate
    ? `${seconds(estimate.seconds.median)} expected, at most ${seconds(estimate.seconds.upper)}`
    : '';
  const took = manifest?.measured ? `took ${seconds(manifest.measured.seconds)}` : '';
  return [took, expected].filter((part) => part !== '').join('; ');
};

const whereItRan = ({ decision, attempt, state }: Job): string => {
  if (decision.target === 'reject') return '';
  if (attempt > 0) return ` on ${targetNames[decision.target]}`;
  return hasEnded(state) ? '' : `, waits for ${targetNames[decision.target]}`;
};

/** One job as text for a terminal: its state, its way and why, its times, and where to look further. */
export const statusText = (shown: JobStatus, settings: DeploymentSettings): string => {
  const { job, manifest } = shown;
  const { decision, upload } = job;
  const lines = [
    `${printable(upload.key)} with recipe ${printable(job.recipe.name)}: ${styleText('bold', job.state)}${whereItRan(job)}`,
    `  uploaded   ${time(job.createdAt)}${job.endedAt ? `, ended ${time(job.endedAt)}` : ''}${upload.versionId ? `, version ${upload.versionId}` : ''}`,
  ];
  const timed = timing(shown);
  if (timed !== '') lines.push(`  time       ${timed}`);
  lines.push(
    ...decision.reasons.map((reason, index) => `  ${index === 0 ? 'why       ' : '          '} ${printable(reason)}`),
  );
  if (job.error && !decision.reasons.includes(job.error.message))
    lines.push(`  error      ${job.error.code}: ${printableLines(job.error.message, ' '.repeat(13))}`);
  if (manifest) {
    lines.push(`  manifest   s3://${settings.KADAM_OUTPUT_BUCKET}/${printable(job.manifestKey ?? '')}`);
    lines.push(
      ...manifest.outputs.map(({ key }) => `  output     s3://${settings.KADAM_OUTPUT_BUCKET}/${printable(key)}`),
    );
  }
  if (decision.target === 'batch') {
    lines.push(`  execution  ${executionArnOf(settings.KADAM_STATE_MACHINE_ARN, job)}`);
  }
  lines.push(`  job        ${job.id}${job.run > 1 ? `, run ${job.run}` : ''}, attempt ${job.attempt}`);
  return lines.map((line) => `${line}\n`).join('');
};
