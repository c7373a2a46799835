import { createHash } from 'node:crypto';
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Services, startGateway } from '../../../../local/gateway.ts';
import { createLambda } from '../../../../local/lambda/create-lambda.ts';
import { credentials, queueArn, region } from '../../../../local/names.ts';
import { createSqs } from '../../../../local/sqs.ts';
import { createLog, fixture } from './support.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

type Mapping = { batchSize?: number; maximumConcurrency?: number };

/** A queue with the messages given, and then a consumer on it. */
const start = async (bodies: string[], mapping: Mapping = {}, visibilityTimeoutSeconds = 1) => {
  const log = createLog();
  const services: Services = {};
  const { endpoint, close } = await startGateway({ services });
  const sqs = await createSqs({ endpoint });
  services.sqs = sqs;
  const { url: queueUrl } = sqs.createQueue('work', { visibilityTimeoutSeconds });
  const lambda = createLambda({
    functions: [{ name: 'consumer', file: fixture('consumer.ts'), timeoutSeconds: 20, memoryMiB: 512 }],
    environment: {},
    log: log.log,
  });
  const client = new SQSClient({ endpoint, region, credentials });
  cleanUps.push(async () => {
    client.destroy();
    await lambda.close();
    await sqs.close();
    await close();
  });
  for (const body of bodies) await sqs.send('work', body);
  lambda.addEventSource({
    ...{ queue: 'work', queueUrl, endpoint, functionName: 'consumer', batchSize: 10, maximumConcurrency: 1 },
    ...mapping,
  });
  const counts = async () => {
    const { Attributes = {} } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] }),
    );
    return {
      ready: Number(Attributes.ApproximateNumberOfMessages),
      inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible),
    };
  };
  const drained = () => vi.waitFor(async () => expect(await counts()).toEqual({ ready: 0, inFlight: 0 }), 5000);
  return { ...log, sqs, lambda, client, queueUrl, counts, drained };
};

describe('an event source', () => {
  it('invokes with a batch and deletes it', async () => {
    const { line, lines, drained } = await start(['a', 'b', 'c']);
    await line(/did c at 1/);
    await drained();
    expect(lines.filter((text) => text.includes('batch'))).toEqual(['consumer: batch a|b|c']);
  });

  it("hands on a message as Lambda's own events do", async () => {
    const { client, queueUrl, line } = await start([]);
    const { MessageId } = await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'record' }));
    const [, json = ''] = await line(/record (\{.*)/);
    expect(JSON.parse(json)).toEqual({
      messageId: MessageId,
      receiptHandle: expect.any(String),
      body: 'record',
      attributes: {
        ApproximateReceiveCount: '1',
        ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
        SentTimestamp: expect.stringMatching(/^\d{13}$/),
        SenderId: expect.any(String),
      },
      messageAttributes: {},
      md5OfBody: createHash('md5').update('record').digest('hex'),
      eventSource: 'aws:sqs',
      eventSourceARN: queueArn('work'),
      awsRegion: region,
    });
  });

  it('lets only the failed messages of a batch come again', async () => {
    const { line, lines, drained } = await start(['a', 'fail once', 'b']);
    await line(/did fail once at 2/);
    await drained();
    const batches = lines.filter((text) => text.includes(': batch '));
    expect(batches).toEqual(['consumer: batch a|fail once|b', 'consumer: batch fail once']);
  });

  it('lets a whole batch come again when its function crashes', async () => {
    const { line, drained } = await start(['a', 'crash once']);
    await line(/did a at 2/);
    await line(/did crash once at 2/);
    await drained();
  });

  it('lets a whole batch come again when the answer names a message that is not in it', async () => {
    const { line, drained } = await start(['a', 'answer {"batchItemFailures":[{"itemIdentifier":"other"}]}']);
    await line(/did a at 2/);
    await line(/did answer .* at 2/);
    await drained();
  });

  it('receives no more than it can run', async () => {
    const { line, counts, sqs } = await start(['hang', 'b', 'c'], { batchSize: 1, maximumConcurrency: 2 }, 300);
    await line(/batch hang/);
    await line(/did c/);
    await sqs.send('work', 'hang');
    await vi.waitFor(async () => expect(await counts()).toEqual({ ready: 0, inFlight: 2 }));
    await sqs.send('work', 'd');
    await sqs.send('work', 'e');
    expect(await counts()).toEqual({ ready: 2, inFlight: 2 });
  });

  it('receives nothing more once Lambda has closed, and leaves what it had to come again', async () => {
    const { line, lambda, sqs, counts } = await start(['hang'], {}, 300);
    await line(/batch hang/);
    await lambda.close();
    await sqs.send('work', 'late');
    expect(await counts()).toEqual({ ready: 1, inFlight: 1 });
  });
});
