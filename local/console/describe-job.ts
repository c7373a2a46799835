import type { S3Client } from '@aws-sdk/client-s3';
import { hasEnded, type Job } from '../../core/jobs/job.ts';
import type { JobDetails, Output } from './answers.ts';
import { describeExecutions, type ExecutionClients } from './describe-executions.ts';
import { summarize } from './list-jobs.ts';
import { objectReference } from './object-reference.ts';
import { type FoundManifest, readManifest, type ShownManifest } from './read-manifest.ts';
import { isShown } from './send-object.ts';

export type DescribeJobOptions = ExecutionClients & { s3: S3Client; outputBucket: string; stateMachine: string };

/** Browsers decode a preview at its full size: beyond this the page would be slow to open. */
const mostPreviewed = { bytes: 8 * 2 ** 20, pixels: 20e6 };

/** Everything that is known about a job: its record, its manifest, its executions. Rejects as the clients do. */
export const describeJob = async (job: Job, options: DescribeJobOptions): Promise<JobDetails> => {
  const { s3, outputBucket, stateMachine } = options;
  const [found, executions] = await Promise.all([
    hasEnded(job.state) ? readManifest(s3, outputBucket, job) : ({ kind: 'none' } satisfies FoundManifest),
    describeExecutions(options, stateMachine, job),
  ]);
  const manifest = found.kind === 'own' ? found.manifest : undefined;
  const { traits, upload, decision } = job;
  return {
    job: summarize(job, manifest?.measured?.seconds),
    reasons: decision.reasons,
    attempts: job.attempt,
    picture: traits && `${traits.format}, ${traits.width} × ${traits.height}`,
    upload: objectReference(upload.bucket, upload.key, upload.versionId),
    manifest: manifest && objectReference(outputBucket, job.manifestKey ?? '', manifest.versionId),
    isReplaced: found.kind === 'other',
    outputs: manifest?.outputs.map((output) => describeOutput(output, outputBucket)) ?? [],
    stages: stagesOf(job, manifest),
    executions,
  };
};

const describeOutput = (
  { key, versionId, bytes, width, height, contentType }: ShownManifest['outputs'][number],
  bucket: string,
): Output => ({
  ...objectReference(bucket, key, versionId),
  ...{ bytes, width, height, contentType },
  isPreviewable: isShown(contentType) && bytes <= mostPreviewed.bytes && width * height <= mostPreviewed.pixels,
});

const stagesOf = ({ decision }: Job, manifest: ShownManifest | undefined): JobDetails['stages'] => {
  const predicted = new Map(decision.estimate?.stages.map(({ id, seconds }) => [id, seconds]));
  const measured = new Map(manifest?.measured?.stages.map(({ id, seconds }) => [id, seconds]));
  const ids = new Set([...predicted.keys(), ...measured.keys()]);
  return [...ids].map((id) => ({ id, predicted: predicted.get(id), measured: measured.get(id) }));
};
