import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { S3Error } from '../s3-error.ts';
import { writeXml, type XmlValue } from './xml.ts';

/** What an operation answers: a status (200 unless told), headers, and either a document, or bytes, or nothing. */
export type Answer = {
  status?: number;
  headers?: Record<string, string | number | undefined>;
  xml?: { root: string; content: { [name: string]: XmlValue } | string };
  body?: Readable;
};

/** Sends an answer and resolves when the last byte is on its way. A body that fails half-way cuts the connection. */
export const sendAnswer = async (response: ServerResponse, requestId: string, answer: Answer): Promise<void> => {
  const { status = 200, headers = {}, xml, body } = answer;
  response.statusCode = status;
  for (const [name, value] of Object.entries({ ...headers, 'x-amz-request-id': requestId, 'x-amz-id-2': requestId })) {
    if (value !== undefined) response.setHeader(name, value);
  }
  if (body) {
    await pipeline(body, response);
    return;
  }
  const text = xml && writeXml(xml.root, xml.content);
  if (text !== undefined) {
    response.setHeader('content-type', 'application/xml');
    response.setHeader('content-length', Buffer.byteLength(text));
  }
  response.end(text);
};

/** An error as an answer. HEAD and 304 have no body; Node leaves it out of the former itself. */
export const errorAnswer = (error: S3Error, requestId: string, resource: string): Answer => ({
  status: error.status,
  headers: error.headers,
  ...(error.status !== 304 && {
    xml: {
      root: 'Error',
      content: {
        Code: error.code,
        Message: error.message,
        ...error.details,
        Resource: resource,
        RequestId: requestId,
        HostId: requestId,
      },
    },
  }),
});
