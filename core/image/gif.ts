import { GifWalk } from './gif-walk.ts';
import { type HeaderFormat, hasText } from './header-format.ts';
import { headerWindowBytes } from './header-reader.ts';
import { unreadableHeader } from './input-errors.ts';
import type { Traits } from './traits.ts';

/**
 * Traits as far as a walk has come. Throws InvalidInputError with the code `UnreadableHeader` where it is over without
 * a whole frame.
 */
export const gifTraits = (walk: GifWalk, fileBytes: number): Traits => {
  const { width, height, frames, hasTransparency, isInterlaced, paletteBits } = walk.facts;
  if (walk.isOver && frames === 0) {
    throw unreadableHeader('a whole frame of a GIF', 'none', fileBytes);
  }
  return {
    format: 'gif',
    width,
    height,
    frames: walk.isOver
      ? { count: frames, known: 'exact' }
      : { count: frames + (walk.isInsideFrame ? 1 : 0), known: 'atLeast' },
    channels: hasTransparency ? 4 : 3,
    bitDepth: paletteBits,
    hasAlpha: hasTransparency,
    hasProfile: false,
    orientation: 1,
    isInterlaced,
    isProgressive: false,
    isCmyk: false,
    isTiled: false,
    hasEqualFrames: true,
    fileBytes,
  };
};

/**
 * GIF (87a, 89a): traits from the first 32 KiB, or from as much as it takes to meet the first frame, on which the size
 * of the canvas depends. Transparency, interlacing and colour tables are told as far as that: in a longer file a later
 * frame may add them, which the scan of the whole file finds.
 */
export const gif: HeaderFormat = {
  matches: (start) => hasText(start, 'GIF87a') || hasText(start, 'GIF89a'),

  async readTraits(reader) {
    const walk = new GifWalk();
    for (let at = 0; !walk.isOver && !walk.knowsCanvas; ) {
      const bytes = await reader.atMost(at, headerWindowBytes);
      const done = walk.step(bytes);
      if (at + bytes.length >= reader.size) {
        walk.endInsideFrame();
      } else if (done === 0 && !walk.isOver) {
        throw unreadableHeader('a GIF block within 32 KiB', 'a longer one', at);
      }
      at += done;
    }
    return gifTraits(walk, reader.size);
  },
};
