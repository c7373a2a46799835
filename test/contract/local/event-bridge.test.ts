import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventBridgeClient, ListRulesCommand, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { afterEach, describe, expect, it } from 'vitest';
import { createEventBridge } from '../../../local/event-bridge.ts';
import { startGateway } from '../../../local/gateway.ts';
import { credentials, region } from '../../../local/names.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const startCloud = async (options: Parameters<typeof createEventBridge>[0] = {}) => {
  const events = createEventBridge(options);
  const gateway = await startGateway({ services: { events } });
  const client = new EventBridgeClient({ endpoint: gateway.endpoint, region, credentials });
  cleanUps.push(async () => {
    client.destroy();
    await gateway.close();
    await events.close();
  });
  return { events, client };
};

const good = { Source: 'kadam', DetailType: 'Job ended', Detail: '{"status":"done"}' };

describe('createEventBridge', () => {
  it('keeps what was published and appends it to a file', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'kadam-events-'));
    cleanUps.push(() => rm(dataDir, { recursive: true }));
    const { events, client } = await startCloud({ dataDir });
    const { FailedEntryCount, Entries } = await client.send(new PutEventsCommand({ Entries: [good, good] }));
    expect(FailedEntryCount).toBe(0);
    expect(events.events().map(({ id }) => id)).toEqual(Entries?.map(({ EventId }) => EventId));
    expect(events.events()[0]).toMatchObject({
      source: 'kadam',
      detailType: 'Job ended',
      detail: { status: 'done' },
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      eventBusName: 'default',
    });
    const lines = (await readFile(join(dataDir, 'events.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(events.events());
  });

  it('refuses bad entries one by one and publishes their neighbours', async () => {
    const { events, client } = await startCloud();
    const { FailedEntryCount, Entries } = await client.send(
      new PutEventsCommand({
        Entries: [
          { ...good, Detail: '{"status":' },
          { ...good, Detail: '"text"' },
          { ...good, Detail: undefined },
          { ...good, DetailType: undefined },
          { ...good, Source: undefined },
          good,
        ],
      }),
    );
    expect(FailedEntryCount).toBe(5);
    expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      'MalformedDetail',
      'MalformedDetail',
      'InvalidArgument',
      'InvalidArgument',
      'InvalidArgument',
      undefined,
    ]);
    expect(Entries?.[2]?.ErrorMessage).toBe('Parameter Detail is not valid. Reason: Detail is a required argument.');
    expect(events.events()).toHaveLength(1);
  });

  it.each([
    ['no entries', [], 'ValidationException'],
    ['eleven entries', Array(11).fill(good), 'ValidationException'],
    [
      'a megabyte',
      [{ ...good, Detail: JSON.stringify({ text: 'x'.repeat(1024 * 1024) }) }],
      'RequestTooLargeException',
    ],
  ])('refuses a request of %s', async (_, Entries, name) => {
    const { events, client } = await startCloud();
    await expect(client.send(new PutEventsCommand({ Entries }))).rejects.toMatchObject({ name });
    expect(events.events()).toHaveLength(0);
  });

  it('knows no other operation', async () => {
    const { client } = await startCloud();
    await expect(client.send(new ListRulesCommand())).rejects.toMatchObject({ name: 'UnknownOperationException' });
  });
});
