import { crc32 } from 'node:zlib';

/** A cyclic redundancy check, reflected, that starts and ends inverted. The polynomial is in reversed bit order. */
export type Crc = { bits: 32 | 64; polynomial: bigint; start(): CrcState };
export type CrcState = { update(chunk: Uint8Array): void; value(): bigint };

// Polynomials from the catalogue of parametrised CRC algorithms (reveng): CRC-32/ISO-HDLC, CRC-32/ISCSI, CRC-64/NVME.
const polynomials = { crc32: 0xedb88320n, crc32c: 0x82f63b78n, crc64nvme: 0x9a6c9329ac4bc9b5n };

const table = (polynomial: bigint): bigint[] =>
  Array.from({ length: 256 }, (_, byte) => {
    let value = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ polynomial : value >> 1n;
    return value;
  });

/** Node's own, which runs at gigabytes a second. */
export const crc32Check: Crc = {
  bits: 32,
  polynomial: polynomials.crc32,
  start() {
    let value = 0;
    return {
      update(chunk) {
        value = crc32(chunk, value);
      },
      value: () => BigInt(value),
    };
  },
};

export const crc32cCheck: Crc = {
  bits: 32,
  polynomial: polynomials.crc32c,
  start() {
    let value = 0xffffffff;
    return {
      update(chunk) {
        for (const byte of chunk) value = (value >>> 8) ^ (crc32cTable[(value ^ byte) & 0xff] ?? 0);
      },
      value: () => BigInt(~value >>> 0),
    };
  },
};
const crc32cTable = Uint32Array.from(table(polynomials.crc32c), Number);

/** Two halves of 32 bits, because a BigInt per byte would cost a hundred times as much. */
export const crc64nvmeCheck: Crc = {
  bits: 64,
  polynomial: polynomials.crc64nvme,
  start() {
    let high = 0xffffffff;
    let low = 0xffffffff;
    return {
      update(chunk) {
        for (const byte of chunk) {
          const index = (low ^ byte) & 0xff;
          low = ((low >>> 8) | (high << 24)) ^ (crc64Low[index] ?? 0);
          high = (high >>> 8) ^ (crc64High[index] ?? 0);
        }
      },
      value: () => (BigInt(~high >>> 0) << 32n) | BigInt(~low >>> 0),
    };
  },
};
const crc64High = Uint32Array.from(table(polynomials.crc64nvme), (value) => Number(value >> 32n));
const crc64Low = Uint32Array.from(table(polynomials.crc64nvme), (value) => Number(value & 0xffffffffn));

/**
 * The check of two texts in a row from the checks of each and the second's length in bytes, without reading either:
 * the first is multiplied by x^(8 * length) modulo the polynomial (the method of zlib's crc32_combine).
 */
export const combineCrc = (crc: Crc, first: bigint, second: bigint, secondBytes: number): bigint => {
  const one = 1n << BigInt(crc.bits - 1);
  let shift = one;
  let square = one >> 1n;
  for (let exponent = BigInt(secondBytes) * 8n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) shift = multiply(crc, shift, square);
    square = multiply(crc, square, square);
  }
  return multiply(crc, shift, first) ^ second;
};

const multiply = (crc: Crc, left: bigint, right: bigint): bigint => {
  let product = 0n;
  let term = right;
  for (let bit = BigInt(crc.bits - 1); bit >= 0n; bit--) {
    if ((left >> bit) & 1n) product ^= term;
    term = term & 1n ? (term >> 1n) ^ crc.polynomial : term >> 1n;
  }
  return product;
};
