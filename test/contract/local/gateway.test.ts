import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { BatchClient, DescribeJobQueuesCommand } from '@aws-sdk/client-batch';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../core/errors.ts';
import { type Gateway, type ServiceName, type Services, startGateway } from '../../../local/gateway.ts';
import { serveJson } from '../../../local/json-protocol.ts';
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
    ['a presigned URL of version 2', '/?AWSAccessKeyId=kadam&Expires=1&Signature=x', {}, 's3'],
    ['a signature without a scope', '/', { authorization: 'AWS kadam:x' }, 's3'],
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

describe('a service of a JSON protocol', () => {
  /** One that answers what it is asked, behind the gateway. */
  const echo = async (onRequest?: (request: IncomingMessage) => void) => {
    const operationOf = () => (body: unknown) => ({ echoed: body });
    const handle = serveJson({ operationOf, malformed: 'ValidationException', maxBytes: 1000 });
    const service = { handle, close: async () => {} };
    return start({ services: { events: service, lambda: service }, onRequest });
  };
  const put = (endpoint: string, more: object = {}) =>
    new EventBridgeClient({ endpoint, region, credentials, maxAttempts: 1, ...more }).send(
      new PutEventsCommand({ Entries: [] }),
    );

  it('answers a signed request, whatever its path has to encode', async () => {
    const { endpoint } = await echo();
    await put(endpoint);
    await put(endpoint, { region: 'eu-central-1' });
    const invoke = new InvokeCommand({
      FunctionName: 'arn:aws:lambda:us-east-1:000000000000:function:a',
      Payload: '{"a":1}',
    });
    const { Payload } = await new LambdaClient({ endpoint, region, credentials }).send(invoke);
    expect(Payload?.transformToString()).toBe('{"echoed":{"a":1}}');
  });

  it.each([
    ['by an unknown key', { ...credentials, accessKeyId: 'AKID' }, 0, 'UnrecognizedClientException'],
    ['with a wrong secret', { ...credentials, secretAccessKey: 'wrong' }, 0, 'InvalidSignatureException'],
    ['too long ago', credentials, -16 * 60_000, 'InvalidSignatureException'],
  ])('refuses one that was signed %s', async (_, keyPair, systemClockOffset, name) => {
    const { endpoint } = await echo();
    const call = put(endpoint, { credentials: keyPair, systemClockOffset });
    await expect(call).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 403 } });
  });

  it('refuses one whose body or signature was changed', async () => {
    const seen: IncomingMessage[] = [];
    const { endpoint } = await echo((request) => seen.push(request));
    await put(endpoint);
    const { authorization = '', 'x-amz-date': date = '' } = seen[0]?.headers ?? {};
    const answer = async (body: string, sent: Record<string, string> = {}) => {
      const names = /SignedHeaders=([^,]*)/.exec(authorization)?.[1]?.split(';') ?? [];
      const signed = names.map((name) => [name, String(seen[0]?.headers[name])]);
      const headers = { ...Object.fromEntries(signed), authorization, 'x-amz-date': date, ...sent };
      return (await fetch(endpoint, { method: 'POST', headers, body })).json();
    };
    expect(await answer('{"Entries":[]}')).toMatchObject({ echoed: { Entries: [] } });
    expect(await answer('{"entries":[]}')).toMatchObject({ __type: 'InvalidSignatureException' });
    const broken = { authorization: authorization.replace('SignedHeaders', 'Headers') };
    expect(await answer('{"Entries":[]}', broken)).toMatchObject({ __type: 'IncompleteSignatureException' });
    expect(await answer('{"Entries":[]}', { 'x-amz-date': '' })).toMatchObject({
      __type: 'MissingAuthenticationTokenException',
    });
  });
});
