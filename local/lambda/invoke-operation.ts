import { type JsonProtocol, ServiceError } from '../json-protocol.ts';
import type { InvocationResult } from './function-definition.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
export const maxRequestBytes = 6_291_456;
const invocationPath = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;
/** A name, an ARN, or an ARN from the account on, each with or without its version. */
const functionReference = /^(?:(?:arn:aws:lambda:[^:]+:)?\d{12}:function:)?([\w-]+)(?::\$LATEST)?$/;

/** Finds Lambda's one operation, Invoke, which waits for the result: invocation type RequestResponse. */
export const findInvoke =
  (invoke: (name: string, event: unknown) => Promise<InvocationResult>): JsonProtocol['operationOf'] =>
  ({ method, url = '', headers }) => {
    const [, reference] = invocationPath.exec(url) ?? [];
    if (method !== 'POST' || reference === undefined) {
      throw new ServiceError('NotImplemented', `Expected Invoke but received ${method} ${url}.`, 501);
    }
    const type = headers['x-amz-invocation-type'] ?? 'RequestResponse';
    if (type !== 'RequestResponse') {
      const message = `Expected RequestResponse for X-Amz-Invocation-Type but received '${type}'.`;
      throw new ServiceError('InvalidParameterValueException', message);
    }
    const name = functionReference.exec(decodeURIComponent(reference))?.[1] ?? reference;
    return async (event, response) => {
      const { requestId, payload, functionError } = await invoke(name, event);
      response.setHeader('x-amzn-requestid', requestId);
      response.setHeader('x-amz-executed-version', '$LATEST');
      if (functionError !== undefined) response.setHeader('x-amz-function-error', functionError);
      return JSON.parse(payload);
    };
  };
