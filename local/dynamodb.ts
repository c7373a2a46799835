import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import dynalite from 'dynalite';
import { readBody } from './request-body.ts';
import type { LocalService } from './service.ts';

/** dynalite's own limit for a request, DynamoDB's for a batch: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html */
const maxRequestBytes = 16 * 1024 * 1024;

type Answer = { statusCode: number; headers: OutgoingHttpHeaders; body: string };

/**
 * Hands dynalite one request and waits for its answer. It gets stand-ins for both objects, because it throws
 * uncaught when a client hangs up in the middle, and because it must not be closed while it works.
 */
const ask = (
  server: ReturnType<typeof dynalite>,
  { method, url, headers }: IncomingMessage,
  bytes: Buffer,
): Promise<Answer> =>
  new Promise((resolve) => {
    const answer: Answer = { statusCode: 200, headers: {}, body: '' };
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
  const working = new Set<Promise<Answer>>();
  let closing = false;

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(request, maxRequestBytes);
    if (body.kind === 'aborted') return;
    if (body.kind === 'too-large') {
      response.writeHead(413).end();
      return;
    }
    if (closing) {
      response.writeHead(503).end();
      return;
    }
    const answering = ask(server, request, body.bytes);
    working.add(answering);
    const answer = await answering;
    working.delete(answering);
    response.writeHead(answer.statusCode, answer.headers).end(answer.body);
  };

  return {
    handle(request, response) {
      void respond(request, response);
    },

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
