import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { KadamError } from '../core/errors.ts';
import { readBody } from './request-body.ts';
import type { LocalService } from './service.ts';
import { readSignature } from './signatures/read-signature.ts';
import { SignatureError, type SignatureFault } from './signatures/signature-error.ts';
import { sha256, verifySignature } from './signatures/verify-signature.ts';

/** The caller of an operation is at fault: answered as AWS's error of this code. */
export class ServiceError extends KadamError {
  override readonly name = 'ServiceError';
  override readonly retryable = false;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message, { code });
    this.status = status;
  }
}

/**
 * Takes a request's JSON, checked by a schema of its own, and returns the answer's, undefined for none. It may set the
 * response's headers and, where that is not 200, its status.
 */
export type JsonOperation = (body: unknown, response: ServerResponse) => unknown;

export type JsonProtocol = {
  /** The operation that a request asks for. Throws ServiceError for one that is not there. */
  operationOf(request: IncomingMessage): JsonOperation;
  /** The service's own error for a request that its schema does not allow. */
  malformed: string;
  /** The service's own limit for a request. */
  maxBytes: number;
  /** Hears of faults of the service itself. */
  log?: (line: string) => void;
};

/** Answers a request whose signature was verified. It may throw ServiceError. */
export type SignedHandler = (request: IncomingMessage, response: ServerResponse, body: Buffer) => Promise<void>;

/** What the JSON services call S3's faults (IAM user guide, 'Troubleshoot signed requests'); the rest is incomplete. */
const signatureFaults: Partial<Record<SignatureFault, string>> = {
  AccessDenied: 'MissingAuthenticationTokenException',
  InvalidAccessKeyId: 'UnrecognizedClientException',
  RequestTimeTooSkewed: 'InvalidSignatureException',
  SignatureDoesNotMatch: 'InvalidSignatureException',
};

/**
 * Reads requests of at most `maxBytes`, verifies their signatures and hands them on; what is refused is answered in
 * AWS's JSON protocols. Their clients find an error's code in a header or in `__type`: it is in both.
 */
export const serveSigned = (
  { maxBytes, log }: Pick<JsonProtocol, 'maxBytes' | 'log'>,
  handler: SignedHandler,
): LocalService['handle'] => {
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(request, maxBytes);
    if (body.kind === 'aborted') return;
    try {
      // A body that is too large is not all here, and refused whoever sends it.
      if (body.kind === 'too-large') {
        throw new ServiceError('RequestTooLargeException', `Request is larger than ${maxBytes / 1024} KiB`, 413);
      }
      verify(request, body.bytes);
      await handler(request, response, body.bytes);
    } catch (error) {
      const { code, message, status } = toServiceError(error, log);
      response.setHeader('x-amzn-errortype', code);
      send(response, status, { __type: code, message });
    }
  };
  return (request, response) => void serve(request, response);
};

/** Serves AWS's JSON protocols to who signs. */
export const serveJson = (protocol: JsonProtocol): LocalService['handle'] =>
  serveSigned(protocol, async (request, response, body) => {
    try {
      const operation = protocol.operationOf(request);
      const result = await operation(parse(body, protocol), response);
      send(response, response.statusCode, result);
    } catch (error) {
      throw error instanceof z.ZodError ? toMalformed(error, protocol) : error;
    }
  });

const send = (response: ServerResponse, status: number, body: unknown): void => {
  const requestId = response.getHeader('x-amzn-requestid') ?? randomUUID();
  response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-requestid': requestId });
  response.end(body === undefined ? undefined : JSON.stringify(body));
};

const verify = (request: IncomingMessage, body: Buffer): void => {
  verifySignature(request, readSignature(request), { payloadHash: sha256(body), isPathEncodedTwice: true });
};

/** Finds operations by the X-Amz-Target header, `PREFIX.OPERATION`. */
export const byTarget =
  (operations: Record<string, JsonOperation>): JsonProtocol['operationOf'] =>
  ({ headers }) =>
    pick(operations, String(headers['x-amz-target']).replace(/^.*\./, ''));

/** Finds operations by the path of a POST. */
export const byPath =
  (operations: Record<string, JsonOperation>): JsonProtocol['operationOf'] =>
  ({ url = '' }) =>
    pick(operations, url);

const pick = (operations: Record<string, JsonOperation>, name: string): JsonOperation => {
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (operation) return operation;
  throw new ServiceError('UnknownOperationException', `${name} is not supported`);
};

const parse = (body: Buffer, { malformed }: JsonProtocol): unknown => {
  try {
    return JSON.parse(body.toString() || '{}');
  } catch (error) {
    throw new ServiceError(malformed, `Could not parse request body into JSON: ${error}`);
  }
};

const toMalformed = ({ issues }: z.ZodError, { malformed }: JsonProtocol): ServiceError => {
  const faults = issues.map(({ path, message }) => `${path.join('.') || 'the request'}: ${message}`);
  return new ServiceError(malformed, faults.join('; '));
};

const toServiceError = (error: unknown, log: JsonProtocol['log']): ServiceError => {
  if (error instanceof ServiceError) return error;
  if (error instanceof SignatureError) {
    return new ServiceError(signatureFaults[error.code] ?? 'IncompleteSignatureException', error.message, 403);
  }
  log?.(`The embedded cloud failed: ${error instanceof Error ? error.stack : error}`);
  return new ServiceError('InternalFailure', `The embedded cloud failed: ${error}`, 500);
};
