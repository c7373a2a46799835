import type { ImageState } from '../image/image-state.ts';
import { megapixels } from '../image/traits.ts';
import type { Cost } from '../predict/cost.ts';

/** CPU seconds per megapixel of one thread: the same for every picture, or with alpha more than without. */
export type SecondsPerMegapixel = number | { opaque: number; withAlpha: number };

/** The cost of an operation that streams: libvips works through a picture in strips, one a thread, and holds none. */
export const streamedCost = (image: ImageState, perMegapixel: SecondsPerMegapixel): Cost => {
  const { opaque, withAlpha } =
    typeof perMegapixel === 'number' ? { opaque: perMegapixel, withAlpha: perMegapixel } : perMegapixel;
  return {
    serialSeconds: 0,
    parallelSeconds: (image.hasAlpha ? withAlpha : opaque) * megapixels(image),
    heldBytes: 0,
  };
};
