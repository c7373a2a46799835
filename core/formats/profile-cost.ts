import { megapixels, type Traits } from '../image/traits.ts';

/**
 * CPU seconds per megapixel of converting colours to sRGB. Measured on 12 megapixels: 0.009 for a profile that is a
 * matrix (Display P3); profiles with look-up tables take more, and the header does not tell which it is. CMYK: 0.046.
 */
const secondsPerMegapixel = { profile: 0.02, cmyk: 0.05 };

/** CPU seconds of converting a decoded picture's colours to sRGB; 0 where they are taken as sRGB. */
export const profileSeconds = (traits: Traits): number => {
  if (traits.isCmyk) return secondsPerMegapixel.cmyk * megapixels(traits);
  return traits.hasProfile ? secondsPerMegapixel.profile * megapixels(traits) : 0;
};
