import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventBridgePublisher } from '../../../aws/event-bridge-publisher.ts';
import { createEventBridge } from '../../../local/event-bridge.ts';
import { type Gateway, startGateway } from '../../../local/gateway.ts';
import { credentials, region } from '../../../local/names.ts';

let gateway: Gateway;
let service: ReturnType<typeof createEventBridge>;
let client: EventBridgeClient;

beforeAll(async () => {
  service = createEventBridge({});
  gateway = await startGateway({ services: { events: service } });
  client = new EventBridgeClient({ endpoint: gateway.endpoint, region, credentials });
});

afterAll(async () => {
  client.destroy();
  await gateway.close();
  await service.close();
});

describe('event publisher on EventBridge', () => {
  it('publishes', async () => {
    const event = { source: 'kadam', detailType: 'Job done', detail: { job: 'j1' } } as const;
    await eventBridgePublisher(client, 'default').publish(event);
    expect(service.events()).toMatchObject([event]);
  });

  it('notices an entry that was refused inside of a successful answer', async () => {
    const event = { source: 'kadam', detailType: '', detail: {} } as const;
    const publishing = eventBridgePublisher(client, 'default').publish(event);
    await expect(publishing).rejects.toMatchObject({ code: 'EventRefused', retryable: true });
  });
});
