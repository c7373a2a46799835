import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { byTarget, serveJson } from './json-protocol.ts';
import type { LocalService } from './service.ts';

/** One accepted event, as a rule would see it. */
export type PutEvent = {
  id: string;
  /** ISO 8601 */
  time: string;
  source: string;
  detailType: string;
  detail: unknown;
  eventBusName: string;
};

export type EventBridgeService = LocalService & {
  /** What was published since the start, oldest first. */
  events(): readonly PutEvent[];
};

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html: 1 to 10 entries, 1 MB in total. */
const maxBytes = 1024 * 1024;
const entrySchema = z.strictObject({
  Source: z.string().default(''),
  DetailType: z.string().default(''),
  Detail: z.string().default(''),
  EventBusName: z.string().default('default'),
});
const requestSchema = z.strictObject({ Entries: z.array(entrySchema).min(1).max(10) });

type Refusal = { ErrorCode: string; ErrorMessage: string };

const parseDetail = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** An entry as an event, or AWS's error for it: one bad entry does not fail its neighbours. */
const toEvent = (entry: z.infer<typeof entrySchema>): PutEvent | Refusal => {
  const missing = (['Source', 'DetailType', 'Detail'] as const).find((field) => entry[field] === '');
  if (missing) {
    const ErrorMessage = `Parameter ${missing} is not valid. Reason: ${missing} is a required argument.`;
    return { ErrorCode: 'InvalidArgument', ErrorMessage };
  }
  const detail = z.record(z.string(), z.unknown()).safeParse(parseDetail(entry.Detail));
  if (!detail.success) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  return {
    id: randomUUID(),
    time: new Date().toISOString(),
    source: entry.Source,
    detailType: entry.DetailType,
    detail: detail.data,
    eventBusName: entry.EventBusName,
  };
};

/**
 * EventBridge's PutEvents, and nothing else of it. What is published is kept for tests and the console, and appended
 * to `events.jsonl` in `dataDir` before it is acknowledged.
 */
export const createEventBridge = ({ dataDir }: { dataDir?: string } = {}): EventBridgeService => {
  const published: PutEvent[] = [];
  if (dataDir !== undefined) mkdirSync(dataDir, { recursive: true });

  const PutEvents = (body: unknown) => {
    const results = requestSchema.parse(body).Entries.map((entry): Refusal | { EventId: string } => {
      const event = toEvent(entry);
      if ('ErrorCode' in event) return event;
      if (dataDir !== undefined) appendFileSync(join(dataDir, 'events.jsonl'), `${JSON.stringify(event)}\n`);
      published.push(event);
      return { EventId: event.id };
    });
    return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
  };

  return {
    handle: serveJson({ operationOf: byTarget({ PutEvents }), malformed: 'ValidationException', maxBytes }),
    events: () => published,
    async close() {},
  };
};
