import { InvalidInputError } from '../errors.ts';
import type { ByteSource } from './byte-source.ts';
import { blockChecker } from './check-tiff-blocks.ts';
import { HeaderReader } from './header-reader.ts';
import { assertFrames, unreadableHeader } from './input-errors.ts';
import { readTiffDirectory, readTiffHeader, type TiffDirectory, type TiffHeader } from './tiff-directory.ts';
import { readTiffPage, type TiffPage } from './tiff-page.ts';
import type { Traits } from './traits.ts';

const MiB = 1024 * 1024;
// The decoder reads all directories whenever it opens the file, even for the first page: 100,000 of them take it 2 s, and
// the scan itself twice that.
const maxPages = 20_000;
// Pages that share a long table make it read more than the file has: 2,000 pages with one of 400 KB take 1.3 s from
// 630 KB, and grow with the square.
const freeDirectoryBytes = MiB;
// Tiles reach over a small page's edge, up to 256 a side, and are decoded as a whole.
const maxPadding = 16;
const freePaddedPixels = 256_000_000;

/** A page that cannot be decoded is one that differs: none but the first has to be. */
const readOther = async (
  reader: HeaderReader,
  header: TiffHeader,
  directory: TiffDirectory,
): Promise<TiffPage | undefined> => {
  try {
    return await readTiffPage(reader, header, directory);
  } catch (error) {
    if (error instanceof InvalidInputError) return undefined;
    throw error;
  }
};

/**
 * The exact traits of a staged TIFF, by the chain of its directories: the number of pages, and whether the decoder
 * would load them together.
 *
 * Throws InvalidInputError with the code `TooManyFrames` (more than 20,000 pages), `TooMuchMetadata` (directories that
 * share their values, more than the file has), `TooMuchPadding` (tiles far larger than the pages), `UnreadableHeader`
 * (a chain that leads back, or out of the file), and what `blockChecker`'s checks throw.
 */
export const scanTiff = async (source: ByteSource, traits: Traits): Promise<Traits> => {
  let reader = new HeaderReader(source);
  const header = await readTiffHeader(reader);
  const checkBlocks = blockChecker(source, header);
  const met = new Set<number>();
  const total = { directoryBytes: 0, pixels: 0, paddedPixels: 0 };
  let layout: string | undefined;
  let hasEqualFrames = true;
  for (let offset = header.firstDirectory; offset !== 0; ) {
    if (met.has(offset)) {
      throw unreadableHeader('a TIFF page not met before', `the page at byte ${offset} again`, offset);
    }
    met.add(offset);
    assertFrames('TIFF', met.size, maxPages, 'pages');
    if (reader.isHalfSpent) reader = new HeaderReader(source);
    const directory = await readTiffDirectory(reader, header, offset);
    total.directoryBytes += directory.bytes;
    assertWithinFile(total.directoryBytes, source.size);
    const read = layout === undefined ? readTiffPage : readOther;
    const page = await read(reader, header, directory);
    layout ??= page?.layout;
    if (page !== undefined && page.layout === layout) {
      total.pixels += page.traits.width * page.traits.height;
      total.paddedPixels += page.blocks.paddedPixels;
      await checkBlocks(reader, page);
    } else {
      hasEqualFrames = false;
    }
    offset = directory.next;
  }
  assertLittlePadding(total);
  return { ...traits, frames: { count: met.size, known: 'exact' }, hasEqualFrames };
};

const assertWithinFile = (bytes: number, fileBytes: number): void => {
  if (bytes <= fileBytes + freeDirectoryBytes) return;
  throw new InvalidInputError(
    `Expected a TIFF whose directories fit into its ${fileBytes} bytes but received ${bytes} bytes of them, which ` +
      'share their values. Save it again with an ordinary program and upload that.',
    { code: 'TooMuchMetadata' },
  );
};

const assertLittlePadding = ({ pixels, paddedPixels }: { pixels: number; paddedPixels: number }): void => {
  if (paddedPixels <= maxPadding * pixels + freePaddedPixels) return;
  throw new InvalidInputError(
    `Expected a TIFF in tiles of about its pages' size (${pixels} pixels in all) but received tiles of ${paddedPixels}. ` +
      'Save it again in strips and upload that.',
    { code: 'TooMuchPadding' },
  );
};
