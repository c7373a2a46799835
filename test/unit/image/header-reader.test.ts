import { describe, expect, it } from 'vitest';
import { HeaderReader, headerWindowBytes } from '../../../core/image/header-reader.ts';
import { bufferSource } from './buffer-source.ts';

const KiB = 1024;
const file = (length: number) => bufferSource(Uint8Array.from({ length }, (_, index) => index % 251));

describe('HeaderReader', () => {
  it('reads 32 KiB first, 16 KiB where it is to go on, and never what it has', async () => {
    const source = file(1000 * KiB);
    const reader = new HeaderReader(source);
    expect([...(await reader.atMost(0, 3))]).toEqual([0, 1, 2]);
    await reader.atMost(20 * KiB, 12 * KiB);
    expect(source.reads).toEqual([{ offset: 0, length: headerWindowBytes }]);
    expect([...(await reader.atMost(251 * 1000, 2))]).toEqual([0, 1]);
    await reader.atMost(251 * 1000 + 9, 4 * KiB);
    await reader.atMost(5, 100);
    expect(source.reads).toEqual([
      { offset: 0, length: 32 * KiB },
      { offset: 251 * 1000, length: 16 * KiB },
    ]);
  });

  it('reads at once what is longer than a window', async () => {
    const source = file(1000 * KiB);
    expect(await new HeaderReader(source).atMost(7, 100 * KiB)).toHaveLength(100 * KiB);
    expect(source.reads).toEqual([{ offset: 7, length: 100 * KiB }]);
  });

  it('reads bytes across the end of a window', async () => {
    const source = file(100 * KiB);
    const reader = new HeaderReader(source);
    await reader.atMost(0, 1);
    const bytes = await reader.atMost(headerWindowBytes - 2, 4);
    expect([...bytes]).toEqual([0, 1, 2, 3].map((step) => (headerWindowBytes - 2 + step) % 251));
  });

  it('asks for nothing past the end', async () => {
    const source = file(100);
    const reader = new HeaderReader(source);
    expect(await reader.atMost(90, 50)).toHaveLength(10);
    expect(await reader.atMost(100, 5)).toHaveLength(0);
    expect(await reader.atMost(5000, 5)).toHaveLength(0);
    expect(source.reads).toEqual([{ offset: 90, length: 10 }]);
  });

  it('says where the file ended and what was expected there', async () => {
    await expect(new HeaderReader(file(100)).cursor(96, 8, 'a PNG chunk header')).rejects.toMatchObject({
      code: 'UnreadableHeader',
      message:
        'Expected 8 bytes of a PNG chunk header at byte 96 but received 4 (the file ends there). ' +
        'The file is damaged or incomplete: upload an intact copy.',
    });
  });

  it('takes a source that answers less than its size for a file that ends there', async () => {
    const source = { size: 500, read: async () => new Uint8Array(10) };
    await expect(new HeaderReader(source).cursor(0, 20, 'a header')).rejects.toMatchObject({
      code: 'UnreadableHeader',
    });
  });

  it('ends at 32 reads', async () => {
    const source = file(10_000 * KiB);
    const reader = new HeaderReader(source);
    for (let read = 0; read < 32; read++) {
      await reader.atMost(read * 100 * KiB, 1);
    }
    await expect(reader.atMost(9000 * KiB, 1)).rejects.toMatchObject({ code: 'UnreadableHeader' });
    expect(source.reads).toHaveLength(32);
  });

  it('ends at 1 MiB', async () => {
    const source = file(10_000 * KiB);
    const reader = new HeaderReader(source);
    await reader.atMost(0, 1000 * KiB);
    await reader.atMost(2000 * KiB, 24 * KiB);
    await expect(reader.atMost(5000 * KiB, 1)).rejects.toMatchObject({ code: 'UnreadableHeader' });
    expect(source.bytesRead()).toBe(1024 * KiB);
  });

  it('lets the errors of its source pass', async () => {
    const broken = { size: 10, read: () => Promise.reject(new Error('connection reset')) };
    await expect(new HeaderReader(broken).atMost(0, 1)).rejects.toThrow('connection reset');
  });
});
