import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DescribeJobsCommand } from '@aws-sdk/client-batch';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isAlive, script, startBatch } from './start-batch.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'kadam-test-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const firstStays = `console.log("attempt", process.env.AWS_BATCH_JOB_ATTEMPT, process.pid);
  if (process.env.AWS_BATCH_JOB_ATTEMPT === "1") setInterval(() => {}, 1e6)`;
const options = () => ({
  dataDir,
  vcpus: 1,
  jobDefinitions: [
    script('retried', firstStays, { retryStrategy: { attempts: 2 } }),
    script('once', firstStays),
    script('waiting', 'console.log("done")'),
  ],
});

it('ends a running job’s attempt, retries it by its rules, and runs what was waiting', async () => {
  const before = await startBatch(options());
  const retried = await before.submit('retried');
  const waiting = await before.submit('waiting');
  const dependent = await before.submit('waiting', { dependsOn: [{ jobId: waiting }] });
  const pid = Number((await before.line('retried: attempt 1')).split(' ').at(-1));
  await before.close();
  expect(isAlive(pid)).toBe(false);

  const after = await startBatch(options());
  const job = await after.jobEnd(retried);
  expect(job.attempts).toMatchObject([
    { statusReason: 'Host EC2 (instance local) terminated.' },
    { statusReason: 'Essential container in task exited', container: { exitCode: 0 } },
  ]);
  expect(await after.jobEnd(waiting)).toMatchObject({ status: 'SUCCEEDED' });
  expect(await after.jobEnd(dependent)).toMatchObject({ status: 'SUCCEEDED' });
  await after.close();
});

it('fails a job that has no attempt left, and remembers it', async () => {
  const before = await startBatch(options());
  const jobId = await before.submit('once');
  await before.line('once: attempt 1');
  await before.close();
  for (const _restart of [1, 2]) {
    const after = await startBatch(options());
    const { jobs } = await after.client.send(new DescribeJobsCommand({ jobs: [jobId] }));
    expect(jobs).toMatchObject([{ status: 'FAILED', statusReason: 'Host EC2 (instance local) terminated.' }]);
    await after.close();
  }
});

it('lets no job outlive a Kadam that was killed', async () => {
  const host = fork(fileURLToPath(new URL('./batch-host.ts', import.meta.url)), [dataDir], { execArgv: [] });
  const [pid] = await once(host, 'message');
  expect(isAlive(pid)).toBe(true);
  host.kill('SIGKILL');
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
  await expect.poll(() => readdirSync(join(dataDir, 'tmp'))).toEqual([]);
});

it('names the record that it cannot read', async () => {
  await (await startBatch(options())).close();
  writeFileSync(join(dataDir, 'jobs', 'broken.json'), '{');
  await expect(startBatch(options())).rejects.toMatchObject({
    name: 'ConfigurationError',
    message: expect.stringContaining('broken.json'),
  });
});
