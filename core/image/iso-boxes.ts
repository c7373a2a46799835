import type { Cursor } from './cursor.ts';
import type { HeaderReader } from './header-reader.ts';
import { unreadableHeader } from './input-errors.ts';

/** A box of the ISO base media file format (ISO/IEC 14496-12): places are bytes of the file, `end` is behind it. */
export type Box = { type: string; start: number; body: number; end: number };

/** What the full boxes begin with: a version and 24 bits of flags. */
export const fullBoxBytes = 4;

// A file has a handful of boxes on a level; a picture's properties are a few hundred where it is made of tiles.
const maxBoxes = 4096;
// Lists grow with the number of tiles: 1,000 tiles make 21 KB of item entries.
const maxListBytes = 256 * 1024;

/** The boxes between two bytes of the file, one after another; only their headers are read. */
export async function* readBoxes(reader: HeaderReader, from: number, to: number): AsyncGenerator<Box> {
  let at = from;
  for (let count = 0; at < to; count++) {
    if (count >= maxBoxes) {
      throw unreadableHeader(`at most ${maxBoxes} boxes in a row`, 'more', at);
    }
    const head = await reader.cursor(at, Math.min(16, to - at), 'a box header');
    const size = head.u32();
    const type = head.text(4);
    // 1 announces a length of eight bytes, 0 a box that goes on to the end.
    const length = size === 1 ? head.u64() : size === 0 ? to - at : size;
    const body = head.fileOffset;
    const end = at + length;
    if (end < body || end > to) {
      throw unreadableHeader(`a box ${JSON.stringify(type)} that ends by byte ${to}`, `one of ${length} bytes`, at);
    }
    yield { type, start: at, body, end };
    at = end;
  }
}

/** A whole box's body as a cursor, for boxes that are lists and small. */
export const readBody = async (reader: HeaderReader, { type, start, body, end }: Box): Promise<Cursor> => {
  if (end - body > maxListBytes) {
    throw unreadableHeader(`a box ${type} of at most ${maxListBytes} bytes`, `one of ${end - body}`, start);
  }
  return await reader.cursor(body, end - body, `a box ${type}`);
};

/** A full box's version and flags, after which `cursor` stands at its content. */
export const readVersion = (cursor: Cursor): { version: number; flags: number } => ({
  version: cursor.u8(),
  flags: cursor.u24(),
});
