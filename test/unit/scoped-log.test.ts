import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { memoryLog } from '../support/memory-ports.ts';

describe('a scoped log', () => {
  it('says in every line what is known of the unit of work, also in what it calls later', async () => {
    const log = memoryLog();
    await log.within({ job: 'a' }, async () => {
      log.write('info', 'first');
      await sleep(1);
      log.add({ attempt: 1 });
      setTimeout(() => log.write('warn', 'from a timer'), 0);
      await sleep(5);
    });
    log.write('info', 'outside');
    expect(log.lines).toEqual([
      { level: 'info', message: 'first', job: 'a' },
      { level: 'warn', message: 'from a timer', job: 'a', attempt: 1 },
      { level: 'info', message: 'outside' },
    ]);
  });

  it('keeps units of work apart that go on at the same time', async () => {
    const log = memoryLog();
    const work = (job: string) =>
      log.within({ job }, async () => {
        log.add({ key: `${job}.jpg` });
        await sleep(1);
        log.write('info', 'done');
      });
    await log.within({ messageId: 'm' }, () => Promise.all([work('a'), work('b')]));
    expect(log.lines).toEqual([
      { level: 'info', message: 'done', messageId: 'm', job: 'a', key: 'a.jpg' },
      { level: 'info', message: 'done', messageId: 'm', job: 'b', key: 'b.jpg' },
    ]);
  });

  it('adds to nothing outside of any unit of work', () => {
    const log = memoryLog();
    log.add({ job: 'a' });
    log.write('info', 'hello');
    expect(log.known()).toEqual({});
    expect(log.lines).toEqual([{ level: 'info', message: 'hello' }]);
  });
});
