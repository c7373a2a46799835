/** Control characters, and those that turn the direction of text around: what could make a terminal say something else. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const unprintable = /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** A stranger's text (a key, a message about one) as a terminal may show it: what is no character is shown by its code. */
export const printable = (text: string): string =>
  text.replace(unprintable, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);

/**
 * The same for a message of ours, which may have lines: each but the first begins with `indent`, so that a stranger's line
 * break cannot make a line that looks like a new one of ours.
 */
export const printableLines = (text: string, indent: string): string =>
  text.split('\n').map(printable).join(`\n${indent}`);
