import { Cursor } from './cursor.ts';

const screenBytes = 13;
const descriptorBytes = 10;
const block = { extension: 0x21, image: 0x2c, trailer: 0x3b };
const extension = { graphicControl: 0xf9, comment: 0xfe };
const transparencyFlag = 0x01;
const tableFlag = 0x80;
const interlaceFlag = 0x40;
// LZW codes have at most 12 bits, and the table is one bit wider than the pixels.
const maxPixelBits = 11;
// Past this, and for the sizes of the screens that some encoders wrote instead of the picture's, libnsgif believes the
// first frame alone.
const maxTrustedScreen = 2048;
const untrustedScreens = ['640x480', '640x512', '800x600', '1024x768', '1280x1024', '1600x1200'];

const tableBits = (flags: number): number => ((flags & tableFlag) === 0 ? 0 : (flags & 7) + 1);
const tableBytes = (flags: number): number => (tableBits(flags) === 0 ? 0 : 3 * 2 ** tableBits(flags));

/** What a walk over a GIF has seen so far; what libnsgif, which does the decoding, would say of it. */
export type GifFacts = {
  width: number;
  height: number;
  /** Frames that are whole, and one more where the file ends inside it. */
  frames: number;
  hasTransparency: boolean;
  isInterlaced: boolean;
  /** Bits of the largest colour table. */
  paletteBits: number;
  /** Pixels that all frames make a decoder decode: more than the canvas has where frames go beyond its edge. */
  codedPixels: number;
  /** Whether a later frame reaches beyond what the first one made of the canvas, on a screen that would have had room. */
  isCropped: boolean;
};

/**
 * Walks from block to block of a GIF, without decoding, over bytes that come in any number of stretches. It follows
 * libnsgif: the first frame may make the canvas larger, a stray byte between blocks ends the picture, transparency in
 * any frame makes all of them transparent.
 */
export class GifWalk {
  readonly facts: GifFacts = {
    width: 0,
    height: 0,
    frames: 0,
    hasTransparency: false,
    isInterlaced: false,
    paletteBits: 0,
    codedPixels: 0,
    isCropped: false,
  };
  /** Whether the picture's last byte has been seen, or one behind which no decoder looks for frames. */
  isOver = false;
  #place: 'screen' | 'block' | 'extension' | 'frame' = 'screen';
  #screenBits = 0;
  #screen = { width: 0, height: 0 };
  #isTransparent = false;
  #hasData = false;

  /** Whether the first frame has been met, which the size of the canvas depends on. */
  get knowsCanvas(): boolean {
    return this.facts.frames > 0 || this.#place === 'frame';
  }

  /** Whether what was given last ends inside a frame, of which some data have been seen. */
  get isInsideFrame(): boolean {
    return this.#place === 'frame' && this.#hasData;
  }

  /** Goes on through the next bytes and answers how many it is done with: 0 where it needs more, or is over. */
  step(bytes: Uint8Array): number {
    const cursor = new Cursor(bytes, 0, 'a GIF');
    cursor.byteOrder = 'little';
    let done = 0;
    while (!this.isOver && this.#next(cursor)) {
      done = cursor.position;
    }
    return this.isOver ? 0 : done;
  }

  /** Takes the last frame for one although the file ends inside it, as a decoder does from the second frame on. */
  endInsideFrame(): void {
    if (this.isInsideFrame && this.facts.frames > 0) {
      this.facts.frames += 1;
    }
    this.isOver = true;
  }

  /** One block or sub-block; false where its bytes are not all there. */
  #next(cursor: Cursor): boolean {
    switch (this.#place) {
      case 'screen':
        return this.#readScreen(cursor);
      case 'block':
        return this.#readBlock(cursor);
      default:
        return this.#skipSubBlock(cursor);
    }
  }

  #readScreen(cursor: Cursor): boolean {
    if (cursor.remaining < screenBytes) return false;
    cursor.skip(6);
    const [width, height, flags] = [cursor.u16(), cursor.u16(), cursor.u8()];
    cursor.skip(2);
    if (cursor.remaining < tableBytes(flags)) return false;
    cursor.skip(tableBytes(flags));
    this.#screen = { width, height };
    const isTrusted =
      width > 0 &&
      height > 0 &&
      width <= maxTrustedScreen &&
      height <= maxTrustedScreen &&
      !untrustedScreens.includes(`${width}x${height}`);
    this.facts.width = isTrusted ? width : 1;
    this.facts.height = isTrusted ? height : 1;
    this.#screenBits = tableBits(flags);
    this.#place = 'block';
    return true;
  }

  #readBlock(cursor: Cursor): boolean {
    if (cursor.remaining < 1) return false;
    const kind = cursor.u8();
    if (kind === block.extension) return this.#readExtension(cursor);
    if (kind === block.image) return this.#readDescriptor(cursor);
    this.isOver = true;
    return true;
  }

  #readExtension(cursor: Cursor): boolean {
    if (cursor.remaining < 1) return false;
    const label = cursor.u8();
    if (label !== extension.comment) {
      if (cursor.remaining < 1) return false;
      const length = cursor.u8();
      if (cursor.remaining < length) return false;
      const body = cursor.bytes(length);
      if (label === extension.graphicControl) {
        this.#isTransparent ||= ((body[0] ?? 0) & transparencyFlag) !== 0;
      }
    }
    this.#place = 'extension';
    return true;
  }

  /** A frame's place and size, its own colour table, and how many bits its pixels have. */
  #readDescriptor(cursor: Cursor): boolean {
    if (cursor.remaining < descriptorBytes - 1) return false;
    const [left, top, width, height] = [cursor.u16(), cursor.u16(), cursor.u16(), cursor.u16()];
    const flags = cursor.u8();
    if (cursor.remaining < tableBytes(flags) + 1) return false;
    cursor.skip(tableBytes(flags));
    if (cursor.u8() > maxPixelBits) {
      this.isOver = true;
      return true;
    }
    const { facts } = this;
    if (facts.frames === 0) {
      facts.width = Math.max(facts.width, left + width);
      facts.height = Math.max(facts.height, top + height);
    }
    facts.isCropped ||=
      (left + width > facts.width && facts.width < this.#screen.width) ||
      (top + height > facts.height && facts.height < this.#screen.height);
    facts.codedPixels += width * Math.max(0, Math.min(height, facts.height - top));
    facts.hasTransparency ||= this.#isTransparent;
    facts.isInterlaced ||= (flags & interlaceFlag) !== 0;
    // A picture without any table is drawn in black and white.
    facts.paletteBits = Math.max(facts.paletteBits, tableBits(flags), this.#screenBits, 1);
    this.#isTransparent = false;
    this.#hasData = false;
    this.#place = 'frame';
    return true;
  }

  #skipSubBlock(cursor: Cursor): boolean {
    if (cursor.remaining < 1) return false;
    const length = cursor.u8();
    if (this.#place === 'frame') {
      this.#hasData = true;
    }
    if (cursor.remaining < length) return false;
    cursor.skip(length);
    if (length === 0) {
      if (this.#place === 'frame') this.facts.frames += 1;
      this.#place = 'block';
    }
    return true;
  }
}
