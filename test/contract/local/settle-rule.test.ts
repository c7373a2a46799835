import { describe, expect, it } from 'vitest';
import { settleRule } from '../../../local/settle-rule.ts';
import { statusChange } from '../../../local/step-functions/status-change.ts';

const ended = (status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED') =>
  statusChange({
    ...{ executionArn: 'arn', stateMachineArn: 'machine', name: 'a-1', status, startDate: 0, stopDate: 1, input: '{}' },
    ...{ events: [], isAnnounced: false, openJobs: [] },
  });

/** A function that fails so many times first. */
const failing = (times: number) => {
  const events: unknown[] = [];
  return {
    events,
    invoke: async (name: string, event: unknown) => {
      expect(name).toBe('settle');
      const answer = { requestId: '1', payload: 'HeldByAnother' };
      return events.push(event) <= times ? { ...answer, functionError: 'Unhandled' as const } : answer;
    },
  };
};
const open = new AbortController().signal;

describe('the rule for ended executions', () => {
  it.each(['FAILED', 'TIMED_OUT', 'ABORTED'] as const)(
    'invokes settle with the event of one that %s',
    async (status) => {
      const lambda = failing(0);
      const event = ended(status);
      await settleRule(lambda, 'settle', 0)(event, open);
      expect(lambda.events).toEqual([event]);
    },
  );

  it('leaves one that succeeded alone', async () => {
    const lambda = failing(0);
    await settleRule(lambda, 'settle', 0)(ended('SUCCEEDED'), open);
    expect(lambda.events).toEqual([]);
  });

  it('tries three times, as Lambda does, and then says that it could not', async () => {
    const patient = failing(2);
    await settleRule(patient, 'settle', 0)(ended('ABORTED'), open);
    expect(patient.events).toHaveLength(3);
    const hopeless = failing(3);
    await expect(settleRule(hopeless, 'settle', 0)(ended('ABORTED'), open)).rejects.toThrow('HeldByAnother');
    expect(hopeless.events).toHaveLength(3);
  });

  it('waits no longer when all closes', async () => {
    const closing = new AbortController();
    const settling = settleRule(failing(1), 'settle', 3600)(ended('ABORTED'), closing.signal);
    closing.abort();
    await expect(settling).rejects.toMatchObject({ name: 'AbortError' });
  });
});
