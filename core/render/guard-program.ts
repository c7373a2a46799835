// Runs a container's program, `<program> <words>` as its own arguments. It stands between the worker and the program,
// because this process notices when the worker dies, however it dies: the IPC channel breaks. It leads the group that
// the program is in (start-program.ts forks it detached), so that what kills the worker's group does not take it along
// before the program.
import { spawn } from 'node:child_process';
import { cpuSecondsOfChildren } from './process-usage.ts';
import { signal } from './signal.ts';
import type { GuardMessage } from './start-program.ts';

const tell = (message: GuardMessage): void => {
  process.send?.(message);
};

const guard = ([program = '', ...words]: string[]): void => {
  // Its environment and folder are the program's.
  const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'inherit'] });
  child.once('error', ({ message }) => tell({ kind: 'notStarted', message }));
  // The worker ends the whole group then, and this process with it.
  child.once('exit', (code, name) =>
    tell({ kind: 'ended', code, signal: name, cpuSeconds: cpuSecondsOfChildren(process.pid) ?? 0 }),
  );
  process.once('disconnect', () => {
    // Windows has no groups.
    child.kill('SIGKILL');
    signal(-process.pid, 'SIGKILL');
    process.exit();
  });
};

// The worker may be gone before this module was loaded.
if (process.connected) guard(process.argv.slice(2));
