/** Keys that clients, servers and shells like to get wrong. Each is an object of its own. */
export const nastyKeys: readonly string[] = [
  'plain.txt',
  'with space.txt',
  ' lead and trail ',
  'a+b',
  'a b',
  'a%20b',
  'a%2Fb',
  '100%',
  'quote"double',
  "quote'single",
  'amp&ersand<tag>',
  '&amp;&lt;&#38;',
  'semi;colon=equals,comma',
  'hash#query?x=1&y',
  'brackets[1]{2}(3)',
  'tilde~!*@$^|`',
  'back\\slash:colon',
  'a',
  'a/b',
  '/lead',
  'double//slash',
  'dots/../up',
  './here',
  'gr\u00fc\u00dfe',
  'gru\u0308\u00dfe',
  '\u65e5\u672c\u8a9e/\u{1f600}.png',
  'tab\tkey',
  'line\nbreak\r',
  '\u0001control\u007f',
  'trail/',
  'k'.repeat(1024),
  '\u00fc'.repeat(512),
];

/** A key as it can be printed on one line. */
export const printable = (key: string): string =>
  key.length > 40 ? `${JSON.stringify(key.slice(0, 4))}... (${Buffer.byteLength(key)} bytes)` : JSON.stringify(key);
