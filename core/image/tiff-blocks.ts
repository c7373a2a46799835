import { unreadableHeader, unsupportedFormat } from './input-errors.ts';
import type { TiffSamples } from './tiff-colours.ts';
import { photometric } from './tiff-tags.ts';

/** How a TIFF page is cut into pieces: tiles, or strips as wide as the page. Sizes are pixels. */
export type TiffBlocks = {
  isTiled: boolean;
  width: number;
  height: number;
  count: number;
  /** Rows that libvips decodes together; 1 where it asks libtiff for single rows. */
  rows: number;
  /** Pixels that a decoder makes, with those of tiles beyond the page's edge. */
  paddedPixels: number;
  /** Whether libtiff loads a whole piece as it is coded, before it decodes it. */
  isLoadedWhole: boolean;
};

/** A page's size and samples, and the fields that say how it is cut. */
export type TiffGeometry = TiffSamples & {
  width: number;
  height: number;
  tileWidth: number | undefined;
  tileHeight: number | undefined;
  rowsPerStrip: number;
};

// libvips' own limits for tiles: sides, and bytes when decoded.
const maxTileSide = 8192;
const maxTileBytes = 100_000_000;
// It reads a strip of more rows row by row, where it can.
const maxStripRows = 128;

const roundUp = (value: number, step: number): number => Math.ceil(value / step) * step;

const tiles = (page: TiffGeometry, tileWidth: number, tileHeight: number): TiffBlocks => {
  const { width, height, samples, bits } = page;
  const maxSide = Math.min(maxTileSide, roundUp(2 * Math.max(width, height), 256));
  const isSide = (side: number) => side > 0 && side <= maxSide && side % 16 === 0;
  if (!isSide(tileWidth) || !isSide(tileHeight) || (tileWidth * tileHeight * samples * bits) / 8 > maxTileBytes) {
    throw unsupportedFormat(
      `a TIFF in tiles of ${tileWidth} x ${tileHeight}`,
      `is cut unlike what can be decoded (multiples of 16 up to ${maxSide} a side, at most 100 MB)`,
    );
  }
  if (page.inPlanes) {
    throw unsupportedFormat('a TIFF in tiles with a plane for each colour', 'cannot be decoded');
  }
  const [across, down] = [Math.ceil(width / tileWidth), Math.ceil(height / tileHeight)];
  return {
    isTiled: true,
    width: tileWidth,
    height: tileHeight,
    count: across * down,
    rows: tileHeight,
    paddedPixels: across * tileWidth * down * tileHeight,
    isLoadedWhole: page.coding !== 'none',
  };
};

const strips = (page: TiffGeometry): TiffBlocks => {
  const { width, height, coding, inPlanes } = page;
  const rowsPerStrip = Math.min(height, Math.max(1, page.rowsPerStrip));
  const perPlane = Math.ceil(height / rowsPerStrip);
  // libtiff cuts a single uncompressed strip into small ones by itself.
  const isCutUp = coding === 'none' && !inPlanes && perPlane === 1;
  const isReadWhole = !isCutUp && (rowsPerStrip <= maxStripRows || inPlanes || page.photometric === photometric.ycbcr);
  return {
    isTiled: false,
    width,
    height: rowsPerStrip,
    count: perPlane * (inPlanes ? page.samples : 1),
    rows: isReadWhole ? rowsPerStrip : 1,
    paddedPixels: width * height,
    isLoadedWhole: coding !== 'none' || isReadWhole,
  };
};

/** How the page is cut, by the fields that say so. Throws InvalidInputError for what libvips refuses to read. */
export const tiffBlocks = (page: TiffGeometry): TiffBlocks => {
  const { tileWidth, tileHeight } = page;
  if (tileWidth === undefined && tileHeight === undefined) return strips(page);
  if (tileWidth === undefined || tileHeight === undefined) {
    throw unreadableHeader('both sides of the tiles of a TIFF', 'one', 0);
  }
  return tiles(page, tileWidth, tileHeight);
};
