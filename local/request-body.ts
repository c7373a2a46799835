import type { IncomingMessage } from 'node:http';

export type RequestBody = { kind: 'whole'; bytes: Buffer } | { kind: 'too-large' } | { kind: 'aborted' };

/**
 * Reads a request's whole body, at most `maxBytes`. A client that goes away in the middle (a killed function), the
 * only error there is, is an outcome: nobody is left to answer.
 */
export const readBody = async (request: IncomingMessage, maxBytes: number): Promise<RequestBody> => {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request) {
      length += chunk.length;
      if (length <= maxBytes) chunks.push(chunk);
    }
  } catch {
    return { kind: 'aborted' };
  }
  return length > maxBytes ? { kind: 'too-large' } : { kind: 'whole', bytes: Buffer.concat(chunks) };
};
