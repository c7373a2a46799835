import { readdirSync, readFileSync } from 'node:fs';

/** The pids of processes whose environment has this variable with this value, and that were started for `endpoint`. */
export const processesWith = (variable: string, value: RegExp, endpoint: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
        const isOurs = environment.includes(`AWS_ENDPOINT_URL=${endpoint}`);
        return isOurs && environment.some((entry) => entry.startsWith(`${variable}=`) && value.test(entry));
      } catch {
        // The process ended between the listing and the look.
        return false;
      }
    })
    .map(Number);

/** Kills the processing functions of a cloud with SIGKILL, as nothing inside of them can prevent; answers how many. */
export const killFunctions = (endpoint: string): number =>
  kill(processesWith('AWS_LAMBDA_FUNCTION_NAME', /kadam-local-process/, endpoint));

/** The same for the containers of Batch jobs. */
export const killContainers = (endpoint: string): number => kill(processesWith('AWS_BATCH_JOB_ID', /./, endpoint));

const kill = (pids: number[]): number => {
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  return pids.length;
};
