import type { HeaderReader } from './header-reader.ts';
import { unsupportedFormat } from './input-errors.ts';
import { readTiffNumbers, type TiffDirectory, type TiffField, type TiffHeader } from './tiff-directory.ts';

// Pictures of more samples a pixel than these are refused anyway.
const maxSamples = 8;

/** Reads the fields of one directory by their numbers. */
export class TiffFields {
  /** The byte of the file where the directory is. */
  readonly offset: number;
  readonly #reader: HeaderReader;
  readonly #header: TiffHeader;
  readonly #fields: ReadonlyMap<number, TiffField>;

  constructor(reader: HeaderReader, header: TiffHeader, directory: TiffDirectory) {
    this.offset = directory.offset;
    this.#reader = reader;
    this.#header = header;
    this.#fields = directory.fields;
  }

  get(number: number): TiffField | undefined {
    return this.#fields.get(number);
  }

  has(number: number): boolean {
    return this.#fields.has(number);
  }

  /** The first `most` values of a field of whole numbers: none where it is missing. */
  numbers(number: number, most = 1): Promise<number[]> {
    return readTiffNumbers(this.#reader, this.#header, this.get(number), most);
  }

  async first(number: number): Promise<number | undefined> {
    return (await this.numbers(number))[0];
  }

  /** The value of a field that has one for each sample, which all have to be the same. */
  async same(number: number, missing: number): Promise<number> {
    const [value = missing, ...others] = await this.numbers(number, maxSamples);
    if (others.some((other) => other !== value)) {
      throw unsupportedFormat(`a TIFF with samples of different kinds (${[value, ...others].join(', ')})`);
    }
    return value;
  }
}
