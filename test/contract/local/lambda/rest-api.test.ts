import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  ResourceNotFoundException,
  TooManyRequestsException,
} from '@aws-sdk/client-lambda';
import { afterEach, describe, expect, it } from 'vitest';
import { startGateway } from '../../../../local/gateway.ts';
import type { FunctionDefinition } from '../../../../local/lambda/function-definition.ts';
import { createLambda } from '../../../../local/lambda/lambda.ts';
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
  return { ...log, ...gateway, client };
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

  it('runs an event later and a dry run never', async () => {
    const { client, line, lines } = await start(define('throws'), define('hangs'));
    const dry = await client.send(new InvokeCommand({ FunctionName: 'hangs', InvocationType: 'DryRun' }));
    expect(dry.StatusCode).toBe(204);
    const event = await client.send(new InvokeCommand({ FunctionName: 'throws', InvocationType: 'Event' }));
    expect(event.StatusCode).toBe(202);
    await line(/throws: an asynchronous invocation failed: .*no such recipe/);
    expect(lines.filter((text) => text.includes('hanging'))).toEqual([]);
  });

  it('refuses more invocations than the limit, and takes an event for later', async () => {
    const { client, line } = await start(define('hangs', { maxConcurrency: 1, timeoutSeconds: 2 }));
    const hung = client.send(new InvokeCommand({ FunctionName: 'hangs' }));
    await line(/hanging/);
    const refused = client.send(new InvokeCommand({ FunctionName: 'hangs' }));
    await expect(refused).rejects.toThrow(TooManyRequestsException);
    await expect(refused).rejects.toMatchObject({ $metadata: { httpStatusCode: 429 } });
    await client.send(new InvokeCommand({ FunctionName: 'hangs', InvocationType: 'Event' }));
    expect((await hung).FunctionError).toBe('Unhandled');
    await line(/hangs: an asynchronous invocation failed: .*timed out/);
  });

  it('refuses what is unknown or malformed', async () => {
    const { client, endpoint } = await start(define('echo'));
    const unknown = client.send(new InvokeCommand({ FunctionName: 'none' }));
    await expect(unknown).rejects.toThrow(ResourceNotFoundException);
    const malformed = client.send(new InvokeCommand({ FunctionName: 'echo', Payload: '{"a":' }));
    await expect(malformed).rejects.toMatchObject({ name: 'InvalidRequestContentException' });
    const large = client.send(new InvokeCommand({ FunctionName: 'echo', Payload: `"${'x'.repeat(7 * 2 ** 20)}"` }));
    await expect(large).rejects.toMatchObject({ name: 'RequestTooLargeException' });
    await expect(client.send(new ListFunctionsCommand())).rejects.toMatchObject({ name: 'NotImplemented' });
    const headers = {
      Authorization: 'Credential=k/20250101/us-east-1/lambda/aws4_request',
      'X-Amz-Invocation-Type': 'Sometime',
    };
    const type = await fetch(`${endpoint}/2015-03-31/functions/echo/invocations`, { method: 'POST', headers });
    expect(type.status).toBe(400);
  });

  it('shows the configuration of a function', async () => {
    const { client } = await start(
      define('echo', { timeoutSeconds: 90, memoryMiB: 1769, environment: { LIMIT_SECONDS: '90' } }),
    );
    const configuration = await client.send(new GetFunctionConfigurationCommand({ FunctionName: 'echo' }));
    expect(configuration).toMatchObject({
      FunctionName: 'echo',
      FunctionArn: functionArn('echo'),
      Timeout: 90,
      MemorySize: 1769,
      Environment: { Variables: { LIMIT_SECONDS: '90' } },
      State: 'Active',
    });
  });
});
