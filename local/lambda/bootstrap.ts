// The first process of an execution environment: loads the function's module once, then runs one invocation after
// the other. Arguments: the module's path, the handler's name, the environment's temp folder.
import { rmSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { FunctionError } from './function-definition.ts';
import type { EnvironmentMessage, InvocationMessage } from './messages.ts';

const [file = '', handlerName = '', temporaryFolder = ''] = process.argv.slice(2);

// Kadam has ended without closing (killed, perhaps): nobody else would end this group or remove its folder.
process.on('disconnect', () => {
  rmSync(temporaryFolder, { recursive: true, force: true });
  if (process.platform === 'win32') process.exit(1);
  process.kill(-process.pid, 'SIGKILL');
});

const tell = (message: EnvironmentMessage): Promise<void> =>
  // An error means that the channel is closed, and that the listener above is about to end it all.
  new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()));

const describe = (thrown: unknown): FunctionError =>
  thrown instanceof Error
    ? { errorType: thrown.name, errorMessage: thrown.message, trace: (thrown.stack ?? '').split('\n') }
    : { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };

// As Lambda's own runtime: a stray error is the answer, and the end of the process. The exit codes are its, too.
process.on('uncaughtException', async (thrown) => {
  await tell({ kind: 'crash', error: describe(thrown) });
  process.exit(129);
});
process.on('unhandledRejection', async (thrown) => {
  const errorMessage = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  const error = { ...describe(thrown), errorType: 'Runtime.UnhandledPromiseRejection', errorMessage };
  await tell({ kind: 'crash', error });
  process.exit(128);
});

const run = async (handler: (event: unknown, context: unknown) => unknown, message: InvocationMessage) => {
  const context = {
    awsRequestId: message.requestId,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: message.functionArn,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, message.deadline - Date.now()),
  };
  try {
    const result = await handler(message.event, context);
    await tell({ kind: 'result', payload: JSON.stringify(result) ?? 'null' });
  } catch (thrown) {
    await tell({ kind: 'failure', error: describe(thrown) });
  }
};

try {
  const module: Record<string, unknown> = await import(pathToFileURL(file).href);
  const handler = module[handlerName];
  if (typeof handler === 'function') {
    process.on('message', (message: InvocationMessage) => run((event, context) => handler(event, context), message));
    await tell({ kind: 'ready' });
  } else {
    const errorMessage = `Expected ${file} to export a function '${handlerName}' but received ${typeof handler}.`;
    await tell({ kind: 'crash', error: { errorType: 'Runtime.HandlerNotFound', errorMessage, trace: [] } });
  }
} catch (thrown) {
  await tell({ kind: 'crash', error: describe(thrown) });
}
