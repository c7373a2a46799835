// A Batch in a process of its own that can be killed: tells its parent the process id of its one job.
import { BatchClient, SubmitJobCommand } from '@aws-sdk/client-batch';
import { createBatch } from '../../../../local/batch/create-batch.ts';
import { serve } from './start-batch.ts';

const [dataDir = ''] = process.argv.slice(2);
const service = await createBatch({
  vcpus: 1,
  queues: ['jobs'],
  jobDefinitions: [
    {
      name: 'stay',
      command: ['node', '-e', 'console.log(process.pid); setInterval(() => {}, 1e6)'],
      vcpus: 1,
      memoryMiB: 512,
      environment: {},
      retryStrategy: { attempts: 1 },
    },
  ],
  environment: {},
  workingDirectory: process.cwd(),
  dataDir,
  log: (line) => process.send?.(Number(line.split(' ').at(-1))),
});
const server = await serve((request, response) => service.handle(request, response));
const client = new BatchClient(server.clientConfig);
await client.send(new SubmitJobCommand({ jobName: 'stay', jobQueue: 'jobs', jobDefinition: 'stay' }));
