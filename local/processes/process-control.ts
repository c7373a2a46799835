import { setTimeout as delay } from 'node:timers/promises';
import { signal } from '../../core/render/signal.ts';
import { ProcessFamilies } from './process-families.ts';

/** Bounds the memory of process families, and ends them whole. A family is named by its leader's process id. */
export type ProcessControl = {
  /** Bounds a family until it rests or ends; `onExceeded` is called once, with the bytes in use. */
  watch(leader: number, maxBytes: number, onExceeded: (bytes: number) => void): void;
  /** Leaves a family alone until it is watched again: polling takes 1-2 % of a core, which an idle cloud saves. */
  rest(leader: number): void;
  /** Kills the leader and everything that it started, and resolves when nothing of it runs any more. */
  end(leader: number): Promise<void>;
};

/** A function of 128 MiB that allocates as fast as it can was stopped at 135 to 204 MiB (2 vCPUs, 6 runs). */
const pollMilliseconds = 50;
/** Between two looks at whether what was killed has gone; the kernel tells the parent only, which may be dead. */
const goneMilliseconds = 5;

const createLinuxControl = (): ProcessControl => {
  const families = new ProcessFamilies();
  const limits = new Map<number, { maxBytes: number; onExceeded: (bytes: number) => void }>();
  let timer: NodeJS.Timeout | undefined;

  const poll = (): void => {
    families.refresh();
    for (const [leader, { maxBytes, onExceeded }] of limits) {
      const bytes = families.memoryBytes(leader);
      if (bytes <= maxBytes) continue;
      limits.delete(leader);
      onExceeded(bytes);
    }
  };

  const rest = (leader: number): void => {
    limits.delete(leader);
    if (limits.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };

  const look = (leader: number): number[] => {
    families.refresh();
    return families.members(leader);
  };

  return {
    watch(leader, maxBytes, onExceeded) {
      families.add(leader);
      limits.set(leader, { maxBytes, onExceeded });
      timer ??= setInterval(poll, pollMilliseconds).unref();
    },

    rest,

    async end(leader) {
      rest(leader);
      // Looked at before the kill: whoever left the group is known by its parent only while that lives.
      for (let alive = look(leader); alive.length > 0; alive = look(leader)) {
        signal(-leader, 'SIGKILL');
        for (const pid of alive) signal(pid, 'SIGKILL');
        await delay(goneMilliseconds);
      }
      families.remove(leader);
    },
  };
};

/**
 * Linux counts memory and finds every process by /proc. Elsewhere memory is not bounded, and what left the group of
 * its leader (on Windows: everything but the leader) is not ended; `log` is told so, once.
 */
export const createProcessControl = (log: (line: string) => void): ProcessControl => {
  if (process.platform === 'linux') return createLinuxControl();
  log(
    `The embedded cloud does not bound memory on ${process.platform}: functions and jobs may use more than they were given.`,
  );
  return {
    watch() {},
    rest() {},
    async end(leader) {
      signal(process.platform === 'win32' ? leader : -leader, 'SIGKILL');
    },
  };
};
