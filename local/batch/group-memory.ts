import { readdirSync, readFileSync } from 'node:fs';

/**
 * Resident memory of a process group in bytes, from /proc; 0 where there is no /proc (memory is not capped there).
 * Pages shared between processes count once for each.
 */
export function groupMemory(processGroup: number): number {
  let bytes = 0;
  for (const pid of processIds()) {
    const stat = readProcess(pid, 'stat');
    // The second field, the command in brackets, may contain anything; pgrp is the third after it (proc(5)).
    const group = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[2];
    if (Number(group) !== processGroup) continue;
    const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readProcess(pid, 'status') ?? '')?.[1];
    bytes += Number(resident ?? 0) * 1024;
  }
  return bytes;
}

function processIds(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function readProcess(pid: string, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // Processes end between the listing and the reading.
    return undefined;
  }
}
