import { createReadStream } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Problem } from './answers.ts';

/** Nothing is kept by browsers, guessed at, or let into other sites' pages. */
const commonHeaders = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
};

/** The page loads its own files and nothing else; nobody else may frame it. */
export const pagePolicy = [
  "default-src 'none'",
  ...["script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'"],
  ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
].join('; ');

/** Whatever else is opened runs no script and has an origin of its own. Browsers style pictures that they open alone. */
const sandboxPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";

/** Begins an answer with the headers that all have. */
export const sendHead = (
  response: ServerResponse,
  status: number,
  headers: Record<string, string | number | undefined>,
): void => {
  const all = { ...commonHeaders, 'Content-Security-Policy': sandboxPolicy, ...headers };
  response.writeHead(status, Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)));
};

export const sendJson = (response: ServerResponse, status: number, body: unknown): void => {
  sendHead(response, status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
};

export const sendProblem = (response: ServerResponse, status: number, error: Problem['error']): void =>
  sendJson(response, status, { error } satisfies Problem);

export const sendFile = (
  response: ServerResponse,
  file: string | URL,
  headers: Record<string, string>,
  start = 0,
): Promise<void> => {
  const content = createReadStream(file, { start });
  content.once('open', () => sendHead(response, 200, headers));
  return pipeline(content, response);
};
