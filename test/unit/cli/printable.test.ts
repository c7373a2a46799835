import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable, printableLines } from '../../../cli/printable.ts';

describe('printable', () => {
  it.each([
    ['früh am See 🏔.jpg', 'früh am See 🏔.jpg'],
    ['a\u001b[31mred', 'a\\u{1b}[31mred'],
    ['two\nlines\r', 'two\\u{a}lines\\u{d}'],
    ['gpj.\u202egnp', 'gpj.\\u{202e}gnp'],
    ['\u009b2J', '\\u{9b}2J'],
  ])('shows %j as %j', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('leaves no control character, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
      }),
    );
  });
});

describe('printableLines', () => {
  it('keeps the lines of a message, indented, so that none looks like one of ours', () => {
    expect(printableLines('Expected a\n  b: \u001b[2J\r', '    ')).toBe('Expected a\n      b: \\u{1b}[2J\\u{d}');
  });
});
