import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { KadamError } from '../../core/errors.ts';
import { functionArn } from '../names.ts';
import { readBody } from '../request-body.ts';
import type { FunctionPool } from './function-pool.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
const maxRequestBytes = 6_291_456;
const operationPath = /^\/2015-03-31\/functions\/([^/]+)\/(invocations|configuration)$/;
/** A name, an ARN, or an ARN from the account on, each with or without its version. */
const functionReference = /^(?:(?:arn:aws:lambda:[^:]+:)?\d{12}:function:)?([\w-]+)(?::\$LATEST)?$/;

const statusCodes: Record<string, number> = { ResourceNotFoundException: 404, TooManyRequestsException: 429 };

type Api = { poolOf: (name: string) => FunctionPool; log: (line: string) => void };

const answer = (response: ServerResponse, status: number, payload?: string, headers: Record<string, string> = {}) => {
  response.writeHead(status, { 'Content-Type': 'application/json', 'x-amzn-RequestId': randomUUID(), ...headers });
  response.end(payload);
};

const answerError = (response: ServerResponse, status: number, type: string, message: string) =>
  answer(
    response,
    status,
    JSON.stringify({
      Type: 'User',
      message,
      ...(status === 429 ? { Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' } : {}),
    }),
    { 'x-amzn-ErrorType': type },
  );

const toConfiguration = ({ definition }: FunctionPool) => ({
  FunctionName: definition.name,
  FunctionArn: functionArn(definition.name),
  Runtime: `nodejs${process.versions.node.split('.')[0]}.x`,
  Handler: definition.handler ?? 'handler',
  Timeout: definition.timeoutSeconds,
  MemorySize: definition.memoryMiB,
  Environment: { Variables: definition.environment ?? {} },
  Version: '$LATEST',
  State: 'Active',
  LastUpdateStatus: 'Successful',
  PackageType: 'Zip',
  Architectures: [process.arch === 'arm64' ? 'arm64' : 'x86_64'],
});

/** Runs it when there is room; the caller has gone by then, so that a failure is for the log. */
const invokeLater = async (pool: FunctionPool, event: unknown, log: Api['log']): Promise<void> => {
  await pool.untilRoom();
  const { functionError, payload } = await pool.invoke(event);
  if (functionError !== undefined) log(`${pool.definition.name}: an asynchronous invocation failed: ${payload}`);
};

const invoke = async (request: IncomingMessage, response: ServerResponse, pool: FunctionPool, log: Api['log']) => {
  const body = await readBody(request, maxRequestBytes);
  if (body.kind === 'aborted') return;
  if (body.kind === 'too-large') {
    const message = `Request must be smaller than ${maxRequestBytes} bytes for the InvokeFunction operation`;
    answerError(response, 413, 'RequestTooLargeException', message);
    return;
  }
  let event: unknown = {};
  try {
    if (body.bytes.length > 0) event = JSON.parse(body.bytes.toString());
  } catch (error) {
    const message = `Could not parse request body into json: ${error}`;
    answerError(response, 400, 'InvalidRequestContentException', message);
    return;
  }
  const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
  if (type === 'DryRun') answer(response, 204);
  else if (type === 'Event') {
    answer(response, 202);
    await invokeLater(pool, event, log);
  } else if (type === 'RequestResponse') {
    const result = await pool.invoke(event);
    answer(response, 200, result.payload, {
      'X-Amz-Executed-Version': '$LATEST',
      'x-amzn-RequestId': result.requestId,
      ...(result.functionError === undefined ? {} : { 'X-Amz-Function-Error': result.functionError }),
    });
  } else {
    const message = `Expected RequestResponse, Event or DryRun for X-Amz-Invocation-Type but received '${type}'.`;
    answerError(response, 400, 'InvalidParameterValueException', message);
  }
};

/** Answers Invoke and GetFunctionConfiguration; an asynchronous invocation is tried once, where AWS tries thrice. */
export const respondToLambdaRequest = async (
  request: IncomingMessage,
  response: ServerResponse,
  { poolOf, log }: Api,
): Promise<void> => {
  const [path = ''] = (request.url ?? '').split('?');
  const [, reference = '', operation] = operationPath.exec(path) ?? [];
  try {
    const name = functionReference.exec(decodeURIComponent(reference))?.[1];
    if (request.method === 'POST' && operation === 'invocations') {
      await invoke(request, response, poolOf(name ?? reference), log);
    } else if (request.method === 'GET' && operation === 'configuration') {
      answer(response, 200, JSON.stringify(toConfiguration(poolOf(name ?? reference))));
    } else {
      const message = `Expected Invoke or GetFunctionConfiguration but received ${request.method} ${path}.`;
      answerError(response, 501, 'NotImplemented', message);
    }
  } catch (error) {
    const code = error instanceof KadamError ? error.code : 'ServiceException';
    const message = error instanceof Error ? error.message : String(error);
    if (response.headersSent) log(`${reference}: ${message}`);
    else answerError(response, statusCodes[code] ?? 500, code, message);
  }
};
