import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import dynalite from 'dynalite';
import { ConfigurationError } from '../core/errors.ts';
import { readBody } from './request-body.ts';
import type { LocalService } from './service.ts';

/** dynalite's own limit for a request, DynamoDB's for a batch: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html */
const maxRequestBytes = 16 * 1024 * 1024;

type Answer = { statusCode: number; headers: OutgoingHttpHeaders; body: string };

/** dynalite's own database library: it can tell a folder in use beforehand, where dynalite throws past everyone. */
const openOnce = async (dataDir: string): Promise<void> => {
  const { Level }: { Level: new (path: string) => { open(): Promise<void>; close(): Promise<void> } } = createRequire(
    import.meta.resolve('dynalite'),
  )('level');
  await mkdir(dataDir, { recursive: true });
  const database = new Level(dataDir);
  try {
    await database.open();
  } catch (cause) {
    throw new ConfigurationError(
      `Expected a data folder that no other process uses but received '${dataDir}', which cannot be opened. ` +
        'Stop the other Kadam, or choose another folder with --data.',
      { code: 'DataFolderUnavailable', cause },
    );
  }
  await database.close();
};

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
 * DynamoDB on the library dynalite (no transactions), without a port of its own. Tables are ACTIVE at once.
 *
 * @param dataDir folder of its LevelDB; in memory without it.
 * @throws ConfigurationError `DataFolderUnavailable` if another process has the folder.
 */
export const createDynamoDb = async ({ dataDir }: { dataDir?: string }): Promise<LocalService> => {
  if (dataDir !== undefined) await openOnce(dataDir);
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
