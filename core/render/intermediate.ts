import type { Metadata, Sharp } from 'sharp';
import type { Stage } from '../predict/plan.ts';

/** Pixels per millimetre that sharp's TIFF encoder takes; what a header says beyond them is left out. */
const isResolution = (perMillimetre: number): boolean => perMillimetre >= 0.001 && perMillimetre <= 1_000_000;

/**
 * Adds the encoder of an intermediate. libvips streams it both ways, and the next pipeline finds the pixels exactly as
 * this one would have gone on with them, with the orientation and the dots per inch.
 *
 * Uncompressed TIFF; `bigtiff` has no limit of 4 GiB. libvips does not write EXIF into TIFF: where an output keeps it,
 * an uncompressed PNG carries it on, but for what PNG cannot hold (CMYK, or one of several pages).
 */
export const asIntermediate = (pipeline: Sharp, stage: Stage, metadata: Metadata, isPage: boolean): Sharp => {
  const fitsPng = stage.after.pages === 1 && !isPage && metadata.space !== 'cmyk';
  if (stage.metadata === 'keep' && fitsPng) return pipeline.png({ compressionLevel: 0 });
  const resolution = (metadata.density ?? 0) / 25.4;
  return pipeline.tiff({
    compression: 'none',
    predictor: 'none',
    bigtiff: true,
    ...(isResolution(resolution) && { xres: resolution, yres: resolution }),
  });
};
