import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** What a library answers to a request that it was handed. */
export type LibraryAnswer = { statusCode: number; headers: OutgoingHttpHeaders; body: string };

/** Those of a connection that the library does not have. */
const connectionHeaders = ['connection', 'date', 'keep-alive', 'transfer-encoding'];

/** Sends a library's answer, but for headers by which it lets other origins in. */
export const sendLibraryAnswer = (response: ServerResponse, { statusCode, headers, body }: LibraryAnswer): void => {
  const kept = Object.entries(headers).filter(([name]) => {
    const lower = name.toLowerCase();
    return !lower.startsWith('access-control-') && !connectionHeaders.includes(lower);
  });
  response.writeHead(statusCode, Object.fromEntries(kept)).end(body);
};
