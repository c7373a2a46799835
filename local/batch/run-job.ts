// Runs one job's command in a process group of its own. It stands between Kadam and the command, because this process
// notices when Kadam dies, however it dies: the IPC channel breaks, and then the whole group is killed.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { constants } from 'node:os';
import { signal } from '../../core/render/signal.ts';
import type { JobMessage, RunnerMessage } from './run-attempt.ts';

const tell = (message: RunnerMessage, then = () => {}) => process.send?.(message, then);

process.once('message', (message: JobMessage) => {
  const [program = '', ...words] = message.command;
  const job = spawn(program === 'node' ? process.execPath : program, words, {
    cwd: message.workingDirectory,
    env: message.environment,
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const killGroup = () => job.pid !== undefined && signal(-job.pid, 'SIGKILL');

  job.once('spawn', () => tell({ pid: job.pid ?? 0 }));
  job.once('error', (error) => tell({ cannotStart: error.message }, () => process.exit(127)));
  job.once('exit', (code, name) => {
    killGroup();
    if (!process.connected) rmSync(message.temporaryDirectory, { recursive: true, force: true });
    process.exit(code ?? 128 + (name === null ? 0 : constants.signals[name]));
  });
  process.once('disconnect', killGroup);
});
