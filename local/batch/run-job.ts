// Runs one job's command in a process group of its own. It stands between Kadam and the command, because this process
// notices when Kadam dies, however it dies: the IPC channel breaks, and then the whole group is killed.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { constants } from 'node:os';

type JobMessage = {
  command: string[];
  environment: Record<string, string>;
  workingDirectory: string;
  temporaryDirectory: string;
};

process.once('message', (message: JobMessage) => {
  const [program = '', ...words] = message.command;
  const job = spawn(program === 'node' ? process.execPath : program, words, {
    cwd: message.workingDirectory,
    env: message.environment,
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
  });

  const killGroup = () => {
    if (job.pid === undefined) return;
    try {
      process.kill(-job.pid, 'SIGKILL');
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  };

  job.once('spawn', () => process.send?.({ pid: job.pid }));
  job.once('error', (error) => process.send?.({ cannotStart: error.message }, () => process.exit(127)));
  job.once('exit', (code, signal) => {
    killGroup();
    if (!process.connected) rmSync(message.temporaryDirectory, { recursive: true, force: true });
    process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
  });
  process.once('disconnect', killGroup);
});
