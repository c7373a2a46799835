import { describe, expect, it } from 'vitest';
import { describeForeignFormat } from '../../../core/image/foreign-formats.ts';

const text = (content: string) => Buffer.from(content, 'latin1');
const bitmap = Buffer.concat([text('BM'), Buffer.alloc(12), Buffer.from([40, 0, 0, 0])]);

describe('describeForeignFormat', () => {
  it.each([
    ['a camera raw file (TIFF-based)', text('II*\0\x10\0\0\0CR\x02\0')],
    ['a camera raw file (RAF)', text('FUJIFILMCCD-RAW 0201')],
    ['a camera raw file (CR3)', text('\0\0\0\x18ftypcrx \0\0\0\x01')],
    ['HEIC (HEVC)', text('\0\0\0\x18ftypheic\0\0\0\0mif1heic')],
    ['an AVIF sequence', text('\0\0\0\x18ftypavis\0\0\0\0avifavis')],
    ['a HEIF picture', text('\0\0\0\x18ftypmif3\0\0\0\0mif3')],
    ['a video (MP4 or QuickTime)', text('\0\0\0\x18ftypisom\0\0\x02\0isom')],
    ['a JPEG XL', text('\xff\x0a\xfa\x1f')],
    ['a JPEG XL', text('\0\0\0\x0cJXL \r\n\x87\n')],
    ['a JPEG 2000', text('\0\0\0\x0cjP  \r\n\x87\n')],
    ['a JPEG 2000', text('\xff\x4f\xff\x51\0\x2f')],
    ['a PDF', text('%PDF-1.7\n%\xe2\xe3')],
    ['a PostScript file', text('%!PS-Adobe-3.0 EPSF-3.0')],
    ['a Photoshop file', text('8BPS\0\x01')],
    ['a ZIP archive', text('PK\x03\x04\x14\0')],
    ['a gzip archive', text('\x1f\x8b\x08\0')],
    ['a 7z archive', text('7z\xbc\xaf\x27\x1c')],
    ['a RAR archive', text('Rar!\x1a\x07\x01\0')],
    ['a video (Matroska or WebM)', text('\x1aE\xdf\xa3')],
    ['an AVI video', text('RIFF\0\x10\0\0AVI LIST')],
    ['a WAV recording', text('RIFF\0\x10\0\0WAVEfmt ')],
    ['an icon (ICO)', text('\0\0\x01\0\x01\0')],
    ['an MNG or JNG', text('\x8aMNG\r\n\x1a\n')],
    ['an OpenEXR picture', text('v/1\x01\x02\0\0\0')],
    ['a Radiance HDR picture', text('#?RADIANCE\nFORMAT=32-bit_rle_rgbe')],
    ['a DDS texture', text('DDS \x7c\0\0\0')],
    ['a QOI picture', text('qoif\0\0\0\x04')],
    ['a DICOM picture', Buffer.concat([Buffer.alloc(128), text('DICM')])],
    ['a program', text('\x7fELF\x02\x01')],
    ['a BMP', bitmap],
    ['an SVG', text('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['an SVG', text('\xef\xbb\xbf<?xml version="1.0"?>\n<!-- by hand -->\n<svg width="9">')],
    ['an HTML page (often an error page saved under the name of a picture)', text('\n<!DOCTYPE html><html>')],
    ['an HTML page (often an error page saved under the name of a picture)', text('<html><body>404</body></html>')],
    ['an XML file', text('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>')],
    ['a text file', text('BM is how this text begins')],
    ['a text file', Buffer.from('Füße, 写真, 😀')],
    ['a text file', Buffer.from('Füße').subarray(0, 2)],
  ])('names %s', (name, start) => {
    expect(describeForeignFormat(start)?.name).toBe(name);
  });

  it.each([
    ['random bytes', Buffer.from('deadbeefcafe', 'hex')],
    ['zeros', Buffer.alloc(64)],
    ['text that is not UTF-8', text('caf\xe9 au lait')],
  ])('does not name %s', (_, start) => {
    expect(describeForeignFormat(start)).toBeUndefined();
  });

  it('says why HEIC, sequences and SVG are refused', () => {
    const reason = (content: string) => describeForeignFormat(text(content))?.reason;
    expect(reason('\0\0\0\x18ftypheix')).toBe('cannot be decoded');
    expect(reason('\0\0\0\x18ftypavis')).toBe('cannot be decoded as a still picture');
    expect(reason('<svg/ >')).toBeUndefined();
    expect(reason('<svg >')).toBe('is not accepted because it can read other files');
  });
});
