import type { EventCause, S3EventName } from '../s3-event-record.ts';
import type { Store } from '../store/open-store.ts';
import type { Version } from '../store/version.ts';
import type { Answer } from '../wire/answer.ts';
import type { ByteRange } from '../wire/byte-range.ts';
import { type ChecksumAlgorithm, createMeter } from '../wire/checksums.ts';
import type { Payload } from '../wire/payload.ts';
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

/** A range of a version's bytes as they come in again, to be stored once more: a copy. */
export const readAgain = (
  store: Store,
  { details }: Version,
  range: ByteRange,
  algorithm?: ChecksumAlgorithm,
): Payload => {
  const meter = createMeter(algorithm);
  async function* chunks(): AsyncGenerator<Buffer> {
    for await (const chunk of store.bodies.read(details.files, range)) {
      meter.update(chunk);
      yield chunk;
    }
  }
  return { chunks: chunks(), digest: meter.digest };
};
