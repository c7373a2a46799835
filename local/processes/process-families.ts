import { readdirSync, readFileSync } from 'node:fs';

/** A file of /proc, or undefined if its process has just ended. */
const readProc = (path: string): string | undefined => {
  try {
    return readFileSync(`/proc/${path}`, 'latin1');
  } catch {
    return undefined;
  }
};

/** State, parent and process group; the command's name before them may hold anything, parentheses too. */
const readStat = (pid: number): { state: string; parent: number; group: number } | undefined => {
  const stat = readProc(`${pid}/stat`);
  if (stat === undefined) return undefined;
  const [state = '', parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state, parent: Number(parent), group: Number(group) };
};

const anonymous = /^RssAnon:\s*(\d+) kB$/m;
const ofFiles = /^RssFile:\s*(\d+) kB$/m;
const ofSharedMemory = /^RssShmem:\s*(\d+) kB$/m;
/** 0 for a zombie, which has no memory and no such line. */
const kibibytes = (status: string, line: RegExp): number => Number(line.exec(status)?.[1] ?? 0);

/**
 * Which process belongs to which leader (the first process of an execution environment), and what memory a family
 * uses. A process belongs to the leader whose group it is in, or to its parent's leader as seen at its birth: a child
 * that left the group is found, too, unless its parent had died before the next look. Linux only, by /proc.
 */
export class ProcessFamilies {
  readonly #leaderOf = new Map<number, number | undefined>();
  readonly #leaders = new Set<number>();

  add(leader: number): void {
    this.#leaders.add(leader);
    this.#leaderOf.set(leader, leader);
  }

  remove(leader: number): void {
    this.#leaders.delete(leader);
    for (const [pid, known] of this.#leaderOf) if (known === leader) this.#leaderOf.delete(pid);
  }

  /**
   * Looks for processes that have begun or ended since the last look. Only new ones are read: 0.1 ms for 80
   * processes, where reading all of them takes 1.2 ms.
   */
  refresh(): void {
    const pids = readdirSync('/proc')
      .filter((name) => name.charCodeAt(0) <= 57)
      .map(Number);
    const alive = new Set(pids);
    for (const pid of this.#leaderOf.keys()) {
      if (!alive.has(pid) && !this.#leaders.has(pid)) this.#leaderOf.delete(pid);
    }
    // Ascending, so that a parent is almost always known before its child.
    for (const pid of pids.sort((a, b) => a - b)) {
      if (this.#leaderOf.has(pid)) continue;
      const stat = readStat(pid);
      if (stat === undefined) continue;
      this.#leaderOf.set(pid, this.#leaders.has(stat.group) ? stat.group : this.#leaderOf.get(stat.parent));
    }
  }

  /** The family's processes as of the last refresh that have not ended (a zombie has). */
  members(leader: number): number[] {
    return [...this.#leaderOf]
      .filter(([pid, known]) => known === leader && !['Z', 'X', undefined].includes(readStat(pid)?.state))
      .map(([pid]) => pid);
  }

  /**
   * Bytes of memory as a control group would count them: each process's own pages, and pages of files (the program,
   * its libraries) once, since all processes of a family run the same program.
   */
  memoryBytes(leader: number): number {
    let own = 0;
    let shared = 0;
    for (const [pid, known] of this.#leaderOf) {
      if (known !== leader) continue;
      const status = readProc(`${pid}/status`) ?? '';
      own += kibibytes(status, anonymous);
      shared = Math.max(shared, kibibytes(status, ofFiles) + kibibytes(status, ofSharedMemory));
    }
    return (own + shared) * 1024;
  }
}
