import { unreadableHeader } from './input-errors.ts';

/** How multi-byte numbers are stored: `big` in JPEG, PNG and AVIF, `little` in WebP, either in EXIF. */
export type ByteOrder = 'big' | 'little';

/**
 * Reads numbers one after another from a stretch of a picture's header. Every read is checked: one past the stretch's
 * end is an `UnreadableHeader` that names the byte in the file, never a RangeError.
 */
export class Cursor {
  /** Where the next read begins, counted from the start of the stretch. */
  position = 0;
  byteOrder: ByteOrder;
  readonly #view: DataView;
  readonly #fileOffset: number;
  readonly #what: string;

  /** `fileOffset` is where `bytes` begin in the file; `what` names them in messages: 'a PNG chunk header'. */
  constructor(bytes: Uint8Array, fileOffset: number, what: string, byteOrder: ByteOrder = 'big') {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#fileOffset = fileOffset;
    this.#what = what;
    this.byteOrder = byteOrder;
  }

  get remaining(): number {
    return this.#view.byteLength - this.position;
  }

  /** The byte of the file that the next read begins at. */
  get fileOffset(): number {
    return this.#fileOffset + this.position;
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2), this.byteOrder === 'little');
  }

  u24(): number {
    const [first, second, third] = [this.u8(), this.u8(), this.u8()];
    return this.byteOrder === 'little'
      ? first + second * 0x100 + third * 0x10000
      : first * 0x10000 + second * 0x100 + third;
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), this.byteOrder === 'little');
  }

  /** A number of eight bytes; one past 2^53 - 1 cannot be a place in a file and is refused. */
  u64(): number {
    const at = this.#advance(8);
    const value = this.#view.getBigUint64(at, this.byteOrder === 'little');
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw unreadableHeader(`a length in ${this.#what}`, String(value), this.#fileOffset + at);
    }
    return Number(value);
  }

  /** The next `length` bytes as Latin-1 text: chunk and box types, brands, names. */
  text(length: number): string {
    return String.fromCharCode(...this.bytes(length));
  }

  bytes(length: number): Uint8Array {
    return new Uint8Array(this.#view.buffer, this.#view.byteOffset + this.#advance(length), length);
  }

  skip(length: number): void {
    this.#advance(length);
  }

  #advance(length: number): number {
    if (length > this.remaining) {
      throw unreadableHeader(`${length} more bytes of ${this.#what}`, `${this.remaining}`, this.fileOffset);
    }
    const at = this.position;
    this.position += length;
    return at;
  }
}
