import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { photoLike } from '../../cli/photo-like.ts';
import { exitCodes } from '../../containers/filter/exit-codes.ts';
import type { Job } from '../../core/jobs/job.ts';
import type { Manifest } from '../../core/jobs/manifest.ts';
import {
  type Attempt,
  type ContainerHost,
  type RunningAttempt,
  runContainer,
  runProcess,
} from './container-attempt.ts';
import type { ContainerCloud } from './container-cloud.ts';

export type Checks = [what: string, run: () => Promise<void>][];

/** What a killed program's exit code is: 128 and SIGKILL's number. */
const killed = 137;

/** What the container does as a Batch job: its bytes, its exit codes, and how it takes being stopped. */
export const jobChecks = (host: ContainerHost, cloud: ContainerCloud): Checks => {
  const photo = (width: number, height: number) => photoLike({ width, height }).jpeg().toBuffer();
  const attemptOf = (job: Pick<Job, 'id'>): Attempt => ({
    job: job.id,
    memoryMiB: 4096,
    environment: cloud.environment,
  });
  const ends = async ({ ended }: RunningAttempt, expected: number): Promise<string> => {
    const { code, output } = await ended;
    assert.equal(code, expected, `ended with ${code}: ${output.slice(-1500)}`);
    return output;
  };
  const manifestOf = async ({ manifestKey = '' }: Job): Promise<Manifest> =>
    JSON.parse((await cloud.read(manifestKey)).toString());
  const isOpen = async (job: Job): Promise<void> => {
    const { state, claim } = await cloud.job(job.id);
    assert.deepEqual({ state, claim }, { state: 'running', claim: undefined });
    assert.equal(await cloud.versions(job.upload.key), 0, 'something was written to the output bucket');
    assert.deepEqual(await readdir(host.scratch), [], 'something is left on the scratch disk');
  };

  return [
    [
      'writes the bytes that a process of this machine writes, without any capability, and settle announces them',
      async () => {
        const body = await photo(1200, 800);
        const [here, there] = [await cloud.queueJob('a.jpg', body, 'web'), await cloud.queueJob('b.jpg', body, 'web')];
        await ends(runProcess(host.jobFile, attemptOf(here)), exitCodes.ended);
        await ends(runContainer(host, attemptOf(there)), exitCodes.ended);
        const [expected, received] = [await manifestOf(here), await manifestOf(there)];
        assert.equal(received.status, 'done');
        assert.ok(expected.outputs.length > 5);
        assert.deepEqual(
          received.outputs.map(({ checksum, width, height }) => ({ checksum, width, height })),
          expected.outputs.map(({ checksum, width, height }) => ({ checksum, width, height })),
        );
        for (const [index, { key }] of received.outputs.entries()) {
          const same = await cloud.read(expected.outputs[index]?.key ?? '');
          assert.ok((await cloud.read(key)).equals(same), `${key} differs`);
        }
        assert.match(await cloud.settle(there), /"done"/);
        const announced = cloud.events().filter(({ detail }) => JSON.stringify(detail).includes(there.id));
        assert.deepEqual(
          announced.map(({ detailType }) => detailType),
          ['Job done'],
        );
      },
    ],
    [
      `ends with ${exitCodes.ended} where the picture is rejected, and the manifest says why`,
      async () => {
        const whole = await photo(800, 600);
        const job = await cloud.queueJob('cut.jpg', whole.subarray(0, whole.length / 2), 'web');
        await ends(runContainer(host, attemptOf(job)), exitCodes.ended);
        const { status, error } = await manifestOf(job);
        assert.deepEqual({ status, code: error?.code }, { status: 'rejected', code: 'CorruptImage' });
      },
    ],
    [
      `ends with ${exitCodes.tooLittleMemory} where the renderer needs more than the job was given`,
      async () => {
        const job = await cloud.queueJob('memory.jpg', await photo(6000, 4000), 'archive');
        const attempt = { ...attemptOf(job), memoryMiB: 220 };
        await ends(runContainer(host, attempt), exitCodes.tooLittleMemory);
        await isOpen(job);
      },
    ],
    [
      `ends with ${exitCodes.fault} where its environment is incomplete`,
      async () => {
        const environment = { ...cloud.environment, KADAM_OUTPUT_BUCKET: '' };
        const output = await ends(runContainer(host, { ...attemptOf({ id: 'any' }), environment }), exitCodes.fault);
        assert.match(output, /KADAM_OUTPUT_BUCKET/);
      },
    ],
    [
      `ends with ${exitCodes.tryAgain} where AWS does not answer`,
      async () => {
        const environment = { ...cloud.environment, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' };
        const attempt = { ...attemptOf({ id: 'any' }), environment };
        assert.match(await ends(runContainer(host, attempt), exitCodes.tryAgain), /ECONNREFUSED/);
      },
    ],
    [
      `ends with ${exitCodes.stopped} within 30 s of SIGTERM, leaves nothing, and the next attempt does the job`,
      async () => {
        const job = await cloud.queueJob('stopped.jpg', await photo(6000, 4000), 'denoise');
        const running = runContainer(host, attemptOf(job));
        await running.said(/"claimed"/);
        await running.stop();
        await ends(running, exitCodes.stopped);
        await isOpen(job);
        await ends(runContainer(host, attemptOf(job)), exitCodes.ended);
        assert.equal((await manifestOf(job)).status, 'done');
        assert.equal((await cloud.job(job.id)).attempt, 2);
      },
    ],
  ];
};

/** A container that brings a filter of its own, in another language. */
export const paintingChecks = (host: ContainerHost, cloud: ContainerCloud): Checks => [
  [
    'does a job whose recipe names its step',
    async () => {
      const body = await photoLike({ width: 900, height: 600 }).jpeg().toBuffer();
      const recipe = { steps: [{ painting: { radius: 5 } }], outputs: [{ name: 'full', formats: ['png'] }] };
      const job = await cloud.queueJob('painting.jpg', body, recipe);
      assert.equal(job.decision.container, 'painting');
      const attempt = { job: job.id, memoryMiB: 4096, environment: cloud.environment };
      const { code, output } = await runContainer(host, attempt).ended;
      assert.equal(code, exitCodes.ended, output.slice(-1500));
      const { status, outputs } = JSON.parse((await cloud.read(job.manifestKey ?? '')).toString());
      assert.equal(status, 'done');
      assert.deepEqual(
        outputs.map(({ width, height }: { width: number; height: number }) => [width, height]),
        [[900, 600]],
      );
    },
  ],
];

/** What the engine's hard limit does; needs cgroups. */
export const memoryChecks = (host: ContainerHost, cloud: ContainerCloud): Checks => {
  const attemptOf = (id: string): Attempt => ({ job: id, memoryMiB: 4096, environment: cloud.environment });
  return [
    [
      `ends with ${killed} where the container itself does not fit its memory`,
      async () => {
        const { code, output } = await runContainer(host, attemptOf('any'), 24).ended;
        assert.equal(code, killed, output.slice(-1500));
      },
    ],
    [
      `ends with ${exitCodes.tooLittleMemory} where the kernel kills its renderer`,
      async () => {
        // A progressive JPEG is decoded as a whole.
        const body = await photoLike({ width: 9000, height: 6000 }).jpeg({ progressive: true }).toBuffer();
        const job = await cloud.queueJob('killed.jpg', body, 'archive');
        const { code, output } = await runContainer(host, attemptOf(job.id), 256).ended;
        assert.equal(code, exitCodes.tooLittleMemory, output.slice(-1500));
        assert.equal((await cloud.job(job.id)).error?.code, 'OutOfMemory');
        assert.equal(await cloud.versions(job.upload.key), 0);
      },
    ],
  ];
};
