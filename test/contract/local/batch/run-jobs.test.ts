import { readFileSync } from 'node:fs';
import { DescribeJobsCommand } from '@aws-sdk/client-batch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAlive, script, startBatch } from './start-batch.ts';

let batch: Awaited<ReturnType<typeof startBatch>>;

beforeAll(async () => {
  batch = await startBatch({
    environment: { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', COLOUR: 'from options', SHAPE: 'from options' },
    jobDefinitions: [
      script('print', 'console.log("to stdout"); console.error("to stderr")'),
      script('exit', 'process.exit(Number(process.argv[1]))', {
        command: ['node', '-e', 'process.exit(Number(process.argv[1]))', 'Ref::code', 'Ref::unset'],
        parameters: { code: '7' },
      }),
      script('signal', 'process.kill(process.pid, "SIGSEGV")'),
      script('environment', 'console.log(JSON.stringify(process.env))', {
        environment: { SHAPE: 'from definition', SIZE: 'from definition' },
      }),
      script('temporary', 'fs.writeFileSync(process.env.TMPDIR + "/left", "x"); console.log(process.env.TMPDIR)'),
      script('hungry', 'const all = []; setInterval(() => all.push(Buffer.alloc(3e7, 1)), 20)', { memoryMiB: 200 }),
      script('slow', 'process.on("SIGTERM", () => process.exit(0)); console.log("up"); setInterval(() => {}, 1e6)', {
        timeoutSeconds: 1,
        retryStrategy: { attempts: 3 },
      }),
      script('imageless', '', { image: 'nowhere/Dockerfile', retryStrategy: { attempts: 2 } }),
      script('missing', '', { command: ['/no/such/program'] }),
      script(
        'grandchild',
        'const c = child_process.spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)"], { stdio: "inherit" });' +
          'console.log("pid", c.pid); c.once("spawn", () => process.exit(0))',
      ),
    ],
  });
});
afterAll(() => batch.close());

describe('a job', () => {
  it('that exits with 0 succeeds, and its log holds both its outputs', async () => {
    const job = await batch.jobEnd(await batch.submit('print'));
    expect(job).toMatchObject({
      status: 'SUCCEEDED',
      statusReason: 'Essential container in task exited',
      container: { exitCode: 0, vcpus: 1, memory: 512 },
    });
    expect(job.attempts).toHaveLength(1);
    expect(job.attempts?.[0]).toMatchObject({
      statusReason: 'Essential container in task exited',
      container: { exitCode: 0, logStreamName: job.container?.logStreamName },
    });
    const log = readFileSync(batch.service.logFile(job.container?.logStreamName ?? ''), 'utf8');
    expect(log.split('\n').sort()).toEqual(['', 'to stderr', 'to stdout']);
    expect(batch.lines).toContain('print: to stdout');
    expect(batch.lines).toContain('print: to stderr');
  });

  it('is described by DescribeJobs as it is by its end, by id and by ARN', async () => {
    const jobId = await batch.submit('print');
    const job = await batch.jobEnd(jobId);
    for (const name of [jobId, job.jobArn ?? '']) {
      const { jobs } = await batch.client.send(new DescribeJobsCommand({ jobs: [name, 'unknown'] }));
      expect(jobs).toEqual([JSON.parse(JSON.stringify(job))]);
    }
    expect(job).toMatchObject({
      jobQueue: 'arn:aws:batch:us-east-1:000000000000:job-queue/jobs',
      jobDefinition: 'arn:aws:batch:us-east-1:000000000000:job-definition/print:1',
    });
    expect(job.createdAt).toBeLessThanOrEqual(job.startedAt ?? 0);
    expect(job.startedAt).toBeLessThanOrEqual(job.stoppedAt ?? 0);
  });

  it('that exits with another code fails with that code', async () => {
    const job = await batch.jobEnd(await batch.submit('exit'));
    expect(job).toMatchObject({
      status: 'FAILED',
      statusReason: 'Essential container in task exited',
      container: { exitCode: 7 },
    });
  });

  it('gets parameters in place of its Ref:: words, and keeps those without a value', async () => {
    const job = await batch.jobEnd(await batch.submit('exit', { parameters: { code: '9' } }));
    expect(job.container?.exitCode).toBe(9);
    expect(job.container?.command?.slice(3)).toEqual(['9', 'Ref::unset']);
  });

  it('that dies by a signal has the exit code 128 + its number', async () => {
    const job = await batch.jobEnd(await batch.submit('signal'));
    expect(job).toMatchObject({ status: 'FAILED', container: { exitCode: 128 + 11 } });
  });

  it('gets the definition’s environment over the service’s, and nothing of Kadam’s', async () => {
    process.env.KADAM_TEST_SECRET = 'not for jobs';
    const jobId = await batch.submit('environment');
    await batch.jobEnd(jobId);
    delete process.env.KADAM_TEST_SECRET;
    const line = await batch.line('environment: {');
    const { PATH, HOME, TMPDIR, ...environment } = JSON.parse(line.slice('environment: '.length));
    expect({ PATH, HOME }).toEqual({ PATH: process.env.PATH, HOME: process.env.HOME });
    expect(TMPDIR).toContain(jobId);
    expect(environment).toEqual({
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      COLOUR: 'from options',
      SHAPE: 'from definition',
      SIZE: 'from definition',
      AWS_BATCH_JOB_ID: jobId,
      AWS_BATCH_JOB_ATTEMPT: '1',
      AWS_BATCH_JQ_NAME: 'jobs',
      AWS_BATCH_CE_NAME: 'jobs',
    });
  });

  it('leaves nothing of its temporary folder', async () => {
    await batch.jobEnd(await batch.submit('temporary'));
    const line = await batch.line('temporary: /');
    expect(() => readFileSync(`${line.slice('temporary: '.length)}/left`)).toThrow('ENOENT');
  });

  it('over its memory is killed with AWS’s reason', async () => {
    const job = await batch.jobEnd(await batch.submit('hungry'));
    expect(job).toMatchObject({
      status: 'FAILED',
      container: { exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' },
    });
  });

  it('over its time gets SIGTERM and fails without a retry, even if it then exits with 0', async () => {
    const job = await batch.jobEnd(await batch.submit('slow'));
    expect(job).toMatchObject({
      status: 'FAILED',
      statusReason: 'Job attempt duration exceeded timeout',
      container: { exitCode: 0 },
    });
    expect(job.attempts).toHaveLength(1);
  });

  it('whose command does not exist never starts', async () => {
    const job = await batch.jobEnd(await batch.submit('missing'));
    expect(job).toMatchObject({
      status: 'FAILED',
      statusReason: 'Task failed to start',
      container: { reason: expect.stringMatching(/^CannotStartContainerError: .*ENOENT/) },
    });
    expect(job.container?.exitCode).toBeUndefined();
  });

  it('whose image is not there is not pulled, and tried again as its rules say', async () => {
    const job = await batch.jobEnd(await batch.submit('imageless'));
    expect(job).toMatchObject({
      status: 'FAILED',
      statusReason: 'Task failed to start',
      container: { image: 'nowhere/Dockerfile', reason: expect.stringMatching(/^CannotPullContainerError: .*nowhere/) },
    });
    expect(job.container?.exitCode).toBeUndefined();
    expect(job.attempts).toHaveLength(2);
  });

  it('takes its whole process group with it', async () => {
    const jobId = await batch.submit('grandchild');
    expect(await batch.jobEnd(jobId)).toMatchObject({ status: 'SUCCEEDED' });
    const pid = Number((await batch.line('grandchild: pid ')).split(' ').at(-1));
    await expect.poll(() => isAlive(pid)).toBe(false);
  });
});
