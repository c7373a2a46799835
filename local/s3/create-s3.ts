import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LocalService } from '../service.ts';
import { splitUrl } from '../signatures/canonical-request.ts';
import { SignatureError } from '../signatures/signature-error.ts';
import { createBucket } from './operations/bucket-operations.ts';
import { findOperation } from './routes.ts';
import { S3Error } from './s3-error.ts';
import type { S3EventRecord } from './s3-event-record.ts';
import { openStore, type Store } from './store/open-store.ts';
import { type Answer, errorAnswer, sendAnswer } from './wire/answer.ts';
import { createRequestId, readRequest } from './wire/s3-request.ts';

export type S3Options = {
  /** The folder of all objects; made where it is missing, used by one process at a time. */
  dataDir: string;
  /** Takes one event of a bucket. One that it refuses by throwing is offered again, also after a restart. */
  notify?: (bucket: string, record: S3EventRecord) => Promise<void> | void;
};

export type S3Service = LocalService & {
  /** Creates a bucket, or leaves the one there is, with versioning enabled where asked. */
  createBucket(name: string, options?: { versioning?: boolean }): Promise<void>;
};

/**
 * Opens the embedded S3: path-style requests, signed with the one key pair, everything on disk in one folder.
 * @throws ConfigurationError where another process uses the folder
 */
export const createS3 = async ({ dataDir, notify }: S3Options): Promise<S3Service> => {
  const store = await openStore(dataDir, notify);
  const active = new Map<ServerResponse, Promise<void>>();
  let closing: Promise<void> | undefined;

  return {
    handle(message, response) {
      const served = serve(store, message, response, closing !== undefined)
        .catch((error: unknown) => {
          console.error('S3: an answer could not be sent.', error);
          response.destroy();
        })
        .finally(() => active.delete(response));
      active.set(response, served);
    },

    async createBucket(name, options = {}) {
      store.buckets.create(name);
      if (options.versioning) store.buckets.setVersioning(name, 'Enabled');
    },

    /** Cuts off requests under way, as a crash would, and loses nothing that was answered. */
    close() {
      closing ??= (async () => {
        for (const response of active.keys()) response.destroy();
        await Promise.all(active.values());
        await store.close();
      })();
      return closing;
    },
  };
};

const serve = async (
  store: Store,
  message: IncomingMessage,
  response: ServerResponse,
  isClosing: boolean,
): Promise<void> => {
  let requestId = createRequestId();
  try {
    if (isClosing) throw new S3Error('ServiceUnavailable');
    const request = readRequest(message);
    requestId = request.id;
    const run = findOperation(request);
    if (request.bucket !== '' && run !== createBucket) store.buckets.require(request.bucket);
    await sendAnswer(response, requestId, await run(store, request));
  } catch (error) {
    if (isHungUp(error)) return;
    const answer = failure(error, requestId, message.url ?? '/');
    if (!response.headersSent && !response.destroyed) await sendAnswer(response, requestId, answer);
  }
};

/** Whether the client has gone away in mid-request, so that there is nobody to tell and nothing to log. */
const isHungUp = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  ['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'].some((code) => code === error.code);

const failure = (error: unknown, requestId: string, url: string): Answer => {
  const answer = (s3Error: S3Error) => errorAnswer(s3Error, requestId, splitUrl(url).path);
  if (error instanceof S3Error) return answer(error);
  if (error instanceof SignatureError) {
    return answer(new S3Error(error.code, { message: error.message, details: error.details }));
  }
  console.error(`S3: request ${requestId} failed.`, error);
  return answer(new S3Error('InternalError', { cause: error }));
};
