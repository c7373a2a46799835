import { describe, expect, it } from 'vitest';
import { readableLine } from '../../../cli/readable-line.ts';

const timestamp = new Date(2026, 0, 31, 14, 2, 11).toISOString();
const line = (fields: object, name = 'kadam-local-process') =>
  readableLine(`${name}: ${JSON.stringify({ level: 'INFO', timestamp, service: 'kadam-local', ...fields })}`);

const identity = {
  cold_start: true,
  function_name: 'kadam-local-process',
  function_request_id: '7',
  messageId: 'm',
  job: 'a1',
  key: 'holiday/a: b.jpg',
  recipe: 'web',
  target: 'lambda',
  execution: 1,
  attempt: 2,
};

describe('readableLine', () => {
  it('says when, who, what and about which picture, and leaves the machinery out', () => {
    expect(line({ message: 'claimed', ...identity, owner: 'lambda/7' })).toBe(
      '14:02:11 process  claimed  holiday/a: b.jpg  (web, lambda)  owner lambda/7',
    );
  });

  it('shows numbers as people say them, and the error of a job that failed', () => {
    const error = { code: 'ServiceFailed', message: 'Expected S3 to answer.' };
    expect(line({ message: 'ended', key: 'a.jpg', state: 'failed', seconds: 2.34567, error })).toBe(
      '14:02:11 process  ended  a.jpg  state failed  seconds 2.35  ServiceFailed: Expected S3 to answer.',
    );
  });

  it('marks what is not well, without its stack', () => {
    const error = { name: 'TypeError', message: 'x is no function', stack: 'at y\nat z' };
    expect(line({ level: 'ERROR', message: 'attempt failed', error })).toBe(
      '14:02:11 process  error: attempt failed  TypeError: x is no function',
    );
  });

  it('knows a Batch job by the name of its execution', () => {
    expect(line({ message: 'claimed' }, 'a-jpg-0123456789abcdef-1')).toBe('14:02:11 batch    claimed');
  });

  it('leaves measurements out', () => {
    expect(line({ message: 'measured', _aws: { CloudWatchMetrics: [] } })).toBeUndefined();
  });

  it.each(['kadam-local-process: Runtime.OutOfMemory: 1 MiB', 'no name', '', 'kadam-local-settle: {"level":1}'])(
    'leaves what is no line of the log as it is: %s',
    (other) => {
      expect(readableLine(other)).toBe(other);
    },
  );

  it("lets no stranger's key speak to the terminal", () => {
    expect(line({ message: 'claimed', key: '\u001b[2Ja.jpg' })).not.toContain('\u001b');
    expect(readableLine('x: \u001b[2J')).toBe('x: \\u{1b}[2J');
  });
});
