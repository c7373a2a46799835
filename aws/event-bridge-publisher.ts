import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DependencyError } from '../core/errors.ts';
import type { EventPublisher } from '../core/ports.ts';
import { answered } from './answered.ts';

/** Publishes on an event bus of EventBridge, which may refuse an entry inside of a successful answer. */
export const eventBridgePublisher = (client: EventBridgeClient, bus: string): EventPublisher => ({
  async publish({ source, detailType, detail }) {
    const entry = { EventBusName: bus, Source: source, DetailType: detailType, Detail: JSON.stringify(detail) };
    const answer = await answered(
      'EventBridge to take an event',
      client.send(new PutEventsCommand({ Entries: [entry] })),
    );
    if (answer?.FailedEntryCount) {
      const { ErrorCode, ErrorMessage } = answer.Entries?.[0] ?? {};
      throw new DependencyError(`Expected EventBridge to take an event but received ${ErrorCode}: ${ErrorMessage}.`, {
        code: 'EventRefused',
      });
    }
  },
});
