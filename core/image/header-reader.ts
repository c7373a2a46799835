import type { ByteSource } from './byte-source.ts';
import { Cursor } from './cursor.ts';
import { unreadableHeader } from './input-errors.ts';

const KiB = 1024;
/**
 * Bytes of the first read: whoever opens a picture by a ranged GET of these saves a request.
 * Half of all JPEG headers end within 2.3 KB, 97 % within 64 KB (most of what is longer is the thumbnail in the EXIF),
 * and the other formats need 30 to 600 bytes. 32 KiB leaves room for two more reads under 64 KiB in total: one behind
 * a segment that was skipped, one for an EXIF block at the end of the file.
 */
export const headerWindowBytes = 32 * KiB;
const nextReadBytes = 16 * KiB;
// Skipping one of JPEG's segments (64 KiB at most) costs a read, so 32 reads get over 2 MB of metadata: three times
// the longest header among the photographs measured (594 KB, an ICC profile).
const maxReads = 32;
const maxBytes = 1024 * KiB;

/**
 * Reads a header out of a source where every read may be a ranged GET: in windows that are kept, so that going back
 * costs nothing, and placed where the caller wants to go on, so that what it skips is never read.
 * Past 32 reads or 1 MiB, and past the end of the file, reading ends with `UnreadableHeader`.
 */
export class HeaderReader {
  /** Bytes of the whole file. */
  readonly size: number;
  readonly #source: ByteSource;
  readonly #windows: { offset: number; bytes: Uint8Array }[] = [];
  #bytesRead = 0;

  constructor(source: ByteSource) {
    this.#source = source;
    this.size = source.size;
  }

  /** Whether half of what may be read has been: time for a walk from place to place to begin with a new reader. */
  get isHalfSpent(): boolean {
    return this.#windows.length >= maxReads / 2 || this.#bytesRead >= maxBytes / 2;
  }

  /** Exactly `length` bytes from `offset`, as a cursor over them; `what` names them in messages: 'a PNG chunk header'. */
  async cursor(offset: number, length: number, what: string): Promise<Cursor> {
    const bytes = await this.atMost(offset, length);
    if (bytes.length < length) {
      throw unreadableHeader(`${length} bytes of ${what}`, `${bytes.length} (the file ends there)`, offset);
    }
    return new Cursor(bytes, offset, what);
  }

  /** Up to `length` bytes from `offset`: fewer only where the file ends. */
  async atMost(offset: number, length: number): Promise<Uint8Array> {
    const wanted = Math.max(0, Math.min(length, this.size - offset));
    if (wanted === 0) {
      return new Uint8Array();
    }
    const window =
      this.#windows.find(({ offset: start, bytes }) => start <= offset && offset + wanted <= start + bytes.length) ??
      (await this.#readWindow(offset, wanted));
    const from = offset - window.offset;
    return window.bytes.subarray(from, from + wanted);
  }

  async #readWindow(offset: number, wanted: number): Promise<{ offset: number; bytes: Uint8Array }> {
    const usual = this.#windows.length === 0 ? headerWindowBytes : nextReadBytes;
    const length = Math.min(Math.max(wanted, usual), this.size - offset);
    if (this.#windows.length >= maxReads || this.#bytesRead + length > maxBytes) {
      throw unreadableHeader(
        `the header to end within ${maxReads} reads and ${maxBytes / KiB} KiB`,
        'a header that goes on',
        offset,
      );
    }
    const window = { offset, bytes: await this.#source.read(offset, length) };
    this.#bytesRead += length;
    this.#windows.push(window);
    return window;
  }
}
