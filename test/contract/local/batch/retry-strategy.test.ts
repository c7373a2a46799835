import { describe, expect, it } from 'vitest';
import { retryStrategySchema } from '../../../../aws/retry-strategy.ts';
import { shouldRetry } from '../../../../local/batch/retry-strategy.ts';

const exited = { exitCode: 1, statusReason: 'Essential container in task exited' };
const reclaimed = { statusReason: 'Host EC2 (instance i-0123) terminated.' };
const outOfMemory = { ...exited, exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' };

const decide = (evaluateOnExit: object[], attempt: Parameters<typeof shouldRetry>[2], attemptsMade = 1) =>
  shouldRetry(retryStrategySchema.parse({ attempts: 3, evaluateOnExit }), attemptsMade, attempt);

describe('shouldRetry', () => {
  it.each([
    ['no rule at all', [], exited, true],
    ['no rule that holds', [{ action: 'EXIT', onExitCode: '2' }], exited, true],
    ['an exact exit code', [{ action: 'EXIT', onExitCode: '1' }], exited, false],
    ['an exit code by its beginning', [{ action: 'EXIT', onExitCode: '13*' }], outOfMemory, false],
    ['no match in the middle', [{ action: 'EXIT', onReason: 'Container*' }], outOfMemory, true],
    ['an exact text is not a beginning', [{ action: 'EXIT', onReason: 'OutOfMemoryError' }], outOfMemory, true],
    ['a reason by its beginning', [{ action: 'EXIT', onReason: 'OutOfMemoryError*' }], outOfMemory, false],
    ['a lone * matches what is absent', [{ action: 'EXIT', onReason: '*' }], reclaimed, false],
    ['an absent exit code is no number', [{ action: 'EXIT', onExitCode: '1*' }], reclaimed, true],
    ['the action in any case', [{ action: 'exit', onReason: '*' }], exited, false],
    [
      'the first rule that holds',
      [
        { action: 'RETRY', onStatusReason: 'Host EC2*' },
        { action: 'EXIT', onReason: '*' },
      ],
      reclaimed,
      true,
    ],
    [
      'a later rule where the first does not hold',
      [
        { action: 'RETRY', onStatusReason: 'Host EC2*' },
        { action: 'EXIT', onReason: '*' },
      ],
      exited,
      false,
    ],
    ['all conditions of a rule', [{ action: 'EXIT', onExitCode: '1', onReason: 'OutOfMemory*' }], exited, true],
    ['a rule without conditions', [{ action: 'EXIT' }], exited, false],
  ])('%s', (_name, rules, attempt, expected) => {
    expect(decide(rules, attempt)).toBe(expected);
  });

  it('never goes past the attempts, whatever the rules say', () => {
    const rules = [{ action: 'RETRY', onReason: '*' }];
    expect([1, 2, 3].map((made) => decide(rules, exited, made))).toEqual([true, true, false]);
  });
});

describe('retryStrategySchema', () => {
  it.each([
    ['a * that is not last', { attempts: 1, evaluateOnExit: [{ action: 'EXIT', onReason: 'a*b' }] }],
    ['characters that AWS does not take', { attempts: 1, evaluateOnExit: [{ action: 'EXIT', onReason: '(a)' }] }],
    ['an exit code that is no number', { attempts: 1, evaluateOnExit: [{ action: 'EXIT', onExitCode: 'one' }] }],
    ['another action', { attempts: 1, evaluateOnExit: [{ action: 'SKIP' }] }],
    ['more than five rules', { attempts: 1, evaluateOnExit: Array(6).fill({ action: 'EXIT' }) }],
    ['more than ten attempts', { attempts: 11 }],
    ['rules without attempts', { evaluateOnExit: [] }],
    ['an unknown field', { attempts: 1, onExit: [] }],
  ])('refuses %s', (_name, strategy) => {
    expect(retryStrategySchema.safeParse(strategy).success).toBe(false);
  });
});
