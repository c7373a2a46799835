import { InvalidInputError } from '../errors.ts';
import type { ByteSource } from './byte-source.ts';
import { gifTraits } from './gif.ts';
import { GifWalk } from './gif-walk.ts';
import { assertFrames } from './input-errors.ts';
import type { Traits } from './traits.ts';
import { walkFile } from './walk-file.ts';

const maxFrames = 100_000;
// 20 frames of 65,535 x 2,000 drawn on a canvas one pixel wide (1 MB) kept a decoder busy for 8 s of CPU. Encoders draw
// no more than the canvas; what a frame of a careless one hangs over the edge is within this.
const maxCodedShare = 2;
const freeCodedPixels = 500_000_000;

/**
 * The exact traits of a staged GIF: its frames, and transparency in any of them.
 *
 * Throws InvalidInputError with the code `TooManyFrames` (more than 100,000), `FramesBeyondCanvas` (frames far larger
 * than the picture, which cost time and show nothing) or `UnreadableHeader` (no whole frame).
 */
export const scanGif = async (source: ByteSource): Promise<Traits> => {
  const walk = new GifWalk();
  await walkFile(source, 0, (bytes) => {
    const done = walk.step(bytes);
    assertFrames('GIF', walk.facts.frames, maxFrames);
    return done;
  });
  if (walk.isInsideFrame) {
    throw new InvalidInputError(
      `Expected a whole GIF but the file ends inside frame ${walk.facts.frames + 1}. Upload an intact copy.`,
      { code: 'UnreadableHeader' },
    );
  }
  walk.isOver = true;
  const { width, height, frames, codedPixels, isCropped } = walk.facts;
  if (isCropped) {
    throw new InvalidInputError(
      `Expected a GIF whose first frame is as large as the others but received one of ${width} x ${height} pixels and ` +
        'larger ones after it, which the decoder would cut off. Save the animation again with whole frames (without ' +
        'optimising them) and upload that.',
      { code: 'FramesBeyondCanvas' },
    );
  }
  const allowed = maxCodedShare * width * height * frames + freeCodedPixels;
  if (codedPixels > allowed) {
    throw new InvalidInputError(
      `Expected a GIF whose frames lie on its canvas of ${width} x ${height} (at most ${allowed} pixels in ${frames} ` +
        `frames) but received frames of ${codedPixels} pixels. Save it again with an ordinary program and upload that.`,
      { code: 'FramesBeyondCanvas' },
    );
  }
  return gifTraits(walk, source.size);
};
