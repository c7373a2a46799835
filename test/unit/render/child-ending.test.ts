import { describe, expect, it } from 'vitest';
import { CapacityError, InternalError, InvalidInputError } from '../../../core/errors.ts';
import { explainSilentEnd } from '../../../core/render/child-ending.ts';
import { renderMessage, toError, toFailure } from '../../../core/render/render-messages.ts';

describe('a renderer that ended without a word', () => {
  it.each([
    [{ code: null, signal: 'SIGKILL', stderr: '' }, 'CapacityError', 'OutOfMemory'],
    [
      { code: null, signal: 'SIGABRT', stderr: 'GLib-ERROR: failed to allocate 3221225472 bytes' },
      'CapacityError',
      'OutOfMemory',
    ],
    [
      { code: null, signal: 'SIGABRT', stderr: 'FATAL ERROR: JavaScript heap out of memory' },
      'CapacityError',
      'OutOfMemory',
    ],
    [{ code: null, signal: 'SIGABRT', stderr: 'free(): invalid pointer' }, 'InvalidInputError', 'DecoderCrashed'],
    [{ code: null, signal: 'SIGSEGV', stderr: '' }, 'InvalidInputError', 'DecoderCrashed'],
    [{ code: null, signal: 'SIGBUS', stderr: '' }, 'InvalidInputError', 'DecoderCrashed'],
    [{ code: null, signal: 'SIGHUP', stderr: '' }, 'InternalError', 'RendererEnded'],
    [{ code: 1, signal: null, stderr: 'Error: Cannot find module' }, 'InternalError', 'RendererEnded'],
    [{ code: 0, signal: null, stderr: '' }, 'InternalError', 'RendererEnded'],
  ] as const)('%o: %s %s', (end, name, code) => {
    expect(explainSilentEnd(end)).toMatchObject({ name, code });
  });

  it('is quoted where it had last words', () => {
    expect(explainSilentEnd({ code: 1, signal: null, stderr: 'Error: no sharp\n' }).message).toMatch(
      /code 1.*no sharp$/s,
    );
    expect(explainSilentEnd({ code: 1, signal: null, stderr: '' }).message).not.toContain('last words');
  });
});

describe('an error on its way from the renderer', () => {
  it.each([
    new InvalidInputError('Expected a picture.', { code: 'CorruptImage' }),
    new CapacityError('Expected room.', { code: 'OutOfDisk' }),
    new InternalError('Expected sense.', { code: 'UnexpectedSize' }),
  ])('keeps its class, code and message: $name', (error) => {
    const failure = JSON.parse(JSON.stringify(toFailure(error)));
    const arrived = toError(failure);
    expect(arrived).toBeInstanceOf(error.constructor);
    expect({ ...arrived, message: arrived.message }).toEqual({ ...error, message: error.message });
  });

  it("becomes an InternalError that says what was thrown where it is none of Kadam's", () => {
    const arrived = toError(toFailure(new TypeError('pipeline is not a function')));
    expect(arrived).toBeInstanceOf(InternalError);
    expect(arrived.message).toContain('TypeError: pipeline is not a function');
  });

  it.each([
    [{ kind: 'done' }],
    [{ kind: 'stage', stage: { id: 'out', seconds: '1', cpuSeconds: 1 } }],
    [{ kind: 'failed', failure: { name: 'InternalError', code: 'X', message: 'm', stack: 's' } }],
    [{ kind: 'run', command: 'true' }],
    ['done'],
  ])('is refused where it is malformed: %o', (message) => {
    expect(renderMessage.safeParse(message).success).toBe(false);
  });
});
