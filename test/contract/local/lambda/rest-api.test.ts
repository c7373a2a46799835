import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DeleteFunctionCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
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

const settings = { KADAM_SETTING: 'set', AWS_ENDPOINT_URL: 'http://127.0.0.1:1' };

const start = async (...functions: FunctionDefinition[]) => {
  const log = createLog();
  const environment = { ...settings, AWS_ACCESS_KEY_ID: 'nobody sees it', AWS_REGION: region };
  const lambda = createLambda({ functions, environment, log: log.log });
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
    const deletion = client.send(new DeleteFunctionCommand({ FunctionName: 'echo' }));
    await expect(deletion).rejects.toMatchObject({ name: 'NotImplemented' });
    for (const InvocationType of ['Event', 'DryRun'] as const) {
      const later = client.send(new InvokeCommand({ FunctionName: 'none', InvocationType }));
      await expect(later).rejects.toThrow(ResourceNotFoundException);
    }
    const published = client.send(new GetFunctionCommand({ FunctionName: 'echo', Qualifier: '7' }));
    await expect(published).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
    await expect(client.send(new GetFunctionCommand({ FunctionName: 'none' }))).rejects.toThrow(
      ResourceNotFoundException,
    );
  });

  it('takes an event, and logs that it failed', async () => {
    const { client, line } = await start(define('meets'), define('throws'));
    const folder = await mkdtemp(join(tmpdir(), 'kadam-meet-'));
    cleanUps.push(() => rm(folder, { recursive: true }));
    const send = (FunctionName: string, payload: object) =>
      client.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: JSON.stringify(payload) }));
    // It answers though the other that the function waits for is still to come.
    const taken = await send('meets', { folder, name: 'event', expected: ['other'] });
    expect(taken).toMatchObject({ StatusCode: 202 });
    expect(taken.Payload?.length ?? 0).toBe(0);
    const met = { folder, name: 'other', expected: ['event'] };
    await client.send(new InvokeCommand({ FunctionName: 'meets', Payload: JSON.stringify(met) }));
    await send('throws', {});
    await line(/^throws: an event was not dealt with: .*no such recipe/);
  });

  it('says by a dry run that a function is there', async () => {
    const { client, lines } = await start(define('throws'));
    const command = new InvokeCommand({ FunctionName: 'throws', InvocationType: 'DryRun' });
    expect(await client.send(command)).toMatchObject({ StatusCode: 204 });
    expect(lines).toEqual([]);
  });

  it('describes functions, and what a deployment is set to in their environment', async () => {
    const { client } = await start(define('echo', { memoryMiB: 256, timeoutSeconds: 2.5 }), define('throws'));
    const expected = {
      FunctionName: 'echo',
      FunctionArn: functionArn('echo'),
      Handler: 'functions.echo',
      Runtime: 'nodejs24.x',
      Timeout: 3,
      MemorySize: 256,
      LastModified: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/),
      Version: '$LATEST',
      State: 'Active',
      Environment: { Variables: { KADAM_SETTING: 'set', AWS_ENDPOINT_URL: 'http://127.0.0.1:1' } },
    };
    for (const FunctionName of ['echo', functionArn('echo'), 'echo:$LATEST']) {
      const { $metadata: _, ...found } = await client.send(new GetFunctionConfigurationCommand({ FunctionName }));
      expect(found).toMatchObject(expected);
      expect(found.Environment).toEqual(expected.Environment);
    }
    const { Configuration, Code } = await client.send(new GetFunctionCommand({ FunctionName: 'echo' }));
    expect(Configuration).toMatchObject(expected);
    expect(Code?.Location).toMatch(/^file:.*functions\.ts$/);

    const first = await client.send(new ListFunctionsCommand({ MaxItems: 1 }));
    expect(first.Functions).toMatchObject([expected]);
    const second = await client.send(new ListFunctionsCommand({ MaxItems: 1, Marker: first.NextMarker }));
    expect(second.Functions).toMatchObject([{ FunctionName: 'throws' }]);
    expect(second.NextMarker).toBeUndefined();
  });
});
