import { randomUUID } from 'node:crypto';
import { region } from '../names.ts';
import { handlerName } from './describe-function.ts';
import type { FunctionDefinition } from './function-definition.ts';

/**
 * All variables of an execution environment: AWS's own, then the embedded cloud's. Nothing of Kadam's own environment
 * gets in but PATH.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export const environmentVariables = (
  definition: FunctionDefinition,
  shared: Record<string, string>,
  temporaryFolder: string,
): Record<string, string> => ({
  LANG: 'en_US.UTF-8',
  TZ: ':UTC',
  PATH: process.env.PATH ?? '',
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  ...shared,
  // A home of its own, so that the SDK reads nobody's ~/.aws.
  HOME: temporaryFolder,
  TMPDIR: temporaryFolder,
  LAMBDA_TASK_ROOT: process.cwd(),
  _HANDLER: handlerName(definition),
  AWS_EXECUTION_ENV: `AWS_Lambda_nodejs${process.versions.node.split('.')[0]}.x`,
  AWS_LAMBDA_FUNCTION_NAME: definition.name,
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMiB),
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${definition.name}`,
  AWS_LAMBDA_LOG_STREAM_NAME: `${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${randomUUID().replaceAll('-', '')}`,
});
