import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import * as z from 'zod';
import { readBody } from './request-body.ts';
import type { LocalService } from './service.ts';

/** One accepted event, as a rule would see it. */
export type PutEvent = {
  id: string;
  /** ISO 8601 */
  time: string;
  source: string;
  detailType: string;
  detail: unknown;
  resources: string[];
  eventBusName: string;
};

export type EventBridgeService = LocalService & {
  /** What was published since the start, oldest first. */
  events(): readonly PutEvent[];
};

type ResultEntry = { EventId: string } | { ErrorCode: string; ErrorMessage: string };

const requestSchema = z.strictObject({
  Entries: z.array(
    z.strictObject({
      /** Seconds since 1970, as the AWS JSON protocol writes times. */
      Time: z.number().optional(),
      Source: z.string().optional(),
      Resources: z.array(z.string()).optional(),
      DetailType: z.string().optional(),
      Detail: z.string().optional(),
      EventBusName: z.string().optional(),
      TraceHeader: z.string().optional(),
    }),
  ),
  EndpointId: z.string().optional(),
});
type Entry = z.infer<typeof requestSchema>['Entries'][number];

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html: 10 entries, 1 MB in total. */
const maxEntries = 10;
const maxTotalBytes = 1024 * 1024;
/** JSON may write each byte of an entry as an escape of six. */
const maxRequestBytes = 6 * maxTotalBytes;

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html, 'Calculating event entry size'. */
const entryBytes = (entry: Entry): number =>
  [entry.Source, entry.DetailType, entry.Detail, ...(entry.Resources ?? [])].reduce(
    (total, text) => total + Buffer.byteLength(text ?? ''),
    entry.Time === undefined ? 0 : 14,
  );

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

const parseDetail = (text: string): { detail: unknown } | undefined => {
  try {
    const detail: unknown = JSON.parse(text);
    return isObject(detail) ? { detail } : undefined;
  } catch {
    return undefined;
  }
};

const required = (name: string) => ({
  ErrorCode: 'InvalidArgument',
  ErrorMessage: `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
});

/** An entry as an event, or AWS's error for it: one bad entry does not fail its neighbours. */
const toEvent = (entry: Entry): PutEvent | { ErrorCode: string; ErrorMessage: string } => {
  if (!entry.Source) return required('Source');
  if (!entry.DetailType) return required('DetailType');
  if (!entry.Detail) return required('Detail');
  if (entry.Source.startsWith('aws.')) {
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  }
  const parsed = parseDetail(entry.Detail);
  if (parsed === undefined) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  return {
    id: randomUUID(),
    time: new Date(entry.Time === undefined ? Date.now() : entry.Time * 1000).toISOString(),
    source: entry.Source,
    detailType: entry.DetailType,
    detail: parsed.detail,
    resources: entry.Resources ?? [],
    eventBusName: entry.EventBusName ?? 'default',
  };
};

const answer = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.1', 'x-amzn-RequestId': randomUUID() });
  response.end(JSON.stringify(body));
};

const answerError = (response: ServerResponse, type: string, message: string, status = 400): void =>
  answer(response, status, { __type: type, message });

const parseRequest = (bytes: Buffer): { entries: Entry[] } | { type: string; message: string } => {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString());
  } catch {
    return { type: 'SerializationException', message: 'Expected a JSON document as the body of PutEvents.' };
  }
  const parsed = requestSchema.safeParse(json);
  if (!parsed.success) return { type: 'SerializationException', message: z.prettifyError(parsed.error) };
  const entries = parsed.data.Entries;
  if (entries.length < 1 || entries.length > maxEntries) {
    const bound = entries.length < 1 ? 'greater than or equal to 1' : `less than or equal to ${maxEntries}`;
    return {
      type: 'ValidationException',
      message: `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length ${bound}`,
    };
  }
  if (entries.reduce((total, entry) => total + entryBytes(entry), 0) > maxTotalBytes) {
    return { type: 'ValidationException', message: 'Total size of the entries in the request is over the limit.' };
  }
  return { entries };
};

/**
 * EventBridge's PutEvents, and nothing else of it. What is published is kept for tests and the console, handed to
 * `onEvent`, and appended to `events.jsonl` in `dataDir` before it is acknowledged.
 */
export const createEventBridge = (
  options: { dataDir?: string; onEvent?: (event: PutEvent) => void } = {},
): EventBridgeService => {
  const published: PutEvent[] = [];
  const { dataDir, onEvent } = options;
  if (dataDir !== undefined) mkdirSync(dataDir, { recursive: true });

  const publish = (event: PutEvent): void => {
    if (dataDir !== undefined) appendFileSync(join(dataDir, 'events.jsonl'), `${JSON.stringify(event)}\n`);
    published.push(event);
    onEvent?.(event);
  };

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const operation = request.headers['x-amz-target'];
    if (operation !== 'AWSEvents.PutEvents') {
      request.resume();
      answerError(response, 'UnknownOperationException', `Expected PutEvents but received '${operation}'.`);
      return;
    }
    const body = await readBody(request, maxRequestBytes);
    if (body.kind === 'aborted') return;
    if (body.kind === 'too-large') {
      answerError(response, 'RequestEntityTooLargeException', 'The request is too large.', 413);
      return;
    }
    const parsed = parseRequest(body.bytes);
    if ('type' in parsed) {
      answerError(response, parsed.type, parsed.message);
      return;
    }
    const results = parsed.entries.map((entry): ResultEntry => {
      const event = toEvent(entry);
      if ('ErrorCode' in event) return event;
      publish(event);
      return { EventId: event.id };
    });
    const FailedEntryCount = results.filter((result) => 'ErrorCode' in result).length;
    answer(response, 200, { FailedEntryCount, Entries: results });
  };

  return {
    handle(request, response) {
      respond(request, response).catch((error: unknown) =>
        answerError(response, 'InternalException', `Publishing failed: ${error}`, 500),
      );
    },
    events: () => published,
    async close() {},
  };
};
