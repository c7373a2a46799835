import { tag } from '../../../core/image/tiff-tags.ts';

/** A field's values and their type in the file: 1 BYTE, 3 SHORT, 4 LONG, 8 SSHORT, 16 LONG8. */
export type Field = { type: number; values: number[]; count?: number; at?: number };
const sizes = new Map([
  [1, 1],
  [3, 2],
  [4, 4],
  [8, 2],
  [16, 8],
]);

export const byte = (...values: number[]): Field => ({ type: 1, values });
export const short = (...values: number[]): Field => ({ type: 3, values });
export const long = (...values: number[]): Field => ({ type: 4, values });

/** One page: its fields over those of a grey picture of 16 x 16, and its strips or tiles. `next` is a false offset. */
export type Page = { fields?: Record<number, Field | undefined>; blocks?: Uint8Array[]; next?: number };
export type TiffOptions = { order?: 'II' | 'MM'; big?: boolean; pages?: Page[]; behind?: Uint8Array };

const side = 16;
export const greyBlock = Uint8Array.from({ length: side * side }, (_, index) => index);

/** A TIFF or BigTIFF with its directories behind the data, fields in their order. */
export const tiffFile = ({ order = 'II', big = false, pages = [{}], behind }: TiffOptions = {}): Buffer => {
  const offsetType = big ? 16 : 4;
  const encode = (type: number, values: number[]): Buffer => {
    const size = sizes.get(type) ?? 1;
    const bytes = Buffer.alloc(size * values.length);
    values.forEach((value, index) => {
      // Six bytes are the most that Buffer writes as a number.
      bytes.writeUIntLE(value, index * size, Math.min(size, 6));
    });
    return order === 'II' || size === 1
      ? bytes
      : size === 2
        ? bytes.swap16()
        : size === 4
          ? bytes.swap32()
          : bytes.swap64();
  };
  const parts: Buffer[] = [];
  let length = 0;
  const append = (bytes: Uint8Array): number => {
    const at = length;
    parts.push(Buffer.from(bytes), Buffer.alloc(bytes.length % 2));
    length += bytes.length + (bytes.length % 2);
    return at;
  };
  append(
    Buffer.concat([
      Buffer.from(order),
      encode(3, [big ? 43 : 42]),
      big ? encode(3, [8, 0]) : Buffer.alloc(0),
      encode(offsetType, [0]),
    ]),
  );
  // Where the offset of the next directory has to be filled in.
  const links: { at: number; to: number }[] = [];
  let link = big ? 8 : 4;
  for (const { fields = {}, blocks = [greyBlock], next } of pages) {
    const places = blocks.map(append);
    const isTiled = fields[tag.tileWidth] !== undefined;
    const all: Record<number, Field | undefined> = {
      [tag.width]: short(side),
      [tag.height]: short(side),
      [tag.bits]: short(8),
      [tag.coding]: short(1),
      [tag.photometric]: short(1),
      [tag.samples]: short(1),
      [isTiled ? tag.tileOffsets : tag.stripOffsets]: { type: offsetType, values: places },
      [isTiled ? tag.tileByteCounts : tag.stripByteCounts]: long(...blocks.map((block) => block.length)),
      ...fields,
    };
    const entries = Object.entries(all).flatMap(([number, field]) =>
      field ? [{ number: Number(number), field }] : [],
    );
    const directory = entries.map(({ number, field: { type, values, count = values.length, at } }) => {
      const bytes = encode(type, values);
      const isInline = at === undefined && bytes.length <= (big ? 8 : 4);
      const value = isInline
        ? Buffer.concat([bytes, Buffer.alloc((big ? 8 : 4) - bytes.length)])
        : encode(offsetType, [at ?? append(bytes)]);
      return Buffer.concat([encode(3, [number, type]), encode(offsetType, [count]), value]);
    });
    const body = Buffer.concat([encode(big ? 16 : 3, [directory.length]), ...directory]);
    const at = append(Buffer.concat([body, encode(offsetType, [next ?? 0])]));
    links.push({ at: link, to: at });
    link = next === undefined ? at + body.length : -1;
  }
  if (behind) append(behind);
  const file = Buffer.concat(parts);
  for (const { at, to } of links) {
    if (at >= 0) file.set(encode(offsetType, [to]), at);
  }
  return file;
};
