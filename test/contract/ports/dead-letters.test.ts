import { DeleteMessageCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDeadLetters } from '../../../aws/dead-letters.ts';
import { type Gateway, type Services, startGateway } from '../../../local/gateway.ts';
import { credentials, region } from '../../../local/names.ts';
import { createSqs, type SqsService } from '../../../local/sqs.ts';

let gateway: Gateway;
let sqs: SqsService;
let client: SQSClient;

beforeEach(async () => {
  const services: Services = {};
  gateway = await startGateway({ services });
  sqs = await createSqs({ endpoint: gateway.endpoint });
  services.sqs = sqs;
  client = new SQSClient({ endpoint: gateway.endpoint, region, credentials });
});
afterEach(async () => {
  client.destroy();
  await sqs.close();
  await gateway.close();
});

const openQueue = async () => {
  sqs.createQueue('dead');
  const { url } = sqs.createQueue('work', { deadLetters: { queue: 'dead', maxReceiveCount: 5 } });
  return { url, dead: await openDeadLetters(client, url) };
};

/** The dead letters that there are, hidden or not. */
const left = async (): Promise<number> => {
  const { url } = sqs.createQueue('dead');
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
  );
  return Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible);
};

const bury = async (bodies: string[]): Promise<void> => {
  for (const body of bodies) await sqs.send('dead', body);
};

const receive = async (QueueUrl: string, count: number): Promise<string[]> => {
  const bodies: string[] = [];
  while (bodies.length < count) {
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    if (Messages.length === 0) break;
    for (const { Body, ReceiptHandle } of Messages) {
      bodies.push(Body ?? '');
      await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
  return bodies;
};

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `letter ${index + 10}`);

describe('openDeadLetters', () => {
  it('counts and shows them, and leaves them where they are', { timeout: 30_000 }, async () => {
    const { dead } = await openQueue();
    const before = Date.now();
    await bury(numbered(12));
    expect(await dead.count()).toBe(12);
    const shown = await dead.look(100);
    expect(shown.map(({ body }) => body).sort()).toEqual(numbered(12));
    for (const { sentAt } of shown) expect(sentAt).toBeGreaterThanOrEqual(before);
    expect(await left()).toBe(12);
    // For some seconds they are hidden.
    await expect.poll(() => dead.look(3), { timeout: 20_000 }).toHaveLength(3);
  });

  it('shows each of them once, also where they come again while it is at it', async () => {
    const { url } = await openQueue();
    await bury(numbered(3));
    const forgetful = new SQSClient({ endpoint: gateway.endpoint, region, credentials });
    forgetful.middlewareStack.add(
      (next, { commandName }) =>
        async (args) =>
          next(
            commandName === 'ReceiveMessageCommand'
              ? { ...args, input: { ...args.input, VisibilityTimeout: 0 } }
              : args,
          ),
      { step: 'initialize' },
    );
    const shown = await (await openDeadLetters(forgetful, url)).look(100);
    forgetful.destroy();
    expect(shown.map(({ body }) => body).sort()).toEqual(numbered(3));
  });

  it('sends every one of them back, and deletes it', async () => {
    const { url, dead } = await openQueue();
    await bury(numbered(23));
    const sent: string[] = [];
    for await (const letters of dead.redrive()) sent.push(...letters.map(({ body }) => body));
    expect(sent.sort()).toEqual(numbered(23));
    expect((await receive(url, 23)).sort()).toEqual(numbered(23));
    expect(await left()).toBe(0);
  });

  it('sends nothing twice that dies again while it is at it', async () => {
    sqs.createQueue('dead');
    // Whoever receives a message of this queue for the second time receives it from the dead letters.
    const { url } = sqs.createQueue('work', {
      visibilityTimeoutSeconds: 0,
      deadLetters: { queue: 'dead', maxReceiveCount: 1 },
    });
    const dead = await openDeadLetters(client, url);
    await bury(['poison']);
    const sent: string[] = [];
    for await (const letters of dead.redrive()) {
      sent.push(...letters.map(({ body }) => body));
      for (let time = 0; time < 2; time += 1) await client.send(new ReceiveMessageCommand({ QueueUrl: url }));
      expect(await dead.count()).toBe(1);
    }
    expect(sent).toEqual(['poison']);
    expect(await left()).toBe(1);
  });

  it('keeps a letter that could not be sent', async () => {
    const { url } = await openQueue();
    await bury(['kept']);
    const refusing = new SQSClient({ endpoint: gateway.endpoint, region, credentials });
    refusing.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName === 'SendMessageCommand') throw Object.assign(new Error('no'), { name: 'AccessDenied' });
          return next(args);
        },
      { step: 'initialize' },
    );
    const letters = (await openDeadLetters(refusing, url)).redrive();
    const text = expect.stringContaining('Expected SQS to take a message back but received AccessDenied');
    await expect(letters.next()).rejects.toMatchObject({ code: 'ServiceFailed', message: text });
    refusing.destroy();
    expect(await left()).toBe(1);
    expect(await receive(url, 1)).toEqual([]);
  });

  it('refuses a queue that keeps none', async () => {
    const { url } = sqs.createQueue('careless');
    await expect(openDeadLetters(client, url)).rejects.toMatchObject({ code: 'NoDeadLetters' });
  });
});
