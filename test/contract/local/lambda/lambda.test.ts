import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createLambda } from '../../../../local/lambda/create-lambda.ts';
import type { FunctionDefinition } from '../../../../local/lambda/function-definition.ts';
import { createLog, define, fixture, isRunning } from './support.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const start = (...functions: FunctionDefinition[]) => {
  const log = createLog();
  const lambda = createLambda({ functions, environment: { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }, log: log.log });
  cleanUps.push(() => lambda.close());
  const invoke = async (name: string, event: unknown = {}) => {
    const { payload, functionError } = await lambda.invoke(name, event);
    return { functionError, value: JSON.parse(payload) };
  };
  /** Process ids of the function that hangs and of its children. */
  const hanging = async () => {
    const [, pids = ''] = await log.line(/hanging (.*)/);
    return pids.split(' ').map(Number);
  };
  return { ...log, lambda, invoke, hanging };
};

describe('an invocation', () => {
  it('gets the event and the context, and returns a value', async () => {
    const { invoke } = start(define('echo', { memoryMiB: 256 }), define('nothing'));
    const { value, functionError } = await invoke('echo', { key: 'ä b' });
    expect(functionError).toBeUndefined();
    expect(value).toMatchObject({
      event: { key: 'ä b' },
      context: {
        awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        functionName: 'echo',
        functionVersion: '$LATEST',
        invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:echo',
        memoryLimitInMB: '256',
        logGroupName: '/aws/lambda/echo',
        logStreamName: expect.stringContaining('[$LATEST]'),
      },
    });
    expect(value.remaining).toBeGreaterThan(0);
    expect(value.remaining).toBeLessThanOrEqual(20_000);
    expect(await invoke('nothing')).toEqual({ value: null });
  });

  it.each([
    ['throws', { errorType: 'RecipeError', errorMessage: 'no such recipe' }],
    ['throwsText', { errorType: 'string', errorMessage: 'just text' }],
    ['unserializable', { errorType: 'TypeError' }],
    ['tooLarge', { errorType: 'Function.ResponseSizeTooLarge' }],
    ['crashes', { errorType: 'RecipeError', errorMessage: 'thrown past everyone' }],
    ['rejects', { errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: 'RecipeError: awaited by nobody' }],
    ['exits', { errorType: 'Runtime.ExitError', errorMessage: expect.stringContaining('exit status 3') }],
    ['missing', { errorType: 'Runtime.HandlerNotFound' }],
  ])('that fails (%s) answers with its error, and so does the next', async (name, error) => {
    const { invoke } = start(define(name));
    expect(await invoke(name)).toMatchObject({ functionError: 'Unhandled', value: error });
    expect(await invoke(name)).toMatchObject({ functionError: 'Unhandled', value: error });
  });

  it('fails if its module cannot be loaded', async () => {
    const { invoke } = start(
      define('broken', { file: fixture('broken.ts') }),
      define('absent', { file: fixture('absent.ts') }),
    );
    expect(await invoke('broken')).toMatchObject({ value: { errorType: 'Error', errorMessage: 'cannot be loaded' } });
    expect(await invoke('absent')).toMatchObject({ value: { errorMessage: expect.stringContaining('absent.ts') } });
  });

  it('is killed at its deadline with every process that it started', async () => {
    const { invoke, hanging } = start(define('hangs', { timeoutSeconds: 1 }));
    const result = await invoke('hangs', { detached: true });
    expect(result).toMatchObject({
      functionError: 'Unhandled',
      value: {
        errorType: 'Sandbox.Timedout',
        errorMessage: expect.stringMatching(/^RequestId: [0-9a-f-]{36} Error: Task timed out after 1\.00 seconds$/),
      },
    });
    const pids = await hanging();
    expect(pids).toHaveLength(3);
    expect(pids.filter(isRunning)).toEqual([]);
  });

  it.runIf(process.platform === 'linux').each(['hungry', 'hungryChild'])(
    'is killed above its memory (%s), and its neighbour goes on',
    async (name) => {
      const folder = await mkdtemp(join(tmpdir(), 'kadam-meet-'));
      cleanUps.push(() => rm(folder, { recursive: true }));
      const { invoke, lines } = start(define(name, { memoryMiB: 160 }), define('meets'));
      const neighbour = invoke('meets', { folder, name: 'neighbour', expected: ['neighbour', 'last'] });
      expect(await invoke(name)).toMatchObject({
        functionError: 'Unhandled',
        value: { errorType: 'Runtime.ExitError', errorMessage: expect.stringMatching(/signal: killed$/) },
      });
      expect(lines).toContainEqual(expect.stringMatching(`${name}: Runtime.OutOfMemory: \\d+ MiB in use of 160 MiB`));
      await invoke('meets', { folder, name: 'last', expected: [] });
      expect(await neighbour).toEqual({ value: 'neighbour' });
    },
  );

  it('that is killed from outside fails, and the next one works', async () => {
    const { invoke, hanging } = start(define('hangs'), define('counts'));
    const { pid } = (await invoke('counts')).value;
    process.kill(pid, 'SIGKILL');
    await vi.waitFor(async () => expect((await invoke('counts')).value.invocations).toBe(1));

    const hung = invoke('hangs');
    const pids = await hanging();
    process.kill(pids[0] ?? 0, 'SIGKILL');
    expect(await hung).toMatchObject({
      functionError: 'Unhandled',
      value: { errorType: 'Runtime.ExitError', errorMessage: expect.stringMatching(/signal: killed$/) },
    });
    expect(pids.filter(isRunning)).toEqual([]);
  });
});

