import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { BatchClient, DescribeJobQueuesCommand } from '@aws-sdk/client-batch';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../core/errors.ts';
import { type Gateway, type ServiceName, type Services, startGateway } from '../../../local/gateway.ts';
import { credentials, region } from '../../../local/names.ts';

const gateways: Gateway[] = [];
const start = async (options: Parameters<typeof startGateway>[0]) => {
  const gateway = await startGateway(options);
  gateways.push(gateway);
  return gateway;
};
afterEach(async () => {
  await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
});

/** Services that note who was called and answer with what every protocol takes for an empty success. */
const recordingServices = (seen: string[]): Services => {
  const record = (name: ServiceName) => ({
    handle(request: IncomingMessage, response: import('node:http').ServerResponse) {
      seen.push(name);
      request.resume();
      if (name === 's3') response.end('<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>');
      else response.end('{}');
    },
    close: async () => {},
  });
  const names = ['s3', 'sqs', 'dynamodb', 'events', 'lambda', 'states', 'batch'] as const;
  return Object.fromEntries(names.map((name) => [name, record(name)]));
};

describe('startGateway', () => {
  it('hands the request of each SDK client to its service', async () => {
    const seen: string[] = [];
    const { endpoint } = await start({ services: recordingServices(seen) });
    const config = { endpoint, region, credentials };
    await new S3Client(config).send(new ListBucketsCommand());
    await new SQSClient(config).send(new ListQueuesCommand());
    await new DynamoDBClient(config).send(new ListTablesCommand());
    await new EventBridgeClient(config).send(new PutEventsCommand({ Entries: [] }));
    await new LambdaClient(config).send(new ListFunctionsCommand());
    await new SFNClient(config).send(new ListStateMachinesCommand());
    await new BatchClient(config).send(new DescribeJobQueuesCommand());
    expect(seen).toEqual(['s3', 'sqs', 'dynamodb', 'events', 'lambda', 'states', 'batch']);
  });

  it.each([
    ['a presigned URL', '/?X-Amz-Credential=kadam%2F20250101%2Fus-east-1%2Flambda%2Faws4_request', {}, 'lambda'],
    ['no sign at all', '/bucket/key', {}, 's3'],
    ['a path that is no URL', '//', {}, 's3'],
  ])('finds the service from %s', async (_, path, headers, service) => {
    const seen: string[] = [];
    const { endpoint } = await start({ services: recordingServices(seen) });
    await fetch(endpoint + path, { headers });
    expect(seen).toEqual([service]);
  });

  it('finds a service that was added after the start', async () => {
    const seen: string[] = [];
    const services: Services = {};
    const { endpoint } = await start({ services });
    Object.assign(services, recordingServices(seen));
    await fetch(`${endpoint}/bucket/key`);
    expect(seen).toEqual(['s3']);
  });

  it.each([
    ['absent', 'states'],
    ['unknown', 'quantumledger'],
    ['named like something else', 'constructor'],
  ])('answers 501 for a service that is %s', async (_, service) => {
    const { endpoint } = await start({ services: {} });
    const response = await fetch(endpoint, {
      headers: {
        Authorization: `AWS4-HMAC-SHA256 Credential=k/20250101/us-east-1/${service}/aws4_request, Signature=s`,
      },
    });
    expect(response.status).toBe(501);
    expect(await response.json()).toMatchObject({
      __type: 'NotImplemented',
      message: expect.stringContaining(service),
    });
  });

  it('leaves what is outside any bucket to the fallback, and unsigned objects to S3', async () => {
    const seen: string[] = [];
    const { endpoint } = await start({
      services: recordingServices(seen),
      fallback: (request, response) => response.end(`console: ${request.url}`),
    });
    expect(await (await fetch(endpoint)).text()).toBe('console: /');
    expect(await (await fetch(`${endpoint}/_kadam/jobs`)).text()).toBe('console: /_kadam/jobs');
    await fetch(`${endpoint}/bucket/_key`);
    expect(seen).toEqual(['s3']);
  });

  it('says what to do when the port is taken', async () => {
    const { port } = await start({ services: {} });
    const second = start({ port, services: {} });
    await expect(second).rejects.toThrow(ConfigurationError);
    await expect(second).rejects.toMatchObject({
      code: 'PortUnavailable',
      message: expect.stringMatching(new RegExp(`port ${port}.*--port`)),
    });
  });

  it('ends kept and busy connections when it closes', async () => {
    const agent = new Agent({ keepAlive: true });
    const gateway = await startGateway({
      services: {
        s3: {
          handle: (request, response) => (request.url === '/idle' ? response.end('done') : response.write('begun')),
          close: async () => {},
        },
      },
    });
    const ask = async (path: string): Promise<IncomingMessage> => {
      const [response] = await once(get(gateway.endpoint + path, { agent }), 'response');
      return response;
    };
    await text(await ask('/idle'));
    const busy = await ask('/busy');
    const cut = once(busy, 'error');
    await gateway.close();
    expect(await cut).toMatchObject([{ code: 'ECONNRESET' }]);
    await expect(fetch(gateway.endpoint)).rejects.toThrow();
    agent.destroy();
  });
});
