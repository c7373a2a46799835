import { megapixels, type Traits } from '../image/traits.ts';

/** CPU seconds per megapixel of converting an embedded ICC profile's colours (or CMYK's) to sRGB. */
const secondsPerMegapixel = 0.02;

/** CPU seconds of converting a decoded picture's colours to sRGB; 0 where it has no profile and needs none. */
export const profileSeconds = (traits: Traits): number =>
  traits.hasProfile || traits.isCmyk ? secondsPerMegapixel * megapixels(traits) : 0;