describe('execution environments', () => {
  it('are reused while they are warm', async () => {
    const { invoke } = start(define('counts'));
    const first = (await invoke('counts')).value;
    expect((await invoke('counts')).value).toEqual({ pid: first.pid, invocations: 2 });
  });

  it('run side by side up to the limit, and refuse one more', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kadam-meet-'));
    cleanUps.push(() => rm(folder, { recursive: true }));
    const { invoke, lambda } = start(define('meets', { maxConcurrency: 2 }));
    const expected = ['a', 'b'];
    const a = invoke('meets', { folder, name: 'a', expected });
    const waiting = invoke('meets', { folder, name: 'c', expected: [...expected, 'c'] });
    await expect(lambda.invoke('meets', {})).rejects.toMatchObject({ code: 'TooManyRequestsException' });
    await vi.waitFor(() => expect(existsSync(join(folder, 'c'))).toBe(true));
    await writeFile(join(folder, 'b'), '');
    expect(await a).toEqual({ value: 'a' });
    expect(await waiting).toEqual({ value: 'c' });
    expect(await invoke('meets', { folder, name: 'd', expected: [] })).toEqual({ value: 'd' });
  });

  it('know nothing of the environment of their parent', async () => {
    vi.stubEnv('KADAM_SECRET', 'for the parent only');
    const { invoke, lambda } = start(define('environment'));
    const { value } = await invoke('environment');
    expect(Object.keys(value).sort()).toEqual(
      [
        ...['AWS_DEFAULT_REGION', 'AWS_ENDPOINT_URL', 'AWS_EXECUTION_ENV', 'AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
        ...['AWS_LAMBDA_FUNCTION_NAME', 'AWS_LAMBDA_FUNCTION_VERSION', 'AWS_LAMBDA_INITIALIZATION_TYPE'],
        ...['AWS_LAMBDA_LOG_GROUP_NAME', 'AWS_LAMBDA_LOG_STREAM_NAME', 'AWS_REGION', 'HOME', 'LAMBDA_TASK_ROOT'],
        ...['LANG', 'PATH', 'TMPDIR', 'TZ', '_HANDLER'],
      ].sort(),
    );
    expect(value).toMatchObject({ AWS_ENDPOINT_URL: 'http://127.0.0.1:1' });
    expect(existsSync(value.TMPDIR)).toBe(true);
    await lambda.close();
    expect(existsSync(value.TMPDIR)).toBe(false);
  });

  it('leave nothing behind when Lambda closes', async () => {
    const { invoke, lambda, hanging } = start(define('hangs'), define('counts'));
    const { pid } = (await invoke('counts')).value;
    const hung = invoke('hangs', { detached: true });
    const pids = [...(await hanging()), pid];
    expect(pids.filter(isRunning)).toEqual(pids);
    await lambda.close();
    expect(pids.filter(isRunning)).toEqual([]);
    expect(await hung).toMatchObject({ functionError: 'Unhandled' });
    await expect(lambda.invoke('counts', {})).rejects.toThrow();
  });

  it('end with their group when the process of Lambda is killed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kadam-host-'));
    cleanUps.push(() => rm(folder, { recursive: true }));
    const host = fork(fixture('host.ts'), { execArgv: [], env: { ...process.env, TMPDIR: folder } });
    const log = createLog();
    host.on('message', (line) => log.log(String(line)));
    const [, pids = ''] = await log.line(/hanging (.*)/);
    const exited = once(host, 'exit');
    host.kill('SIGKILL');
    await exited;
    await vi.waitFor(() => expect(pids.split(' ').map(Number).filter(isRunning)).toEqual([]));
    expect(await readdir(folder)).toEqual([]);
  });
});
