import { afterEach, describe, expect, it } from 'vitest';
import { isAlive, script } from '../local/batch/start-batch.ts';
import { patience, startWorkflow, type TestWorkflow } from './start-workflow.ts';

let workflow: TestWorkflow;
afterEach(() => workflow.close());
const stays = script('stays', 'console.log("pid", process.pid); setInterval(() => {}, 1e6)');
const endingOf = (name: string) => workflow.endings.find(({ detail }) => detail.name === name)?.detail;
type States = Record<string, Record<string, unknown>>;

describe('a task whose time is up', () => {
  it.each(['Filter on Spot', 'Filter on On-Demand'])('(%s) is recorded, and its job ended', async (state) => {
    workflow = await startWorkflow([stays], (definition) => {
      const changed = structuredClone(definition);
      const states = changed.States as States;
      // A busy machine is to have the time to start the job: only one that has begun can be seen to end.
      if (states[state]) states[state].TimeoutSeconds = 4;
      return changed;
    });
    const begun = await workflow.begin('stays');
    const lines = () => workflow.batch.lines.filter((line) => line.startsWith(`${begun.name}: pid`));
    await expect.poll(() => lines().length, patience).toBe(1);
    if (state === 'Filter on On-Demand') {
      workflow.batch.service.reclaim((await workflow.jobsOf(begun.name))[0]?.jobId ?? '');
      await expect.poll(() => lines().length, patience).toBe(2);
    }
    const execution = await workflow.end(begun);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect(workflow.requests).toMatchObject([{ job: 'id', execution: 1, failure: { Error: 'States.Timeout' } }]);
    await expect.poll(() => isAlive(Number(lines().at(-1)?.split(' ').at(-1))), patience).toBe(false);
  });
});

describe('an execution whose time is up', () => {
  it('leaves no job behind, and its end is told', async () => {
    workflow = await startWorkflow([stays], (definition) => ({ ...definition, TimeoutSeconds: 4 }));
    const begun = await workflow.begin('stays');
    const pid = Number((await workflow.batch.line(`${begun.name}: pid`)).split(' ').at(-1));
    expect(await workflow.end(begun)).toMatchObject({ status: 'TIMED_OUT' });
    await expect
      .poll(() => endingOf(begun.name), patience)
      .toMatchObject({ status: 'TIMED_OUT', input: expect.stringContaining('"id"') });
    await expect.poll(() => isAlive(pid), patience).toBe(false);
    expect(workflow.requests).toEqual([]);
  });
});

describe('an execution that cannot go on', () => {
  it('for want of a field has its end told, though no state could catch that', async () => {
    workflow = await startWorkflow([stays]);
    const begun = await workflow.begin('stays', { share: undefined });
    expect(await workflow.end(begun)).toMatchObject({ status: 'FAILED', error: 'States.Runtime', jobs: [] });
    await expect
      .poll(() => endingOf(begun.name), patience)
      .toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  });

  it('for an answer that is too large has its end told', async () => {
    workflow = await startWorkflow([script('works', '')]);
    workflow.answers.settle = () => ({ body: { status: 'x'.repeat(300_000) } });
    const begun = await workflow.begin('works');
    expect(await workflow.end(begun)).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    await expect.poll(() => endingOf(begun.name), patience).toMatchObject({ status: 'FAILED' });
  });
});
