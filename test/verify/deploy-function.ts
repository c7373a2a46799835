import { fork, spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GetFunctionConfigurationCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { EnvironmentMessage, InvocationMessage } from '../../local/lambda/messages.ts';

const bootstrap = fileURLToPath(new URL('../../local/lambda/bootstrap.ts', import.meta.url));

/**
 * Runs a deployed function once, because the emulator cannot without Docker: the archive that was deployed (by its
 * checksum), in a process of its own, with the environment, the handler and the limits that the function has there.
 * Gives what it returned. Throws Error where it failed.
 */
export const runFunction = async (
  lambda: LambdaClient,
  FunctionName: string,
  archive: string,
  sdk: NodeJS.ProcessEnv,
  event: unknown,
): Promise<unknown> => {
  const deployed = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const checksum = createHash('sha256')
    .update(await readFile(archive))
    .digest('base64');
  if (checksum !== deployed.CodeSha256) throw new Error(`Expected the deployed archive of ${FunctionName}`);
  const folder = await mkdtemp(join(tmpdir(), 'kadam-verify-function-'));
  try {
    const task = join(folder, 'task');
    const unzipped = spawnSync('python3', ['-m', 'zipfile', '-e', archive, task]);
    if (unzipped.status !== 0) throw new Error(`Expected ${archive} to unzip: ${unzipped.stderr}`);
    const { Handler = '', MemorySize = 0, Timeout = 0, FunctionArn = '', Environment } = deployed;
    const [module = '', name = ''] = Handler.split('.');
    const child = fork(bootstrap, [join(task, `${module}.mjs`), name, folder], {
      cwd: task,
      // A group of its own: its last act is to end all of it.
      detached: true,
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        ...Environment?.Variables,
        ...Object.fromEntries(Object.entries(sdk).filter(([variable]) => variable.startsWith('AWS_'))),
        PATH: process.env.PATH,
        TMPDIR: folder,
        HOME: folder,
        LAMBDA_TASK_ROOT: task,
        _HANDLER: Handler,
        AWS_LAMBDA_FUNCTION_NAME: FunctionName,
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(MemorySize),
      },
    });
    let log = '';
    for (const output of [child.stdout, child.stderr]) {
      output?.setEncoding('utf8').on('data', (text: string) => {
        log = (log + text).slice(-4000);
      });
    }
    const exited = once(child, 'exit');
    const next = async (): Promise<EnvironmentMessage | undefined> => {
      const [message] = await Promise.race([once(child, 'message'), exited.then(() => [])]);
      return message;
    };
    try {
      let answer = await next();
      if (answer?.kind === 'ready') {
        const deadline = Date.now() + Timeout * 1000;
        const message: InvocationMessage = { requestId: randomUUID(), event, deadline, functionArn: FunctionArn };
        const answered = next();
        child.send(message);
        answer = await answered;
      }
      if (answer?.kind === 'result') return JSON.parse(answer.payload);
      throw new Error(`Expected ${FunctionName} to answer but it said ${JSON.stringify(answer)}: ${log}`);
    } finally {
      if (child.connected) child.disconnect();
      await exited;
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
