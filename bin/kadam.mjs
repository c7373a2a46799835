// Runs a file on Node 24, Lambda's own runtime, whatever Node the machine has: 24 or newer as it is, else the one
// that npm installed beside us (an optional dependency per platform). Plain JavaScript, since Node 20 cannot read more.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const platform = process.platform === 'win32' ? 'win' : process.platform;
const bundled = fileURLToPath(
  new URL(
    `../node_modules/node-${platform}-${process.arch}/bin/node${platform === 'win' ? '.exe' : ''}`,
    import.meta.url,
  ),
);
const isNewEnough = Number.parseInt(process.versions.node, 10) >= 24;
if (!isNewEnough && !existsSync(bundled)) {
  console.error(
    `Kadam runs on Node 24 or newer; this is ${process.version}, and npm has no Node 24 for ${platform}-${process.arch} ` +
      'to bring along. Install Node 24 and try again.',
  );
  process.exit(1);
}

const child = spawn(isNewEnough ? process.execPath : bundled, process.argv.slice(2), {
  stdio: 'inherit',
  // Commands end with the launcher, however it ends (cli/end-with-launcher.ts).
  env: { ...process.env, KADAM_LAUNCHER: String(process.pid) },
});
// Ctrl-C reaches the child from the terminal itself; the launcher only has to outlive it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => signal !== 'SIGINT' && child.kill(signal));
}
// npm that is killed tells nobody. Without npm, whoever started this may go and let it run on.
const npm = process.env.npm_lifecycle_event === undefined ? undefined : process.ppid;
setInterval(() => npm !== undefined && process.ppid !== npm && child.kill('SIGTERM'), 500).unref();
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
