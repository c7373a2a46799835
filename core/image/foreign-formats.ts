import { hasText } from './header-format.ts';

/** Something that people upload and Kadam does not read: how its files begin, and what to call it. */
type ForeignFormat = { name: string; reason?: string; begins: readonly { text: string; at?: number }[] };

const heic = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs'];
const noDecoder = 'cannot be decoded';

// The first entry that fits names the file: special forms stand before general ones.
const foreignFormats: readonly ForeignFormat[] = [
  { name: 'a camera raw file (TIFF-based)', begins: [{ text: 'CR\x02', at: 8 }, { text: 'IIRO' }, { text: 'IIU\0' }] },
  { name: 'a camera raw file (RAF)', begins: [{ text: 'FUJIFILMCCD-RAW' }] },
  { name: 'a camera raw file (CR3)', begins: [{ text: 'ftypcrx ', at: 4 }] },
  { name: 'HEIC (HEVC)', reason: noDecoder, begins: heic.map((brand) => ({ text: `ftyp${brand}`, at: 4 })) },
  { name: 'an AVIF sequence', reason: `${noDecoder} as a still picture`, begins: [{ text: 'ftypavis', at: 4 }] },
  {
    name: 'a HEIF picture',
    reason: noDecoder,
    begins: ['mif2', 'mif3', 'miaf'].map((brand) => ({ text: `ftyp${brand}`, at: 4 })),
  },
  {
    name: 'a video (MP4 or QuickTime)',
    begins: [
      { text: 'ftyp', at: 4 },
      { text: 'moov', at: 4 },
      { text: 'mdat', at: 4 },
    ],
  },
  { name: 'a JPEG XL', begins: [{ text: '\xff\x0a' }, { text: '\0\0\0\x0cJXL \r\n\x87\n' }] },
  { name: 'a JPEG 2000', begins: [{ text: '\0\0\0\x0cjP  \r\n\x87\n' }, { text: '\xff\x4f\xff\x51' }] },
  { name: 'a PDF', begins: [{ text: '%PDF-' }] },
  { name: 'a PostScript file', begins: [{ text: '%!PS' }, { text: '\xc5\xd0\xd3\xc6' }] },
  { name: 'a Photoshop file', begins: [{ text: '8BPS' }] },
  { name: 'a ZIP archive', begins: [{ text: 'PK\x03\x04' }, { text: 'PK\x05\x06' }] },
  { name: 'a gzip archive', begins: [{ text: '\x1f\x8b' }] },
  { name: 'a 7z archive', begins: [{ text: '7z\xbc\xaf\x27\x1c' }] },
  { name: 'a RAR archive', begins: [{ text: 'Rar!\x1a\x07' }] },
  { name: 'a video (Matroska or WebM)', begins: [{ text: '\x1aE\xdf\xa3' }] },
  { name: 'an AVI video', begins: [{ text: 'AVI ', at: 8 }] },
  { name: 'a WAV recording', begins: [{ text: 'WAVE', at: 8 }] },
  { name: 'an icon (ICO)', begins: [{ text: '\0\0\x01\0' }] },
  { name: 'an MNG or JNG', begins: [{ text: '\x8aMNG' }, { text: '\x8bJNG' }] },
  { name: 'an OpenEXR picture', begins: [{ text: 'v/1\x01' }] },
  { name: 'a Radiance HDR picture', begins: [{ text: '#?RADIANCE' }, { text: '#?RGBE' }] },
  { name: 'a DDS texture', begins: [{ text: 'DDS ' }] },
  { name: 'a QOI picture', begins: [{ text: 'qoif' }] },
  { name: 'a DICOM picture', begins: [{ text: 'DICM', at: 128 }] },
  { name: 'a program', begins: [{ text: '\x7fELF' }, { text: 'MZ' }] },
];

// In a BMP the size of the second header tells it from a text that happens to begin with BM.
const isBitmap = (start: Uint8Array): boolean =>
  hasText(start, 'BM') && [12, 40, 52, 56, 64, 108, 124].includes(start[14] ?? 0) && hasText(start, '\0\0\0', 15);

/** The start as text, or nothing where it is not UTF-8 or holds control characters that no text has. */
const asText = (start: Uint8Array): string | undefined => {
  // A character may be cut in two where the window ends: `stream` leaves it out.
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(start, { stream: true });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what tells data from text
    return /[\0-\x08\x0e-\x1f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
};

const describeText = (text: string): { name: string; reason?: string } => {
  if (/<svg[\s>]/i.test(text) && text.trimStart().startsWith('<')) {
    return { name: 'an SVG', reason: 'is not accepted because it can read other files' };
  }
  if (/^\s*(<!doctype html|<html|<head|<body)/i.test(text)) {
    return { name: 'an HTML page (often an error page saved under the name of a picture)' };
  }
  return { name: /^\s*<\?xml/i.test(text) ? 'an XML file' : 'a text file' };
};

/**
 * What a file that is no accepted picture looks like, by its first bytes (a kilobyte is plenty), in words for its
 * owner: 'a BMP', with the reason where there is more to say. Undefined where nothing is recognised.
 */
export const describeForeignFormat = (start: Uint8Array): { name: string; reason?: string } | undefined => {
  const known = foreignFormats.find(({ begins }) => begins.some(({ text, at }) => hasText(start, text, at)));
  if (known) {
    return known;
  }
  if (isBitmap(start)) {
    return { name: 'a BMP' };
  }
  const text = asText(start);
  return text === undefined ? undefined : describeText(text);
};
