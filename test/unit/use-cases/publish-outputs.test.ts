import { describe, expect, it } from 'vitest';
import { LostClaimError } from '../../../core/errors.ts';
import { claimed, handedOver } from '../../../core/jobs/claim.ts';
import { writerOf } from '../../../core/jobs/identity.ts';
import type { Job } from '../../../core/jobs/job.ts';
import { type ManifestOutput, manifestOf } from '../../../core/jobs/manifest.ts';
import type { OutputStore } from '../../../core/ports.ts';
import { type PreparedOutput, publishOutputs } from '../../../core/use-cases/publish-outputs.ts';
import { aJob } from '../../support/jobs.ts';
import { memoryInputStore, memoryJobStore, memoryOutputStore } from '../../support/memory-ports.ts';

const prefix = 'a/photo.jpg/web/';
const output = (name: string, body = name, writer = writerOf(aJob())): PreparedOutput => {
  const key = `${prefix}${name}`;
  const described = {
    key,
    bytes: body.length,
    width: 1,
    height: 1,
    pages: 1,
    contentType: 'image/webp',
    checksum: body,
  };
  const file = { key, body, bytes: body.length, sha256: '', contentType: 'image/webp', cacheControl: '', writer };
  return { described, file };
};

/** One upload that a worker has claimed, and the ports it publishes by. */
const scene = async (key = 'a/photo.jpg') => {
  const jobs = memoryJobStore();
  const input = memoryInputStore();
  const store = memoryOutputStore();
  const upload = input.put(key, Buffer.from('x'));
  const job = claimed(aJob({ upload }), { kind: 'lambda', requestId: 'r1' }, 0, 10);
  await jobs.create(job);
  const publish = (outputs: PreparedOutput[], through: OutputStore = store, of: Job = job) =>
    publishOutputs(of, { outputs, manifest: manifest(of) }, { jobs, input, output: through });
  return { jobs, input, store, job, publish };
};

const manifest = (job: Job) => (outputs: ManifestOutput[]) => manifestOf(job, { status: 'done', outputs }, '1');
const named = (text: string | undefined): string[] =>
  JSON.parse(text ?? '{}').outputs.map(({ key }: ManifestOutput) => key);

/** The store, with something that happens just before the nth commit. */
const interfering = (store: OutputStore, nth: number, happen: () => Promise<unknown>): OutputStore => {
  let commits = 0;
  return {
    ...store,
    async prepare(file) {
      const write = await store.prepare(file);
      return {
        ...write,
        async commit(replaces) {
          if (++commits === nth) await happen();
          return write.commit(replaces);
        },
      };
    },
  };
};

