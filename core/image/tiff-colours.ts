import { unsupportedFormat } from './input-errors.ts';
import { photometric } from './tiff-tags.ts';
import type { TiffCompression, Traits } from './traits.ts';

/** What a TIFF's fields say about its samples. */
export type TiffSamples = {
  /** What they mean: TIFF 6.0, PhotometricInterpretation. */
  photometric: number;
  samples: number;
  bits: number;
  coding: TiffCompression;
  inPlanes: boolean;
  /** Whether colour differences are kept for several pixels at once (YCbCr). */
  isSubsampled: boolean;
  /** Whether all entries of a palette are grey. */
  isGreyPalette: boolean;
};

const photometricNames = new Map([
  [4, 'a transparency mask'],
  [9, 'ICC Lab'],
  [10, 'ITU Lab'],
  [32_844, 'log luminance'],
  [32_845, 'log luminance'],
  [51_177, 'a depth map'],
]);

const colourKind = (kind: string): never => {
  throw unsupportedFormat(`a TIFF of ${kind}`, 'does not decode to the right picture');
};

/** Which depths a coding takes, where it does not take all. */
const codingBits = new Map<TiffCompression, number>([
  ['jpeg', 8],
  ['webp', 8],
  ['ccittfax4', 1],
]);

/**
 * What sharp says of the pixels of such a TIFF. Throws InvalidInputError `UnsupportedFormat` for those that libvips
 * decodes to wrong pictures or not at all, which was tried against an independent decoder.
 */
export const tiffColours = (page: TiffSamples): Pick<Traits, 'channels' | 'hasAlpha' | 'isCmyk'> => {
  const { samples, bits, coding } = page;
  const onlyBits = codingBits.get(coding) ?? bits;
  if (![1, 2, 4, 8, 16].includes(bits) || bits !== onlyBits) {
    return colourKind(`${bits} bits a sample${bits === onlyBits ? '' : ` coded as ${coding}`}`);
  }
  const plain = (colours: number): Pick<Traits, 'channels' | 'hasAlpha' | 'isCmyk'> => {
    if (samples < colours || samples > colours + 1) {
      return colourKind(`${samples} samples a pixel where ${colours}, or ${colours + 1} with alpha, are expected`);
    }
    return { channels: samples, hasAlpha: samples > colours, isCmyk: false };
  };
  const wholeBytes = (): void => {
    if (bits < 8) colourKind(`${samples} samples of ${bits} bits a pixel`);
  };
  switch (page.photometric) {
    case photometric.whiteIsZero:
    case photometric.blackIsZero:
      if (samples > 1) wholeBytes();
      return plain(1);
    case photometric.palette: {
      const { channels, hasAlpha } = plain(1);
      return { channels: page.isGreyPalette ? channels : channels + 2, hasAlpha, isCmyk: false };
    }
    case photometric.rgb:
      wholeBytes();
      return plain(3);
    case photometric.separated:
      wholeBytes();
      if (samples !== 4) colourKind(`${samples} samples a pixel where the 4 of CMYK are expected`);
      return { channels: 4, hasAlpha: false, isCmyk: true };
    case photometric.ycbcr:
      if (samples !== 3 || bits !== 8 || page.inPlanes) colourKind('YCbCr other than 3 chunky samples of 8 bits');
      if (coding === 'jpeg') return { channels: 3, hasAlpha: false, isCmyk: false };
      // libtiff turns these into RGBA; what is not subsampled libvips takes for RGB.
      if (!page.isSubsampled || coding === 'webp') colourKind(`YCbCr without subsampling coded as ${coding}`);
      return { channels: 4, hasAlpha: true, isCmyk: false };
    case photometric.lab:
      if (samples !== 3 || bits !== 16) colourKind(`Lab in ${samples} samples of ${bits} bits: only 3 of 16 do`);
      return { channels: 3, hasAlpha: false, isCmyk: false };
    case photometric.colourFilterArray:
    case photometric.linearRaw:
      throw unsupportedFormat('a camera raw file (TIFF-based)', 'has to be developed first');
    default:
      return colourKind(photometricNames.get(page.photometric) ?? `colours of kind ${page.photometric}`);
  }
};
