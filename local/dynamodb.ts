import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import dynalite from 'dynalite';
import { ServiceError, serveSigned } from './json-protocol.ts';
import { type LibraryAnswer, sendLibraryAnswer } from './send-library-answer.ts';
import type { LocalService } from './service.ts';

/** dynalite's own limit for a request, DynamoDB's for a batch: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html */
const maxRequestBytes = 16 * 1024 * 1024;

/**
 * Hands dynalite one request and waits for its answer. It gets stand-ins for both objects, because it throws
 * uncaught when a client hangs up in the middle, and because it must not be closed while it works.
 */
const ask = (
  server: ReturnType<typeof dynalite>,
  { method, url, headers }: IncomingMessage,
  bytes: Buffer,
): Promise<LibraryAnswer> =>
  new Promise((resolve) => {
    const answer: LibraryAnswer = { statusCode: 200, headers: {}, body: '' };
    server.emit('request', Object.assign(Readable.from([bytes]), { method, url, headers }), {
      set statusCode(code: number) {
        answer.statusCode = code;
      },
      setHeader(name: string, value: string | number) {
        answer.headers[name] = value;
      },
      end(body = '') {
        resolve({ ...answer, body });
      },
    });
  });

/**
 * DynamoDB on the library dynalite (no transactions), without a port of its own. Tables are ACTIVE at
 * the next turn of the event loop.
 *
 * @param dataDir folder of its LevelDB, which no other process may use (the embedded S3 locks the data folder), or
 *   dynalite throws past everyone; in memory without it.
 */
export const createDynamoDb = ({ dataDir }: { dataDir?: string }): LocalService => {
  if (dataDir !== undefined) mkdirSync(dataDir, { recursive: true });
  const server = dynalite({ path: dataDir, createTableMs: 0, updateTableMs: 0, deleteTableMs: 0 });
  const working = new Set<Promise<LibraryAnswer>>();
  let closing = false;

  return {
    // dynalite itself verifies no signature.
    handle: serveSigned({ maxBytes: maxRequestBytes }, async (request, response, bytes) => {
      if (closing) throw new ServiceError('ServiceUnavailable', 'The embedded cloud is stopping.', 503);
      const answering = ask(server, request, bytes);
      working.add(answering);
      const answer = await answering;
      working.delete(answering);
      sendLibraryAnswer(response, answer);
    }),

    async close() {
      closing = true;
      await Promise.all(working);
      // dynalite closes its database only after a server that was listening has stopped.
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      await promisify(server.close.bind(server))();
    },
  };
};
