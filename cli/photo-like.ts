import sharp, { type Sharp } from 'sharp';
import { landscapeSvg, seededRandom } from './landscape-svg.ts';

// Filters in an SVG cost about 0.3 s per megapixel: larger pictures are drawn at this size and enlarged.
const maxDrawnPixels = 1.2e6;
const grainSize = 256;
const grainStrength = 10;

/** Film grain around mid-grey: noise is what makes a photograph cost what it costs to encode. */
const grainTile = (width: number, height: number, seed: number): Buffer => {
  const random = seededRandom(seed);
  return Buffer.from(
    Array.from({ length: width * height }, () => 128 + (random() + random() + random() - 1.5) * grainStrength),
  );
};

/**
 * A picture of this size in pixels that looks and compresses like a photograph of a landscape: sRGB, 8 bits, no
 * alpha. The same size and seed give the same pixels on the same sharp.
 */
export const photoLike = (picture: { width: number; height: number; seed?: number }): Sharp => {
  const { width, height, seed = 0 } = picture;
  const scale = Math.min(1, Math.sqrt(maxDrawnPixels / (width * height)));
  const drawn = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  // As raw pixels in between: given an SVG, sharp would draw it at the size that it is resized to.
  const scene = sharp(Buffer.from(landscapeSvg(drawn, seed)))
    .removeAlpha()
    .raw();
  const enlarged = sharp({ raw: { ...drawn, channels: 3 } }).resize(width, height, { fit: 'fill' });
  scene.on('error', (error) => enlarged.destroy(error));
  const grain = { width: Math.min(grainSize, width), height: Math.min(grainSize, height) };
  return scene
    .pipe(enlarged)
    .composite([
      {
        input: grainTile(grain.width, grain.height, seed),
        raw: { ...grain, channels: 1 },
        tile: true,
        blend: 'overlay',
      },
    ])
    .removeAlpha();
};
