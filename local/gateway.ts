import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { ConfigurationError } from '../core/errors.ts';
import { type Refusal, refuseStrangers } from './refuse-strangers.ts';
import { writeXml } from './s3/wire/xml.ts';
import type { LocalService } from './service.ts';

const serviceNames = ['s3', 'sqs', 'dynamodb', 'events', 'lambda', 'states', 'batch'] as const;
export type ServiceName = (typeof serviceNames)[number];
export type Services = Partial<Record<ServiceName, LocalService>>;

export type GatewayOptions = {
  /** 0, the default, takes a free one. */
  port?: number;
  /** Looked up at every request: services that need the endpoint to be made are added after the start. */
  services: Services;
  /**
   * Answers what a browser asks for outside any bucket: unsigned requests to `/` and to paths that begin with an
   * underscore, which no bucket's name does.
   */
  fallback?: (request: IncomingMessage, response: ServerResponse) => void;
  /** Sees every request before it is answered: for whoever counts or logs them. */
  onRequest?: (request: IncomingMessage, response: ServerResponse) => void;
};

export type Gateway = {
  /** `http://127.0.0.1:PORT`, for AWS_ENDPOINT_URL. An IP address, so that S3 clients use path style. */
  endpoint: string;
  port: number;
  /** Stops listening and ends every open connection, idle or busy. */
  close(): Promise<void>;
};

const host = '127.0.0.1';

/** `KEY/DATE/REGION/SERVICE/aws4_request`, the scope of a Signature Version 4. */
const signedScope = /Credential=[^,]*\/\d{8}\/[^/,]+\/([^/,]+)\/aws4_request/;
const presignedScope = /\/\d{8}\/[^/]+\/([^/]+)\/aws4_request$/;

const isServiceName = (name: string): name is ServiceName => serviceNames.some((known) => known === name);

/**
 * The service that a request is for, as its signature says it, or undefined where it is not signed. A signature
 * without a scope, of an old version or none at all, is S3's to answer.
 */
const addressedService = ({ headers, url }: IncomingMessage): string | undefined => {
  const { authorization } = headers;
  if (authorization !== undefined) return signedScope.exec(authorization)?.[1] ?? 's3';
  const query = new URLSearchParams(url?.split('?')[1]);
  if (!query.has('X-Amz-Credential') && !query.has('AWSAccessKeyId')) return undefined;
  return presignedScope.exec(query.get('X-Amz-Credential') ?? '')?.[1] ?? 's3';
};

const isOutsideBuckets = (url = '/'): boolean => /^\/(_|$|\?)/.test(url);

const answerNotImplemented = (service: string, response: ServerResponse): void => {
  const message = `Expected a request for one of ${serviceNames.join(', ')} but received one for '${service}', which this embedded cloud does not run.`;
  response.writeHead(501, { 'Content-Type': 'application/json', 'x-amzn-ErrorType': 'NotImplemented' });
  response.end(JSON.stringify({ __type: 'NotImplemented', message }));
};

/** In S3's form for S3, and in the one that the other services have, which a person can read, for all else. */
const answerRefusal = (service: string | undefined, { code, message }: Refusal, response: ServerResponse): void => {
  const isS3 = service === 's3';
  const body = isS3 ? writeXml('Error', { Code: code, Message: message }) : JSON.stringify({ __type: code, message });
  response.writeHead(403, { 'Content-Type': isS3 ? 'application/xml' : 'application/json', 'x-amzn-ErrorType': code });
  response.end(body);
};

/**
 * Starts the one HTTP server of the embedded cloud on 127.0.0.1 and hands each request to the service in its SigV4
 * credential scope (header or presigned URL), and one that is not signed to S3, which refuses it. The services verify the
 * signatures themselves, where they read the body. What other sites make browsers send is refused here (403), for all;
 * and no answer but the fallback's, which sets a policy of its own, is a document that could act as the page's origin.
 *
 * @throws ConfigurationError `PortUnavailable` if the port cannot be had.
 */
export const startGateway = async ({ port = 0, services, fallback, onRequest }: GatewayOptions): Promise<Gateway> => {
  const server = createServer((request, response) => {
    onRequest?.(request, response);
    response.setHeader('Content-Security-Policy', 'sandbox');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    const addressed = addressedService(request);
    const refusal = refuseStrangers(request);
    if (refusal !== undefined) {
      answerRefusal(addressed, refusal, response);
      return;
    }
    if (addressed === undefined && fallback !== undefined && isOutsideBuckets(request.url)) {
      fallback(request, response);
      return;
    }
    const name = addressed ?? 's3';
    const service = isServiceName(name) ? services[name] : undefined;
    if (service !== undefined) service.handle(request, response);
    else answerNotImplemented(name, response);
  });
  // An upload may take as long as it takes, and a kept connection must outlast the SDK's idle ones.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 60_000;

  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (cause) {
    throw new ConfigurationError(
      `Expected port ${port} on ${host} to be free but received '${cause instanceof Error ? cause.message : cause}'. ` +
        'Stop what uses it, or choose another port with --port (0 takes a free one).',
      { code: 'PortUnavailable', cause },
    );
  }
  const address = server.address();
  const actualPort = typeof address === 'object' && address !== null ? address.port : port;
  return {
    endpoint: `http://${host}:${actualPort}`,
    port: actualPort,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
