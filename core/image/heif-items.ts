import type { HeaderReader } from './header-reader.ts';
import { unreadableHeader } from './input-errors.ts';
import { type Box, fullBoxBytes, readBody, readBoxes, readVersion } from './iso-boxes.ts';

/** One item pointing to others: `auxl` from an alpha plane to its picture, `dimg` from a grid to its tiles. */
export type ItemReference = { type: string; from: number; to: number[] };

/** What a HEIF meta box (ISO/IEC 23008-12) says about its items; an item's properties come in the file's order. */
export type HeifItems = {
  primaryId: number;
  /** `av01`, `hvc1`, `grid` and so on, by item. */
  types: Map<number, string>;
  references: ItemReference[];
  properties(itemId: number): Box[];
};

const readPrimary = async (reader: HeaderReader, box: Box): Promise<number> => {
  const cursor = await readBody(reader, box);
  return readVersion(cursor).version === 0 ? cursor.u16() : cursor.u32();
};

const readTypes = async (reader: HeaderReader, box: Box): Promise<Map<number, string>> => {
  const types = new Map<number, string>();
  const list = await readBody(reader, box);
  list.skip(readVersion(list).version === 0 ? 2 : 4);
  for await (const entry of readBoxes(reader, list.fileOffset, box.end)) {
    const cursor = await readBody(reader, entry);
    const { version } = readVersion(cursor);
    // Versions 0 and 1 are of files and have no item type.
    if (entry.type === 'infe' && version >= 2) {
      const id = version === 2 ? cursor.u16() : cursor.u32();
      cursor.skip(2);
      types.set(id, cursor.text(4));
    }
  }
  return types;
};

const readReferences = async (reader: HeaderReader, box: Box): Promise<ItemReference[]> => {
  const references: ItemReference[] = [];
  const list = await readBody(reader, box);
  const { version } = readVersion(list);
  for await (const entry of readBoxes(reader, list.fileOffset, box.end)) {
    const cursor = await readBody(reader, entry);
    const readId = () => (version === 0 ? cursor.u16() : cursor.u32());
    const from = readId();
    references.push({ type: entry.type, from, to: Array.from({ length: cursor.u16() }, readId) });
  }
  return references;
};

/** An item has a handful: size, coding, colours, turning. */
const maxAssociations = 256;

/** Which properties belong to which items: indices into the container, from 1; 0 stands for none. */
const readAssociations = async (reader: HeaderReader, box: Box): Promise<Map<number, number[]>> => {
  const associations = new Map<number, number[]>();
  const cursor = await readBody(reader, box);
  const { version, flags } = readVersion(cursor);
  const hasWideIndices = (flags & 1) === 1;
  for (let left = cursor.u32(); left > 0; left--) {
    const id = version === 0 ? cursor.u16() : cursor.u32();
    // The highest bit says whether a reader must understand the property.
    const indices = Array.from({ length: cursor.u8() }, () =>
      hasWideIndices ? cursor.u16() & 0x7fff : cursor.u8() & 0x7f,
    );
    const known = associations.get(id) ?? [];
    if (known.length + indices.length > maxAssociations) {
      throw unreadableHeader(`at most ${maxAssociations} properties of an item`, 'more', box.start);
    }
    known.push(...indices);
    associations.set(id, known);
  }
  return associations;
};

/** Reads the meta box: the lists of items, references and properties, but not the properties' own bytes. */
export const readHeifItems = async (reader: HeaderReader, meta: Box): Promise<HeifItems> => {
  let primaryId: number | undefined;
  let types = new Map<number, string>();
  let references: ItemReference[] = [];
  const container: Box[] = [];
  const associations = new Map<number, number[]>();
  for await (const box of readBoxes(reader, meta.body + fullBoxBytes, meta.end)) {
    if (box.type === 'pitm') {
      primaryId = await readPrimary(reader, box);
    } else if (box.type === 'iinf') {
      types = await readTypes(reader, box);
    } else if (box.type === 'iref') {
      references = await readReferences(reader, box);
    } else if (box.type === 'iprp') {
      for await (const child of readBoxes(reader, box.body, box.end)) {
        if (child.type === 'ipco') {
          for await (const property of readBoxes(reader, child.body, child.end)) {
            container.push(property);
          }
        } else if (child.type === 'ipma') {
          for (const [id, indices] of await readAssociations(reader, child)) {
            associations.set(id, indices);
          }
        }
      }
    }
  }
  if (primaryId === undefined) {
    throw unreadableHeader('a box pitm that names the primary picture', 'none', meta.start);
  }
  return {
    primaryId,
    types,
    references,
    properties: (itemId) =>
      (associations.get(itemId) ?? []).flatMap((index) => {
        const property = container[index - 1];
        return property ? [property] : [];
      }),
  };
};
