import { spawn } from 'node:child_process';

/** How a command ended: its exit code, and the last of what it wrote (at most 64 KiB each). */
export type CommandEnd = { code: number; stdout: string; stderr: string };

export type CommandOptions = {
  /** Written to the command's standard input, which is closed after it. */
  input?: string;
  /** Every whole line that the command writes, as it comes. */
  onLine?: (line: string) => void;
  environment?: Readonly<Record<string, string>>;
  cwd?: string;
};

/** Runs a program and waits for its end. A program that does not exist ends with 127, as in a shell. */
export type RunCommand = (command: string, args: readonly string[], options?: CommandOptions) => Promise<CommandEnd>;

const kept = 64 * 1024;
const notFound = 127;

/** Runs a real child process, without a shell. */
export const runCommand: RunCommand = (command, args, options = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, [...args], {
      cwd: options.cwd,
      env: { ...process.env, ...options.environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const collect = (stream: NodeJS.ReadableStream) => {
      const got = { text: '', rest: '' };
      stream.setEncoding('utf8');
      stream.on('data', (chunk: string) => {
        got.text = (got.text + chunk).slice(-kept);
        const lines = (got.rest + chunk).split('\n');
        got.rest = lines.pop() ?? '';
        for (const line of lines) options.onLine?.(line);
      });
      stream.on('end', () => got.rest !== '' && options.onLine?.(got.rest));
      return got;
    };
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    child.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' ? resolve({ code: notFound, stdout: '', stderr: error.message }) : reject(error),
    );
    // A program that ends without reading its input closes the pipe; its exit code says what is wrong.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    child.on('close', (code) => resolve({ code: code ?? 1, stdout: stdout.text, stderr: stderr.text }));
  });
