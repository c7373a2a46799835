import { describe, expect, it } from 'vitest';
import { reopen } from '../../../core/jobs/reopen.ts';
import { noteEnd } from '../../../core/use-cases/note-end.ts';
import { aJob } from '../../support/jobs.ts';
import { memoryJobStore, memoryMetrics } from '../../support/memory-ports.ts';

const scene = async () => {
  const jobs = memoryJobStore();
  const metrics = memoryMetrics();
  const { job } = await jobs.create(aJob({ state: 'done', endedAt: 1000 }));
  const states = () => metrics.recorded.flatMap(({ dimensions }) => dimensions?.state ?? []);
  return { jobs, metrics, job, states };
};

describe('noteEnd', () => {
  it('counts an end once, however many find it at the same time or later', async () => {
    const { jobs, metrics, job, states } = await scene();
    await Promise.all(Array.from({ length: 4 }, () => noteEnd(job, { jobs, metrics })));
    const stored = await jobs.get(job.id);
    await noteEnd(stored ?? job, { jobs, metrics });
    expect(states()).toEqual(['done']);
    expect(stored).toMatchObject({ eventPublished: true, isCounted: true });
  });

  it('leaves the counting to others where no metrics are collected', async () => {
    const { jobs, metrics, job, states } = await scene();
    const noted = await noteEnd(job, { jobs });
    expect(noted).toMatchObject({ eventPublished: true });
    expect(noted.isCounted).toBeUndefined();
    await noteEnd(noted, { jobs, metrics });
    expect(states()).toEqual(['done']);
  });

  it('writes nothing where everything is noted', async () => {
    const { jobs, metrics, job } = await scene();
    const { revision } = await noteEnd(job, { jobs, metrics });
    const again = await noteEnd((await jobs.get(job.id)) ?? job, { jobs, metrics });
    expect(again.revision).toBe(revision);
  });

  it('leaves alone a job that was begun anew in the meantime: its event is still to come', async () => {
    const { jobs, metrics, job, states } = await scene();
    await jobs.replace(reopen(job, aJob()));
    await noteEnd(job, { jobs, metrics });
    expect(await jobs.get(job.id)).toMatchObject({ state: 'queued', run: 2, eventPublished: false });
    expect(states()).toEqual([]);
  });

  it('leaves a later run, which has ended too, to whoever notes that', async () => {
    const { jobs, metrics, job, states } = await scene();
    const again = await jobs.replace(reopen(job, aJob({ state: 'rejected', endedAt: 2000 })));
    await noteEnd(job, { jobs, metrics });
    expect(states()).toEqual([]);
    await noteEnd(again ?? job, { jobs, metrics });
    expect(states()).toEqual(['rejected']);
  });

  it('counts nothing where the note could not be written', async () => {
    const { jobs, metrics, job, states } = await scene();
    const broken = { ...jobs, replace: () => Promise.reject(new Error('throttled')) };
    await expect(noteEnd(job, { jobs: broken, metrics })).rejects.toThrow('throttled');
    expect(states()).toEqual([]);
  });
});
