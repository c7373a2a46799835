import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  BatchClient,
  DescribeJobsCommand,
  type JobDetail,
  SubmitJobCommand,
  type SubmitJobCommandInput,
} from '@aws-sdk/client-batch';
import { vi } from 'vitest';
import { type BatchOptions, createBatch } from '../../../../local/batch/create-batch.ts';
import type { JobDefinition } from '../../../../local/batch/submit-job.ts';
import { credentials, region } from '../../../../local/names.ts';

/** Serves on a free port of 127.0.0.1, with what an AWS SDK client needs to find it. */
export async function serve(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const clientConfig = { endpoint: `http://127.0.0.1:${port}`, region, credentials, maxAttempts: 1 };
  return {
    clientConfig,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A job definition that runs a piece of JavaScript. */
export const script = (name: string, code: string, more: Partial<JobDefinition> = {}): JobDefinition => ({
  name,
  command: ['node', '-e', code],
  vcpus: 1,
  memoryMiB: 512,
  environment: {},
  retryStrategy: { attempts: 1 },
  ...more,
});

/** A Batch with one queue `jobs` behind HTTP, its client, and promises of how jobs end and of lines they print. */
export async function startBatch(options: Partial<BatchOptions> & Pick<BatchOptions, 'jobDefinitions'>) {
  const lines: string[] = [];
  const watchers = new Set<() => void>();
  const service = await createBatch({
    vcpus: 2,
    queues: ['jobs'],
    environment: {},
    workingDirectory: process.cwd(),
    stopGraceSeconds: 10,
    log: (line) => {
      lines.push(line);
      for (const watcher of [...watchers]) watcher();
    },
    ...options,
  });
  const until = <T>(find: () => T | undefined): Promise<T> =>
    new Promise((resolve) => {
      const watcher = () => {
        const found = find();
        if (found === undefined) return;
        watchers.delete(watcher);
        resolve(found);
      };
      watchers.add(watcher);
      watcher();
    });
  const server = await serve((request, response) => service.handle(request, response));
  const client = new BatchClient(server.clientConfig);
  return {
    service,
    client,
    lines,
    server,
    async submit(jobDefinition: string, more: Partial<SubmitJobCommandInput> = {}): Promise<string> {
      const { jobId } = await client.send(
        new SubmitJobCommand({ jobName: jobDefinition, jobQueue: 'jobs', jobDefinition, ...more }),
      );
      return jobId ?? '';
    },
    /** The job when it has ended. */
    jobEnd: (jobId: string): Promise<JobDetail> =>
      vi.waitUntil(
        async () => {
          const { jobs } = await client.send(new DescribeJobsCommand({ jobs: [jobId] }));
          return jobs?.find(({ status }) => status === 'SUCCEEDED' || status === 'FAILED');
        },
        { timeout: 20_000, interval: 20 },
      ),
    line: (text: string) => until(() => lines.find((line) => line.includes(text))),
    async close() {
      client.destroy();
      await service.close();
      await server.close();
    },
  };
}

/** Whether a process is alive; a zombie that nobody has waited for yet is not. */
export function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
