/** A box of ISO/IEC 14496-12. */
export const box = (type: string, ...bodies: Uint8Array[]): Buffer => {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + bodies.reduce((sum, { length }) => sum + length, 0));
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, ...bodies]);
};

export const u8 = (value: number): Buffer => Buffer.from([value]);
export const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
export const u32 = (value: number): Buffer =>
  Buffer.from([value >>> 24, (value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff]);
const fullBox = (type: string, version: number, flags: number, ...bodies: Uint8Array[]): Buffer =>
  box(type, u32(version * 0x1000000 + flags), ...bodies);

export const ispe = (width: number, height: number): Buffer => fullBox('ispe', 0, 0, u32(width), u32(height));
/** Turns by as many times 90 degrees, against the clock. */
export const irot = (quarters: number): Buffer => box('irot', u8(quarters));
export const imir = (axis: number): Buffer => box('imir', u8(axis));
/** A centred crop. */
export const clap = (width: number, height: number): Buffer =>
  box('clap', ...[width, 1, height, 1, 0, 1, 0, 1].map(u32));
export const colr = (kind: string, profile: Uint8Array): Buffer => box('colr', Buffer.from(kind, 'latin1'), profile);
export const alphaKind: Buffer = fullBox(
  'auxC',
  0,
  0,
  Buffer.from('urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0', 'latin1'),
);
/** A grid of tiles and the size of the whole. */
export const grid = (rows: number, columns: number, width: number, height: number): Buffer =>
  Buffer.concat([u8(0), u8(0), u8(rows - 1), u8(columns - 1), u16(width), u16(height)]);

export type Item = { id: number; type: string; data: Uint8Array; properties: Buffer[] };
export type Reference = { type: string; from: number; to: number[] };
type HeifFile = {
  brand?: string;
  brands?: string[];
  items: Item[];
  references?: Reference[];
  primary?: number;
  before?: Buffer[];
};

/** A HEIF file of these items: `before` are boxes between the file type and the meta box. */
export const heifFile = ({
  brand = 'avif',
  brands = ['mif1', 'avif', 'miaf'],
  items,
  references = [],
  primary = 1,
  before = [],
}: HeifFile): Buffer => {
  const type = box('ftyp', Buffer.from(`${brand}\0\0\0\0${brands.join('')}`, 'latin1'));
  const properties = items.flatMap((item) => item.properties);
  const associations = items.map((item) =>
    Buffer.concat([
      u16(item.id),
      u8(item.properties.length),
      ...item.properties.map((property) => u8(properties.indexOf(property) + 1)),
    ]),
  );
  const meta = (dataOffset: number): Buffer => {
    let offset = dataOffset;
    const locations = items.map(({ id, data }) => {
      const location = Buffer.concat([u16(id), u16(0), u16(1), u32(offset), u32(data.length)]);
      offset += data.length;
      return location;
    });
    return fullBox(
      'meta',
      0,
      0,
      fullBox('hdlr', 0, 0, u32(0), Buffer.from('pict', 'latin1'), Buffer.alloc(13)),
      fullBox('pitm', 0, 0, u16(primary)),
      fullBox('iloc', 0, 0, u16(0x4400), u16(items.length), ...locations),
      fullBox(
        'iinf',
        0,
        0,
        u16(items.length),
        ...items.map((item) => fullBox('infe', 2, 0, u16(item.id), u16(0), Buffer.from(`${item.type}\0`, 'latin1'))),
      ),
      ...(references.length === 0
        ? []
        : [
            fullBox(
              'iref',
              0,
              0,
              ...references.map(({ type, from, to }) => box(type, u16(from), u16(to.length), ...to.map(u16))),
            ),
          ]),
      box('iprp', box('ipco', ...properties), fullBox('ipma', 0, 0, u32(items.length), ...associations)),
    );
  };
  const head = Buffer.concat([type, ...before]);
  const dataOffset = head.length + meta(0).length + 8;
  return Buffer.concat([head, meta(dataOffset), box('mdat', ...items.map(({ data }) => data))]);
};

/** The AV1 data and its configuration of a picture that sharp encoded (one item, no alpha). */
export const codedPicture = (avif: Buffer): { data: Buffer; av1C: Buffer } => {
  const configuration = avif.indexOf('av1C') - 4;
  const data = avif.indexOf('mdat') - 4;
  return {
    av1C: avif.subarray(configuration, configuration + avif.readUInt32BE(configuration)),
    data: avif.subarray(data + 8, data + avif.readUInt32BE(data)),
  };
};