describe('publishOutputs', () => {
  it('writes the outputs and a manifest that names their versions', async () => {
    const { store, publish } = await scene();
    expect(await publish([output('480w.webp'), output('960w.webp')])).toBe('published');
    expect(store.keys()).toEqual([`${prefix}480w.webp`, `${prefix}960w.webp`, `${prefix}manifest.json`]);
    const { outputs } = JSON.parse(store.text(`${prefix}manifest.json`) ?? '');
    expect(outputs.map(({ versionId }: ManifestOutput) => versionId)).toEqual(['v1', 'v2']);
  });

  it('writes the manifest last', async () => {
    const { store, publish } = await scene();
    const order: string[] = [];
    const watched: OutputStore = {
      ...store,
      prepare: async (file) => {
        const write = await store.prepare(file);
        const commit: typeof write.commit = (replaces) => {
          order.push(file.key);
          return write.commit(replaces);
        };
        return { ...write, commit };
      },
    };
    await publish([output('480w.webp'), output('960w.webp')], watched);
    expect(order.at(-1)).toBe(`${prefix}manifest.json`);
    expect(order).toHaveLength(3);
  });

  it('replaces an earlier run and hides the outputs that it no longer names', async () => {
    const { store, input, jobs, publish } = await scene();
    await publish([output('480w.webp'), output('old.webp')]);
    const upload = input.put('a/photo.jpg', Buffer.from('newer'));
    const newer = claimed(aJob({ id: 'f'.repeat(32), upload }), { kind: 'lambda', requestId: 'r2' }, 0, 10);
    await jobs.create(newer);
    await publish([output('480w.webp', 'new', writerOf(newer))], store, newer);
    expect(store.keys()).toEqual([`${prefix}480w.webp`, `${prefix}manifest.json`]);
    expect(store.text(`${prefix}480w.webp`)).toBe('new');
    expect(store.versions(`${prefix}old.webp`)).toHaveLength(1);
  });

  describe('of a job that is done again', () => {
    /** The first run has published; the record is the second run's. */
    const secondRun = async () => {
      const made = await scene();
      await made.publish([output('480w.webp')]);
      const first = await made.jobs.get(made.job.id);
      const again = { ...(first ?? made.job), run: 2 };
      const job = await made.jobs.replace(again);
      if (job === undefined) throw new Error('lost a race');
      return { ...made, job, write: output('480w.webp', 'again', writerOf(job)) };
    };

    it('replaces the results of the run before, whose versions stay', async () => {
      const { store, job, publish, write } = await secondRun();
      expect(await publish([write], store, job)).toBe('published');
      expect(store.text(`${prefix}480w.webp`)).toBe('again');
      expect(store.versions(`${prefix}480w.webp`)).toHaveLength(2);
    });

    it('hides the results of the run before where this one has none, and keeps their versions', async () => {
      const { store, job, publish } = await secondRun();
      expect(await publish([], store, job)).toBe('published');
      expect(store.keys()).toEqual([`${prefix}manifest.json`]);
      expect(store.versions(`${prefix}480w.webp`)).toHaveLength(1);
    });

    it('leaves them as they are where the upload has been overtaken', async () => {
      const { store, input, job, publish, write } = await secondRun();
      input.put('a/photo.jpg', Buffer.from('newer'));
      expect(await publish([write], store, job)).toBe('superseded');
      expect(store.text(`${prefix}480w.webp`)).toBe('480w.webp');
      expect(JSON.parse(store.text(`${prefix}manifest.json`) ?? '')).toMatchObject({ job: { run: 1 } });
    });
  });

  it('gives way to a later job of the very same upload, whose recipe was another one by then', async () => {
    const { store, job, jobs, publish } = await scene();
    const later = { ...job, id: 'e'.repeat(32), createdAt: 5 };
    await jobs.create(later);
    expect(await publish([output('new.webp', 'new', writerOf(later))], store, later)).toBe('published');
    expect(await publish([output('old.webp')])).toBe('superseded');
    expect(store.keys()).toEqual([`${prefix}manifest.json`, `${prefix}new.webp`]);
  });

  it('publishes nothing for an upload that is no longer the newest, or gone', async () => {
    const { store, input, publish } = await scene();
    input.put('a/photo.jpg', Buffer.from('newer'));
    expect(await publish([output('480w.webp')])).toBe('superseded');
    input.delete('a/photo.jpg');
    expect(await publish([output('480w.webp')])).toBe('gone');
    expect(store.keys()).toEqual([]);
  });

  it.each([1, 2, 3])('gives way when a newer upload was published before write %i', async (nth) => {
    const { store, input, jobs, publish } = await scene();
    const newer = async () => {
      const upload = input.put('a/photo.jpg', Buffer.from('newer'));
      const job = claimed(aJob({ id: 'f'.repeat(32), upload }), { kind: 'lambda', requestId: 'r2' }, 0, 10);
      await jobs.create(job);
      await publish(
        [output('480w.webp', 'newer', writerOf(job)), output('960w.webp', 'newer', writerOf(job))],
        store,
        job,
      );
    };
    const result = await publish([output('480w.webp'), output('960w.webp')], interfering(store, nth, newer));
    expect(result).toBe('superseded');
    expect(store.text(`${prefix}480w.webp`)).toBe('newer');
    expect(store.text(`${prefix}960w.webp`)).toBe('newer');
    expect(JSON.parse(store.text(`${prefix}manifest.json`) ?? '').job.id).toBe('f'.repeat(32));
  });

  it.each([1, 2, 3])(
    'takes back what it wrote when a newer upload came before write %i, and others write',
    async (nth) => {
      const { store, input, job, publish } = await scene();
      // Somebody else's write makes the round fail; by then a newer upload is there, of which nothing is published yet.
      const late = async () => {
        input.put('a/photo.jpg', Buffer.from('newer'));
        for (const name of ['480w.webp', '960w.webp', 'manifest.json']) {
          const other = output(name, 'other', 'another job').file;
          await (await store.prepare(other)).commit(await store.current(other.key));
        }
      };
      const result = await publish([output('480w.webp'), output('960w.webp')], interfering(store, nth, late));
      expect(result).toBe('superseded');
      for (const name of ['480w.webp', '960w.webp']) {
        expect(store.text(`${prefix}${name}`)).toBe('other');
        expect(await store.current(`${prefix}${name}`)).not.toMatchObject({ writer: writerOf(job) });
      }
    },
  );

  it('removes what an attempt before it had written when the upload is no longer the newest', async () => {
    const { store, input, jobs, job, publish } = await scene();
    const killed: OutputStore = {
      ...store,
      prepare: async (file) => {
        const write = await store.prepare(file);
        const commit: typeof write.commit = async (replaces) => {
          if (file.key.endsWith('manifest.json')) throw new Error('killed');
          return write.commit(replaces);
        };
        return { ...write, commit };
      },
    };
    await expect(publish([output('480w.webp'), output('960w.webp')], killed)).rejects.toThrow('killed');
    expect(store.keys()).toEqual([`${prefix}480w.webp`, `${prefix}960w.webp`]);
    input.put('a/photo.jpg', Buffer.from('newer'));
    const next = claimed((await jobs.get(job.id)) ?? job, { kind: 'lambda', requestId: 'r2' }, 99_000, 10);
    const stored = await jobs.replace(next);
    expect(await publish([], store, stored)).toBe('superseded');
    expect(store.keys()).toEqual([]);
  });

  it('reads what is there before it asks for the newest upload: a newer run in between is noticed', async () => {
    const { store, input, jobs, job } = await scene();
    const order: string[] = [];
    const noting = <Answer>(what: string, answer: Answer): Answer => {
      order.push(what);
      return answer;
    };
    const watched: OutputStore = { ...store, current: (key) => noting('current', store.current(key)) };
    const watchedInput = { ...input, standing: async () => noting('standing', 'newest' as const) };
    const watchedJobs = { ...jobs, replace: (next: Job) => noting('noted', jobs.replace(next)) };
    const ports = { jobs: watchedJobs, input: watchedInput, output: watched };
    await publishOutputs(job, { outputs: [output('480w.webp')], manifest: manifest(job) }, ports);
    expect(order.slice(0, 4)).toEqual(['current', 'current', 'standing', 'noted']);
  });

  it.each([1, 2, 3])('does it again when the same keys were written by an older run before write %i', async (nth) => {
    const { store, publish } = await scene();
    const late = async () => {
      const write = await store.prepare(output('960w.webp', 'late').file);
      await write.commit(await store.current(`${prefix}960w.webp`));
    };
    const result = await publish([output('480w.webp'), output('960w.webp')], interfering(store, nth, late));
    expect(result).toBe('published');
    expect(named(store.text(`${prefix}manifest.json`))).toHaveLength(2);
  });

  it('stops without a manifest when another worker has taken the job', async () => {
    const { store, jobs, job, publish } = await scene();
    const taken = claimed(job, { kind: 'lambda', requestId: 'r2' }, 99_000, 10);
    await jobs.replace(taken);
    await expect(publish([output('480w.webp')])).rejects.toThrow(LostClaimError);
    expect(store.keys()).toEqual([]);
  });

  it('stops when the job was handed over in the meantime', async () => {
    const { jobs, job, publish } = await scene();
    await jobs.replace(handedOver(job, 'late', 99_000));
    await expect(publish([])).rejects.toThrow(LostClaimError);
  });

  it('gives up, to be tried again, where others keep writing', async () => {
    const { store, publish } = await scene();
    let count = 0;
    const refusing = async () => {
      count++;
      return undefined;
    };
    const always: OutputStore = { ...store, prepare: async () => ({ commit: refusing, abort: async () => {} }) };
    await expect(publish([output('480w.webp')], always)).rejects.toMatchObject({ code: 'Contended', retryable: true });
    expect(count).toBe(5);
  });
});
