import { describe, expect, it } from 'vitest';
import { log, reporting } from '../../../aws/log.ts';
import { DependencyError, LostClaimError } from '../../../core/errors.ts';
import { printedLines } from '../../support/printed-lines.ts';

const failing = (error: unknown) => async () => {
  throw error;
};

describe('the log', () => {
  it('writes a line of JSON with level, message, timestamp, service and what is known of the job', async () => {
    const lines = await printedLines(() =>
      log.within({ job: 'abc', key: 'a/é.jpg' }, () => log.write('warn', 'lease not renewed', { owner: 'x' })),
    );
    expect(lines).toMatchObject([
      {
        level: 'WARN',
        message: 'lease not renewed',
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        service: expect.any(String),
        job: 'abc',
        key: 'a/é.jpg',
        owner: 'x',
      },
    ]);
  });

  it('shows an error with its name, text, stack and cause, our code, and whether another attempt may help', async () => {
    const cause = new Error('socket hang up');
    const error = new DependencyError('Expected S3 to answer.', { code: 'ServiceFailed', cause });
    const [line] = await printedLines(() => log.write('error', 'attempt failed', { error }));
    expect(line?.error).toMatchObject({
      name: 'DependencyError',
      message: 'Expected S3 to answer.',
      code: 'ServiceFailed',
      retryable: true,
      stack: expect.stringContaining('log.test.ts'),
      cause: { name: 'Error', message: 'socket hang up' },
    });
  });
});

describe('reporting', () => {
  it('says what failed with everything that was learned on the way, and throws on', async () => {
    const error = new Error('no');
    const lines = await printedLines(() =>
      expect(
        reporting('message', { messageId: 'm1' }, async () => {
          log.add({ job: 'abc', key: 'a.jpg' });
          throw error;
        }),
      ).rejects.toBe(error),
    );
    expect(lines).toMatchObject([
      {
        level: 'ERROR',
        message: 'message failed',
        messageId: 'm1',
        job: 'abc',
        key: 'a.jpg',
        error: { message: 'no' },
      },
    ]);
  });

  it('reports a failure once, by the innermost unit of work', async () => {
    const upload = () => reporting('upload', { key: 'a.jpg' }, failing(new Error('no')));
    const lines = await printedLines(() => expect(reporting('message', { messageId: 'm1' }, upload)).rejects.toThrow());
    expect(lines).toMatchObject([{ message: 'upload failed', messageId: 'm1', key: 'a.jpg' }]);
  });

  it('reports no failure that its work has written down already', async () => {
    const error = new Error('no');
    const work = async () => {
      log.write('error', 'attempt failed', { error });
      throw error;
    };
    const lines = await printedLines(() => expect(reporting('message', {}, work)).rejects.toBe(error));
    expect(lines).toMatchObject([{ message: 'attempt failed' }]);
  });

  it('is calm where another worker holds the job', async () => {
    const held = new LostClaimError('Expected a free job.', { code: 'HeldByAnother' });
    const lines = await printedLines(() => expect(reporting('message', {}, failing(held))).rejects.toBe(held));
    expect(lines).toMatchObject([{ level: 'WARN' }]);
  });
});
