import { basename, extname } from 'node:path';
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { functionArn } from '../names.ts';
import type { FunctionDefinition } from './function-definition.ts';

/** Names that Lambda sets itself and lets nobody configure: they are no part of a function's configuration on AWS. */
const reserved = /^AWS_(REGION|ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)$/;

/** The handler as AWS names it: `dispatch.handler`. */
export const handlerName = ({ file, handler = 'handler' }: FunctionDefinition): string =>
  `${basename(file, extname(file))}.${handler}`;

/**
 * A function as GetFunctionConfiguration answers it, with its environment, which is what a deployment's settings are
 * read from. `lastModified` is when it was deployed into the embedded cloud.
 */
export const describeFunction = (
  definition: FunctionDefinition,
  environment: Record<string, string>,
  lastModified: Date,
): FunctionConfiguration => ({
  FunctionName: definition.name,
  FunctionArn: functionArn(definition.name),
  Runtime: 'nodejs24.x',
  Handler: handlerName(definition),
  // AWS has whole seconds.
  Timeout: Math.ceil(definition.timeoutSeconds),
  MemorySize: definition.memoryMiB,
  LastModified: lastModified.toISOString().replace('Z', '+0000'),
  Version: '$LATEST',
  Environment: { Variables: Object.fromEntries(Object.entries(environment).filter(([name]) => !reserved.test(name))) },
  PackageType: 'Zip',
  State: 'Active',
  LastUpdateStatus: 'Successful',
});
