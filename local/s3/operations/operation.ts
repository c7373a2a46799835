import type { EventCause, S3EventName } from '../s3-event-record.ts';
import type { Store } from '../store/open-store.ts';
import type { Answer } from '../wire/answer.ts';
import type { S3Request } from '../wire/s3-request.ts';

/** One operation of the S3 API: takes a request that the routes gave it, answers it or throws an S3Error. */
export type Operation = (store: Store, request: S3Request) => Answer | Promise<Answer>;

export const quoted = (etag: string): string => `"${etag}"`;

/** The request as its event tells of it. */
export const causeOf = (request: S3Request, event: S3EventName): EventCause => ({
  event,
  requestId: request.id,
  sourceIp: request.message.socket.remoteAddress ?? '',
});
