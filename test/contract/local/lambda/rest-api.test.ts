import {
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  ResourceNotFoundException,
  TooManyRequestsException,
} from '@aws-sdk/client-lambda';
import { afterEach, describe, expect, it } from 'vitest';
import { startGateway } from '../../../../local/gateway.ts';
import { createLambda } from '../../../../local/lambda/create-lambda.ts';
import type { FunctionDefinition } from '../../../../local/lambda/function-definition.ts';
import { credentials, functionArn, region } from '../../../../local/names.ts';
import { createLog, define } from './support.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const start = async (...functions: FunctionDefinition[]) => {
  const log = createLog();
  const lambda = createLambda({ functions, environment: {}, log: log.log });
  const gateway = await startGateway({ services: { lambda } });
  const client = new LambdaClient({ endpoint: gateway.endpoint, region, credentials, maxAttempts: 1 });
  cleanUps.push(async () => {
    client.destroy();
    await lambda.close();
    await gateway.close();
  });
  return { ...log, client };
};

describe('the Lambda API', () => {
  it.each([
    ['name', 'echo'],
    ['ARN', functionArn('echo')],
    ['partial ARN with version', '000000000000:function:echo:$LATEST'],
  ])('invokes a function by its %s', async (_, FunctionName) => {
    const { client } = await start(define('echo'));
    const { Payload, ...response } = await client.send(new InvokeCommand({ FunctionName, Payload: '{"a":1}' }));
    expect(response).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(response.FunctionError).toBeUndefined();
    expect(JSON.parse(Payload?.transformToString() ?? '')).toMatchObject({
      event: { a: 1 },
      context: { awsRequestId: response.$metadata.requestId },
    });
  });

  it('answers 200 with the error of a handler that fails', async () => {
    const { client } = await start(define('throws'));
    const { StatusCode, FunctionError, Payload } = await client.send(new InvokeCommand({ FunctionName: 'throws' }));
    expect({ StatusCode, FunctionError }).toEqual({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(JSON.parse(Payload?.transformToString() ?? '')).toMatchObject({
      errorType: 'RecipeError',
      errorMessage: 'no such recipe',
      trace: expect.arrayContaining([expect.stringContaining('functions.ts')]),
    });
  });

  it('refuses more invocations than the limit', async () => {
    const { client, line } = await start(define('hangs', { maxConcurrency: 1, timeoutSeconds: 2 }));
    const hung = client.send(new InvokeCommand({ FunctionName: 'hangs' }));
    await line(/hanging/);
    const refused = client.send(new InvokeCommand({ FunctionName: 'hangs' }));
    await expect(refused).rejects.toThrow(TooManyRequestsException);
    await expect(refused).rejects.toMatchObject({ $metadata: { httpStatusCode: 429 } });
    expect((await hung).FunctionError).toBe('Unhandled');
  });

  it('refuses what is unknown or malformed', async () => {
    const { client } = await start(define('echo'));
    const unknown = client.send(new InvokeCommand({ FunctionName: 'none' }));
    await expect(unknown).rejects.toThrow(ResourceNotFoundException);
    const malformed = client.send(new InvokeCommand({ FunctionName: 'echo', Payload: '{"a":' }));
    await expect(malformed).rejects.toMatchObject({ name: 'InvalidRequestContentException' });
    const large = client.send(new InvokeCommand({ FunctionName: 'echo', Payload: `"${'x'.repeat(7 * 2 ** 20)}"` }));
    await expect(large).rejects.toMatchObject({ name: 'RequestTooLargeException' });
    await expect(client.send(new ListFunctionsCommand())).rejects.toMatchObject({ name: 'NotImplemented' });
    const later = client.send(new InvokeCommand({ FunctionName: 'echo', InvocationType: 'Event' }));
    await expect(later).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
  });
});
