import { describe, expect, it } from 'vitest';
import { DependencyError } from '../../../../core/errors.ts';
import { type DrainPort, drain } from '../../../../deploy/remove/drain.ts';
import { removeLeftovers } from '../../../../deploy/remove/leftovers.ts';
import { refuseRemoval } from '../../../../deploy/remove/refuse-removal.ts';
import { whatStays } from '../../../../deploy/remove/what-stays.ts';
import { testDeployment } from '../test-deployment.ts';

const { names, params } = testDeployment();

describe('a removal', () => {
  const full = { name: 'pictures', versions: 1000, hasMore: true };

  it('is refused while buckets hold pictures', () => {
    expect(() => refuseRemoval([full, { name: 'b', versions: 1, hasMore: false }], false, 'dev')).toThrow(
      /pictures: more than 1000 objects\n {2}b: 1 object\n.*npx sls remove --stage dev --empty-buckets/s,
    );
  });

  it('goes on where they are empty, or may be emptied', () => {
    expect(() => refuseRemoval([{ ...full, versions: 0, hasMore: false }], false, 'dev')).not.toThrow();
    expect(() => refuseRemoval([full], true, 'dev')).not.toThrow();
  });

  it('tells what stays', () => {
    const existing = testDeployment({ input: 'existing', inputBucket: 'pictures' }).params;
    expect(whatStays(existing, ['log group x: denied']).join('\n')).toMatch(/may cost money: log group x.*pictures/s);
    expect(whatStays(params, []).join('\n')).not.toContain('may cost money');
  });
});

/** Batch with these jobs, which end after as many looks as they say. */
const testBatch = (jobs: Record<string, number>) => {
  const calls: string[] = [];
  const left = new Map(Object.entries(jobs));
  const port: DrainPort = {
    stopIntake: async (functions) => void calls.push(`stop ${functions.join(' ')}`),
    disableRule: async (rule) => void calls.push(`rule ${rule}`),
    stopExecutions: async (machine) => calls.push(`executions ${machine}`),
    disableQueue: async (queue) => void calls.push(`disable ${queue}`),
    openJobs: async (queue) => {
      if (queue !== 'kadam-dev-spot') return [];
      const open = [...left].filter(([, looks]) => looks > 0).map(([id]) => id);
      for (const id of open) left.set(id, (left.get(id) ?? 0) - 1);
      return open;
    },
    terminateJob: async (id) => void calls.push(`terminate ${id}`),
  };
  const said: string[] = [];
  const waits: number[] = [];
  const deps = { say: (text: string) => void said.push(text), wait: async (ms: number) => void waits.push(ms) };
  return { calls, said, waits, run: () => drain(names, port, deps) };
};

describe('draining', () => {
  it('takes the way of a picture: intake, executions, queues, jobs', async () => {
    const batch = testBatch({ a: 1, b: 2 });
    await batch.run();
    expect(batch.calls).toEqual([
      'stop kadam-dev-dispatch kadam-dev-process kadam-dev-settle',
      'rule kadam-dev-failed-executions',
      'executions kadam-dev-filter-image',
      'disable kadam-dev-spot',
      'disable kadam-dev-on-demand',
      'terminate a',
      'terminate b',
    ]);
    expect(batch.waits).toHaveLength(2);
  });

  it('waits for nothing where nothing runs', async () => {
    const batch = testBatch({});
    await batch.run();
    expect(batch.waits).toEqual([]);
  });

  it('gives up waiting in the end, and says so', async () => {
    const batch = testBatch({ stubborn: Number.POSITIVE_INFINITY });
    await batch.run();
    expect(batch.waits.length).toBeGreaterThan(10);
    expect(batch.said.at(-1)).toMatch(/1 jobs have not ended/);
  });
});

describe('leftovers', () => {
  it('are deleted, and one failure holds up nothing else', async () => {
    const deleted: string[] = [];
    const result = await removeLeftovers(names, {
      deleteRepository: () => Promise.reject(new DependencyError('Expected ECR but', { code: 'ServiceFailed' })),
      deleteLogGroup: async (name) => {
        deleted.push(name);
        return name.startsWith('/aws/lambda/');
      },
      deregisterJobDefinitions: async () => 3,
    });
    expect(deleted).toEqual(names.logGroups);
    expect(result.done).toEqual([
      'log group /aws/lambda/kadam-dev-dispatch',
      'log group /aws/lambda/kadam-dev-process',
      'log group /aws/lambda/kadam-dev-settle',
      'revisions of the job definition kadam-dev-filter (3)',
    ]);
    expect(result.failed).toEqual(['ECR repository kadam/dev/filter: Expected ECR but']);
  });

  it('that are a fault of ours are not hidden', async () => {
    const port = {
      deleteRepository: () => Promise.reject(new TypeError('a fault')),
      deleteLogGroup: async () => false,
      deregisterJobDefinitions: async () => 0,
    };
    await expect(removeLeftovers(names, port)).rejects.toThrow('a fault');
  });
});
