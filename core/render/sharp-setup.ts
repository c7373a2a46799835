import sharp, { type Sharp } from 'sharp';

/** libvips' loaders of the formats that Kadam reads, from files. Everything else, SVG and PDF above all, is blocked. */
const loaders = [
  'VipsForeignLoadJpegFile',
  'VipsForeignLoadPngFile',
  'VipsForeignLoadWebpFile',
  'VipsForeignLoadHeifFile',
  'VipsForeignLoadNsgifFile',
  'VipsForeignLoadTiffFile',
];

/**
 * Prepares sharp for files of strangers: the only place that configures it. Settings are the process's own, which is
 * why pictures are rendered in a process of their own.
 */
export const configureSharp = (threads: number): void => {
  // A warm process that meets another file under a path that it knows would answer with the first file's pixels.
  sharp.cache(false);
  sharp.concurrency(threads);
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: loaders });
};

/** What is read: a stranger's file, or a file that an earlier stage wrote; `pages` are read, of this size each. */
export type Source = {
  kind: 'upload' | 'intermediate';
  path: string;
  width: number;
  height: number;
  pages: number;
  /** Of a TIFF that is stored in tiles. */
  isTiled: boolean;
};

/**
 * Opens a picture by its path: libvips streams files, whereas a buffer would be held as a whole. Several pages become
 * one picture, each below the other.
 *
 * - `failOn: 'error'` refuses truncated files and passes over what decoders merely warn of (stray bytes between
 *   markers, a baseline JPEG with odd scan parameters), which every other program shows without a word. Of a TIFF's
 *   damaged tiles libvips says nothing at that, and fills them with anything: these are read by 'warning'.
 * - The pixel limit is the very size that the plan was made and budgeted for: a decoder that finds more stops.
 */
export const openPicture = ({ path, width, height, pages, isTiled }: Source): Sharp =>
  sharp(path, {
    failOn: isTiled ? 'warning' : 'error',
    limitInputPixels: width * height * pages,
    pages: pages > 1 ? -1 : 1,
  });
