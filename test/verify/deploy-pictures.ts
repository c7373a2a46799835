import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeExecutionCommand, GetExecutionHistoryCommand, ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Job } from '../../core/jobs/job.ts';
import { containerEnvironment, revisionsOf } from './deploy-batch.ts';
import { runFunction } from './deploy-function.ts';
import type { Checks } from './deploy-report.ts';
import { type Commands, expectCode } from './deploy-service.ts';
import { prefix } from './deploy-stack.ts';
import { addedRecipe } from './deploy-update.ts';
import {
  archiveOf,
  checkOutputs,
  deliver,
  picture,
  recordOf,
  type Scene,
  stopEmulatedFunctions,
  upload,
} from './deploy-upload.ts';

const small = 'holiday pictures/größe+1.jpg';
const large = 'for batch.jpg';

/** Pictures on their way through the deployed functions, queues, table and buckets; and what people ask of them. */
export const lambdaPictures = (scene: Scene, { kadam }: Commands): Checks => [
  [
    'a picture: the bucket tells the queue, dispatch decides for Lambda, process writes outputs and manifest',
    async () => {
      await stopEmulatedFunctions(scene);
      await upload(scene, small, await picture());
      await deliver(scene, 'uploads', 'dispatch');
      const queued = await recordOf(scene, small);
      assert.deepEqual([queued.state, queued.decision.target], ['queued', 'lambda']);
      await deliver(scene, 'work', 'process');
      return checkOutputs(scene, await recordOf(scene, small));
    },
  ],
  [
    'what is no picture: rejected, with the reason',
    async () => {
      await upload(scene, 'notes.txt', Buffer.from('no picture'));
      await deliver(scene, 'uploads', 'dispatch');
      await deliver(scene, 'work', 'process');
      const { state, error } = await recordOf(scene, 'notes.txt');
      assert.equal(state, 'rejected');
      return error?.code;
    },
  ],
  [
    `npm run status -- --stage ${scene.stack.names.stack.slice('kadam-'.length)}: finds it`,
    async () => {
      const { jobs } = JSON.parse(expectCode(await kadam('status', small, '--json')));
      assert.deepEqual([jobs.length, jobs[0].job.state, jobs[0].manifest.status], [1, 'done', 'done']);
    },
  ],
  [
    'npm run reprocess: asks dispatch through the queue, and the picture is filtered once more',
    async () => {
      expectCode(await kadam('reprocess', small));
      await deliver(scene, 'uploads', 'dispatch');
      await deliver(scene, 'work', 'process');
      const job = await recordOf(scene, small);
      assert.equal(job.run, 2);
      return checkOutputs(scene, job);
    },
  ],
  [
    'npm run redrive: a dead letter of the uploads goes back to their queue',
    async () => {
      const { sqs } = scene.stack.clients;
      const MessageBody = JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent' });
      await sqs.send(new SendMessageCommand({ QueueUrl: scene.stack.queueUrl('uploads-dead'), MessageBody }));
      assert.match(expectCode(await kadam('redrive', 'uploads')), /1 dead letter sent back/);
      await deliver(scene, 'uploads', 'dispatch');
    },
  ],
];

/** Runs what a job definition says, on this machine instead of in its image. */
const runContainer = async (scene: Scene, job: Job): Promise<void> => {
  const definition = (await revisionsOf(scene.stack, 'filter')).at(-1);
  const parameters = { ...definition?.parameters, job: job.id };
  const [program, ...words] = (definition?.containerProperties?.command ?? []).map((word) =>
    word.replace(
      /^Ref::(\w+)$/,
      (_, name: string) => Object.entries(parameters).find(([key]) => key === name)?.[1] ?? '',
    ),
  );
  assert.equal(program, 'node');
  const sdk = Object.entries(scene.sdk).filter(([name]) => name.startsWith('AWS_'));
  const env = {
    ...Object.fromEntries(sdk),
    PATH: process.env.PATH,
    // What Batch itself sets.
    ...{ AWS_BATCH_JOB_ID: 'verify', AWS_BATCH_JOB_ATTEMPT: '1', AWS_BATCH_JQ_NAME: `${prefix}-spot` },
    ...containerEnvironment(definition),
  };
  const child = spawn(process.execPath, words, { cwd: scene.folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [[code], stdout, stderr] = await Promise.all([
    once(child, 'close'),
    buffer(child.stdout),
    buffer(child.stderr),
  ]);
  assert.equal(code, 0, `the container ended with ${code}: ${`${stdout}${stderr}`.slice(-2000)}`);
};

const patienceMilliseconds = 60_000;

/** The ARN of the one execution that there is. */
const onlyExecution = async ({ stack: { clients, names, arn } }: Scene): Promise<string | undefined> => {
  const all = new ListExecutionsCommand({ stateMachineArn: arn('states', `stateMachine:${names.stateMachine}`) });
  const { executions = [] } = await clients.stepFunctions.send(all);
  assert.equal(executions.length, 1);
  return executions[0]?.executionArn;
};

/** A picture on the other way, by the recipe that came with the second deployment. */
export const batchPictures = (scene: Scene): Checks => [
  [
    'a picture of the new recipe: dispatch starts an execution, with the new revision of the job definition',
    async () => {
      await upload(scene, large, await picture(), addedRecipe);
      await deliver(scene, 'uploads', 'dispatch');
      const job = await recordOf(scene, large);
      assert.deepEqual([job.state, job.decision.target, job.decision.container], ['queued', 'batch', 'filter']);
      const executionArn = await onlyExecution(scene);
      const started = new DescribeExecutionCommand({ executionArn });
      const execution = await scene.stack.clients.stepFunctions.send(started);
      const input = JSON.parse(execution.input ?? '');
      assert.equal(input.job, job.id);
      assert.equal(input.jobDefinition, scene.stack.arn('batch', `job-definition/${prefix}-filter:2`));
      return execution.name;
    },
  ],
  [
    "the container's command, run here with the environment of its job definition, writes outputs and manifest",
    async () => {
      await runContainer(scene, await recordOf(scene, large));
      return checkOutputs(scene, await recordOf(scene, large));
    },
  ],
  [
    "moto's interpreter runs the state machine: what it cannot submit to Batch is caught and settled",
    async () => {
      const { stepFunctions } = scene.stack.clients;
      const executionArn = await onlyExecution(scene);
      const isRunning = async (): Promise<boolean> =>
        (await stepFunctions.send(new DescribeExecutionCommand({ executionArn }))).status === 'RUNNING';
      const until = Date.now() + patienceMilliseconds;
      while ((await isRunning()) && Date.now() < until) await sleep(200);
      const { events = [] } = await stepFunctions.send(new GetExecutionHistoryCommand({ executionArn }));
      const states = events.flatMap(({ stateEnteredEventDetails: entered }) => entered?.name ?? []);
      assert.ok(!(await isRunning()), `still running: ${states.join(' -> ')}`);
      assert.ok(states.includes('Settle the failure'), states.join(' -> '));
      return states.join(' -> ');
    },
  ],
  [
    'settle answers what became of it, and announces it',
    async () => {
      const { id: job, execution } = await recordOf(scene, large);
      const { stack, folder, sdk } = scene;
      const archive = archiveOf(folder, 'settle');
      const event = { job, execution };
      const answer = await runFunction(stack.clients.lambda, `${prefix}-settle`, archive, sdk, event);
      assert.match(JSON.stringify(answer), /"status":"done"/);
      assert.equal((await recordOf(scene, large)).eventPublished, true);
    },
  ],
];
