import { assertStillMine, ended } from '../jobs/claim.ts';
import type { Job, JobError, Spent, TerminalState } from '../jobs/job.ts';
import { jobEvent } from '../jobs/job-event.ts';
import { type ManifestResult, manifestOf } from '../jobs/manifest.ts';
import { nameJob } from '../jobs/name-job.ts';
import type { Clock, EventPublisher, InputStore, JobStore, Log, Metrics, OutputStore } from '../ports.ts';
import { noteEnd } from './note-end.ts';
import { type PreparedOutput, publishOutputs } from './publish-outputs.ts';
import { readManifest } from './read-manifest.ts';
import { removeLeftovers } from './remove-leftovers.ts';
import { updateJob } from './update-job.ts';

export type EndPorts = {
  jobs: JobStore;
  input: InputStore;
  output: OutputStore;
  events: EventPublisher;
  /** Absent in a container: the function that settles its job counts how that ended. */
  metrics?: Metrics;
  now: Clock;
  log: Log;
};

/** What the deployment is called in manifests and events. */
export type Deployment = { version: string; outputBucket: string };

/**
 * Ends a job that this worker holds: publishes its outputs and its manifest (or finds that the upload is no longer the
 * newest), then the record, then the event. Each step can be repeated after a crash.
 */
export const endJob = async (
  job: Job,
  result: ManifestResult,
  outputs: PreparedOutput[],
  ports: EndPorts,
  deployment: Deployment,
): Promise<Job> => {
  const manifest = (named: ManifestResult['outputs']) =>
    manifestOf(job, { ...result, outputs: named }, deployment.version);
  const ending = await publishOutputs(job, { outputs, manifest }, ports);
  const state = ending === 'published' ? result.status : ending;
  return recordEnd(job, { state, error: result.error, measured: result.measured }, ports, deployment);
};

/**
 * Ends a job whose worker died between its manifest and its record: then that manifest is the result, whoever finds
 * it. Answers undefined where there is no manifest of this job, or only one of an earlier run.
 */
export const endByManifest = async (job: Job, ports: EndPorts, deployment: Deployment): Promise<Job | undefined> => {
  const manifest = await readManifest(job, ports.output);
  if (manifest?.job.id !== job.id || manifest.job.run !== job.run) return undefined;
  await removeLeftovers(job, ports.output, new Set(manifest.outputs.map(({ key }) => key)));
  const { status: state, error, measured } = manifest;
  return recordEnd(job, { state, error, measured }, ports, deployment);
};

/** Ends a job whose upload is no longer the newest of its key: nothing of it stays. */
export const endOvertaken = async (
  job: Job,
  state: 'superseded' | 'gone',
  ports: EndPorts,
  deployment: Deployment,
): Promise<Job> => {
  await removeLeftovers(job, ports.output);
  return recordEnd(job, { state }, ports, deployment);
};

/** How a job ended, as its record says. */
type End = { state: TerminalState; error?: JobError | undefined; measured?: Spent | undefined };

/** Writes a job's terminal state, and then its event. Throws LostClaimError where another worker holds the job. */
const recordEnd = async (
  job: Job,
  { state, error, measured }: End,
  ports: EndPorts,
  deployment: Deployment,
): Promise<Job> => {
  const spent = measured && { seconds: measured.seconds, dollars: measured.dollars };
  const stored = await updateJob(ports.jobs, job.id, (current) =>
    ended(assertStillMine(current, job), state, ports.now(), error, spent),
  );
  ports.log.write('info', 'ended', { state, ...spent, error });
  return publishEvent(stored, ports, deployment);
};

/**
 * Publishes the event of an ended job and counts its end, unless its record says that this was done, and notes it
 * there. The event may be published twice, where a worker dies in between; the end is counted once, by whoever notes it.
 */
export const publishEvent = async (
  job: Job,
  ports: Pick<EndPorts, 'jobs' | 'events' | 'metrics' | 'log'>,
  deployment: Deployment,
): Promise<Job> => {
  nameJob(ports.log, job);
  if (!job.eventPublished) {
    const event = jobEvent(job, deployment.outputBucket);
    if (event) await ports.events.publish(event);
  }
  return noteEnd(job, ports);
};
