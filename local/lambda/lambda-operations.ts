import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { type JsonOperation, type JsonProtocol, ServiceError } from '../json-protocol.ts';
import { paginate } from '../paginate.ts';
import type { InvocationResult } from './function-definition.ts';
import { invocation } from './invoke-operation.ts';

export type Functions = {
  /** Throws ServiceError `ResourceNotFoundException`. */
  configuration(name: string): FunctionConfiguration;
  /** Every function's name. */
  names(): string[];
  /** Where a function's module is, as a URL. */
  location(name: string): string;
  /** Throws ServiceError `ResourceNotFoundException`, `TooManyRequestsException`. */
  invoke(name: string, event: unknown): Promise<InvocationResult>;
  log(line: string): void;
};

const path = /^\/2015-03-31\/functions(?:\/([^/]*))?(?:\/(configuration|invocations))?$/;
/** A name, an ARN, or an ARN from the account on, each with or without its version. */
const functionReference = /^(?:(?:arn:aws:lambda:[^:]+:)?\d{12}:function:)?([\w-]+)(?::\$LATEST)?$/;

const listSchema = z.strictObject({
  MaxItems: z.coerce.number().int().min(1).max(10_000).default(50),
  Marker: z.string().optional(),
  FunctionVersion: z.literal('ALL').optional(),
});
/** Functions here are not published: there is one version of each. */
const oneSchema = z.strictObject({ Qualifier: z.literal('$LATEST').optional() });

/** Finds Lambda's operations (Invoke, GetFunction, GetFunctionConfiguration, ListFunctions) by method and path. */
export const findLambdaOperation =
  (functions: Functions): JsonProtocol['operationOf'] =>
  (request) => {
    const { method, url = '' } = request;
    const { pathname, searchParams } = new URL(url, 'http://lambda');
    const [, reference = '', action] = path.exec(pathname) ?? [undefined, undefined, 'unknown'];
    const name = nameOf(reference);
    const query = Object.fromEntries(searchParams);
    switch (`${method} ${reference === '' ? 'functions' : 'function'} ${action ?? ''}`.trim()) {
      case 'GET functions':
        return listFunctions(functions, query);
      case 'GET function':
        oneSchema.parse(query);
        return () => ({ Configuration: functions.configuration(name), Code: { Location: functions.location(name) } });
      case 'GET function configuration':
        oneSchema.parse(query);
        return () => functions.configuration(name);
      case 'POST function invocations':
        oneSchema.parse(query);
        return invocation(functions, name, request.headers['x-amz-invocation-type']);
      default:
        throw new ServiceError('NotImplemented', `${method} ${url} is not supported`, 501);
    }
  };

const nameOf = (reference: string): string => {
  const decoded = decodeURIComponent(reference);
  return functionReference.exec(decoded)?.[1] ?? decoded;
};

const listFunctions = (functions: Functions, query: unknown): JsonOperation => {
  const { MaxItems: maxResults, Marker: nextToken } = listSchema.parse(query);
  return () => {
    const listed = paginate(functions.names(), (name) => name, { maxResults, nextToken });
    return { Functions: listed.page.map(functions.configuration), NextMarker: listed.nextToken };
  };
};
