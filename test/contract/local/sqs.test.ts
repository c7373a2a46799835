import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it } from 'vitest';
import { type Services, startGateway } from '../../../local/gateway.ts';
import { credentials, queueArn, region } from '../../../local/names.ts';
import { createSqs } from '../../../local/sqs.ts';
import { sendAsIs } from './s3/s3-harness.ts';
import { sha256, signRequest, type Unsigned } from './s3/sign-request.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const startCloud = async (dataDir?: string) => {
  const services: Services = {};
  const gateway = await startGateway({ services });
  const sqs = await createSqs({ endpoint: gateway.endpoint, dataDir });
  services.sqs = sqs;
  const client = new SQSClient({ endpoint: gateway.endpoint, region, credentials });
  let open = true;
  const close = async () => {
    if (!open) return;
    open = false;
    client.destroy();
    await sqs.close();
    await gateway.close();
  };
  cleanUps.push(close);
  const receive = async (QueueUrl: string, WaitTimeSeconds = 20): Promise<Message | undefined> => {
    const { Messages } = await client.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds, MessageSystemAttributeNames: ['All'] }),
    );
    return Messages?.[0];
  };
  return { ...gateway, services, sqs, client, receive, close };
};

const temporaryFolder = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kadam-sqs-'));
  cleanUps.push(() => rm(folder, { recursive: true }));
  return folder;
};

describe('createSqs', () => {
  it('sends, receives and deletes through a queue URL that leads through the gateway', async () => {
    const { endpoint, sqs, client, receive } = await startCloud();
    const { url, arn } = sqs.createQueue('work');
    expect(url).toBe(`${endpoint}/000000000000/work`);
    expect(arn).toBe(queueArn('work'));
    expect(await client.send(new GetQueueUrlCommand({ QueueName: 'work' }))).toMatchObject({ QueueUrl: url });

    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'hello' }));
    const message = await receive(url);
    expect(message).toMatchObject({ Body: 'hello', Attributes: { ApproximateReceiveCount: '1' } });
    await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: message?.ReceiptHandle }));
    const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }));
    expect(Attributes).toMatchObject({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
    });
  });

  it('wakes a long poll with a message that comes later', async () => {
    const { sqs, receive } = await startCloud();
    const { url } = sqs.createQueue('work');
    const polled = receive(url);
    await sqs.send('work', 'later');
    expect(await polled).toMatchObject({ Body: 'later' });
  });

  it('moves a message that was received too often to the dead letters', async () => {
    const { sqs, receive } = await startCloud(await temporaryFolder());
    const dead = sqs.createQueue('dead');
    const { url } = sqs.createQueue('work', {
      visibilityTimeoutSeconds: 0,
      deadLetters: { queue: 'dead', maxReceiveCount: 2 },
    });
    await sqs.send('work', 'poison');
    expect(await receive(url)).toMatchObject({ Body: 'poison' });
    expect(await receive(url)).toMatchObject({ Body: 'poison' });
    expect(await receive(url, 0)).toBeUndefined();
    expect(await receive(dead.url)).toMatchObject({ Body: 'poison' });
  });

  it('keeps queues and messages over a restart on another port', async () => {
    const folder = await temporaryFolder();
    const before = await startCloud(folder);
    const { url } = before.sqs.createQueue('work', { visibilityTimeoutSeconds: 1 });
    await before.sqs.send('work', 'ready');
    await before.sqs.send('work', 'in flight');
    const taken = await before.receive(url);
    await before.close();

    const after = await startCloud(folder);
    const { url: newUrl } = after.sqs.createQueue('work', { visibilityTimeoutSeconds: 30 });
    expect(newUrl).toBe(`${after.endpoint}/000000000000/work`);
    expect(await after.client.send(new GetQueueUrlCommand({ QueueName: 'work' }))).toMatchObject({
      QueueUrl: newUrl,
    });
    const bodies = [await after.receive(newUrl), await after.receive(newUrl)].map((message) => ({
      body: message?.Body,
      receives: message?.Attributes?.ApproximateReceiveCount,
    }));
    expect(bodies).toContainEqual({ body: taken?.Body, receives: '2' });
    expect(bodies.map(({ body }) => body).sort()).toEqual(['in flight', 'ready']);
  });

  it('gives no message to a poll whose client has gone', async () => {
    const { sqs, client, receive, services } = await startCloud();
    const { url } = sqs.createQueue('work', { visibilityTimeoutSeconds: 300 });
    const arrived = Promise.withResolvers<void>();
    const gone = Promise.withResolvers<void>();
    services.sqs = {
      ...sqs,
      handle(request, response) {
        response.on('close', () => setImmediate(gone.resolve));
        sqs.handle(request, response);
        request.on('end', arrived.resolve);
      },
    };
    const abort = new AbortController();
    const poll = client.send(new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 20 }), {
      abortSignal: abort.signal,
    });
    const aborted = expect(poll).rejects.toThrow('abort');
    await arrived.promise;
    abort.abort();
    await aborted;
    await gone.promise;
    await sqs.send('work', 'for the living');
    expect(await receive(url)).toMatchObject({ Body: 'for the living' });
  });

  it('is not held up by a long poll when it closes', async () => {
    const { sqs, receive, close } = await startCloud();
    const { url } = sqs.createQueue('work');
    const polled = receive(url).catch(() => undefined);
    await close();
    expect(await polled).toBeUndefined();
  });

  it.each<[string, Partial<Unsigned>]>([
    ['of SNS', { headers: { 'x-amz-target': '', 'content-type': 'application/x-www-form-urlencoded' } }],
    ['of the library’s own S3', { method: 'PUT', path: '/bucket', headers: {} }],
    ['of its inspection', { method: 'GET', path: '/_fauxqs/queues', headers: {} }],
    ['of another service', { headers: { 'x-amz-target': 'DynamoDB_20120810.ListTables' } }],
  ])('answers no request %s, though it is signed', async (_, request) => {
    const { port } = await startCloud();
    const body = request.method === undefined ? 'Action=ListTopics' : '';
    const whole = { port, method: 'POST', path: '/', service: 'sqs', payloadHash: sha256(body), ...request };
    const answer = await sendAsIs(port, whole.method, whole.path, signRequest(whole).headers, body);
    expect(answer).toMatchObject({ status: 400, body: expect.stringContaining('InvalidAction') });
  });

  it('refuses more than 8 MiB', async () => {
    const { client, sqs } = await startCloud();
    const { url } = sqs.createQueue('work');
    const long = new SendMessageCommand({ QueueUrl: url, MessageBody: 'x'.repeat(8 * 1024 * 1024) });
    await expect(client.send(long)).rejects.toMatchObject({
      name: 'RequestTooLargeException',
      $metadata: { httpStatusCode: 413 },
    });
  });

  it('refuses a dead letter queue that does not exist, and a message to no queue', async () => {
    const { sqs } = await startCloud();
    const deadLetters = { queue: 'none', maxReceiveCount: 5 };
    expect(() => sqs.createQueue('work', { deadLetters })).toThrow(expect.objectContaining({ code: 'NoSuchQueue' }));
    await expect(sqs.send('none', 'lost')).rejects.toMatchObject({ code: 'NoSuchQueue' });
  });
});
