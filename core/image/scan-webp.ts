import type { ByteSource } from './byte-source.ts';
import { Cursor } from './cursor.ts';
import { assertFrames, unreadableHeader } from './input-errors.ts';
import type { Traits } from './traits.ts';
import { walkFile } from './walk-file.ts';
import { readWebpFrame, webpFrameBytes } from './webp-frame.ts';

// The decoder looks each frame up from the start: 20,000 frames (1 MB) take it 2.6 s to open, 100,000 take 46 s.
const maxFrames = 20_000;
const riffHeadBytes = 12;
const chunkHeadBytes = 8;

/**
 * The exact traits of a staged, animated WebP: its frames, and alpha where the decoder adds it (a frame is transparent
 * or does not cover the canvas), whatever the file's header announces.
 *
 * Throws InvalidInputError with the code `TooManyFrames` (more than 20,000) or `UnreadableHeader` (none).
 */
export const scanWebp = async (source: ByteSource, traits: Traits): Promise<Traits> => {
  let frames = 0;
  let hasAlpha = traits.hasAlpha;
  await walkFile(source, riffHeadBytes, (bytes) => {
    const cursor = new Cursor(bytes, 0, 'a WebP', 'little');
    let at = 0;
    while (at + chunkHeadBytes <= bytes.length) {
      cursor.position = at;
      const type = cursor.text(4);
      const length = cursor.u32();
      if (type === 'ANMF') {
        if (cursor.remaining < webpFrameBytes) return at;
        const { isPicture, isTransparent } = readWebpFrame(cursor, traits);
        frames += isPicture ? 1 : 0;
        hasAlpha ||= isPicture && isTransparent;
      }
      at += chunkHeadBytes + length + (length % 2);
    }
    assertFrames('WebP', frames, maxFrames);
    return at;
  });
  if (frames === 0) {
    throw unreadableHeader('frames of an animated WebP', 'none', riffHeadBytes);
  }
  return { ...traits, frames: { count: frames, known: 'exact' }, hasAlpha, channels: hasAlpha ? 4 : 3 };
};
