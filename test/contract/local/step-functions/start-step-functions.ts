import type { DescribeJobsCommandOutput } from '@aws-sdk/client-batch';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { vi } from 'vitest';
import type { JobDefinition } from '../../../../local/batch/submit-job.ts';
import { stateMachineArn } from '../../../../local/names.ts';
import type { LocalService } from '../../../../local/service.ts';
import {
  createStepFunctions,
  type StepFunctionsOptions,
} from '../../../../local/step-functions/create-step-functions.ts';
import { serve, startBatch } from '../batch/start-batch.ts';

/** A request that some other service was sent, and what it answers. */
export type FakeService = (path: string, body: unknown) => { status?: number; headers?: object; body: unknown };

const throttled = { code: 'TooManyRequestsException', status: 429 };
const away = { code: 'ServerException', status: 500 };

/**
 * Step Functions and a real Batch behind one endpoint, as in the embedded cloud, and a fake for every other service.
 * Retries wait a hundredth of what they say.
 */
export async function startStepFunctions(options: {
  definitions: Record<string, unknown>;
  jobDefinitions?: JobDefinition[];
  queues?: string[];
  onEnd?: StepFunctionsOptions['onEnd'];
  fake?: FakeService;
  dataDir?: string;
}) {
  const { dataDir } = options;
  const batch = await startBatch({
    jobDefinitions: options.jobDefinitions ?? [],
    queues: options.queues ?? ['jobs'],
    dataDir: dataDir && `${dataDir}/batch`,
  });
  const outage = { submitJob: 0, describeJobs: 0, terminateJob: 0 };
  const altered = { jobs: (answer: DescribeJobsCommandOutput): unknown => answer };
  const services: { states?: LocalService } = {};
  const server = await serve(async (request, response) => {
    const target = String(request.headers['x-amz-target']);
    const path = request.url ?? '';
    if (target.startsWith('AWSStepFunctions.')) return services.states?.handle(request, response);
    const fault =
      (path === '/v1/submitjob' && outage.submitJob-- > 0 && throttled) ||
      (path === '/v1/describejobs' && outage.describeJobs-- > 0 && away) ||
      (path === '/v1/terminatejob' && outage.terminateJob-- > 0 && away);
    if (fault) {
      response.writeHead(fault.status, { 'x-amzn-errortype': fault.code }).end('{"message":"not now"}');
      return;
    }
    if (path === '/v1/describejobs') {
      const end = response.end.bind(response);
      response.end = (text?: unknown) => end(JSON.stringify(altered.jobs(JSON.parse(String(text)))));
    }
    if (path.startsWith('/v1/')) return batch.service.handle(request, response);
    let text = '';
    for await (const chunk of request) text += chunk;
    const { status = 200, headers = {}, body } = options.fake?.(path, JSON.parse(text)) ?? { status: 500, body: {} };
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  });
  const service = await createStepFunctions({
    stateMachines: Object.entries(options.definitions).map(([name, definition]) => ({ name, definition })),
    endpoint: server.clientConfig.endpoint,
    onEnd: options.onEnd,
    dataDir: dataDir && `${dataDir}/step-functions`,
    retryDelayScale: 0.01,
  });
  services.states = service;
  const client = new SFNClient(server.clientConfig);
  const describe = (executionArn: string) => client.send(new DescribeExecutionCommand({ executionArn }));
  const end = (executionArn: string) =>
    vi.waitUntil(
      async () => {
        const execution = await describe(executionArn);
        return execution.status !== 'RUNNING' && execution;
      },
      { timeout: 20_000, interval: 20 },
    );
  const start = async (stateMachine: string, input: unknown = {}, name?: string) => {
    const { executionArn = '' } = await client.send(
      new StartExecutionCommand({
        stateMachineArn: stateMachineArn(stateMachine),
        input: JSON.stringify(input),
        name,
      }),
    );
    return executionArn;
  };
  return {
    service,
    batch,
    client,
    /** How many of the next requests of a kind Batch fails to answer. */
    outage,
    /** What becomes of Batch's answer to DescribeJobs on its way. */
    altered,
    describe,
    start,
    end,
    /** Runs an execution to its end. */
    run: async (stateMachine: string, input?: unknown) => end(await start(stateMachine, input)),
    history: async (executionArn: string) =>
      (await client.send(new GetExecutionHistoryCommand({ executionArn }))).events ?? [],
    async close() {
      client.destroy();
      await service.close();
      await batch.close();
      await server.close();
    },
  };
}

/** A definition of one state machine from its states; the first is where it starts. */
export const machine = (States: Record<string, object>, more: object = {}) => ({
  StartAt: Object.keys(States)[0],
  States,
  ...more,
});
