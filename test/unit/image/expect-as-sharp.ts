import sharp from 'sharp';
import { expect } from 'vitest';
import { probe } from '../../../core/image/probe.ts';
import { scanStructure } from '../../../core/image/scan-structure.ts';
import type { Traits } from '../../../core/image/traits.ts';
import { bufferSource } from './buffer-source.ts';

/** sharp's own words for the traits that it has, opened as the renderer opens pictures. */
const fromSharp = async (bytes: Uint8Array) => {
  const metadata = await sharp(bytes, { failOn: 'error', limitInputPixels: false }).metadata();
  return {
    format: metadata.format === 'heif' ? 'avif' : metadata.format,
    width: metadata.width,
    height: metadata.height,
    channels: metadata.channels,
    bitDepth: metadata.bitsPerSample ?? 8,
    hasAlpha: metadata.hasAlpha,
    hasProfile: metadata.hasProfile,
    orientation: metadata.orientation ?? 1,
    holdsWholePicture: metadata.isProgressive,
    isCmyk: metadata.space === 'cmyk',
    fileBytes: bytes.length,
    // Of the pictures in a HEIF file only the primary one counts.
    pages: metadata.format === 'heif' ? 1 : (metadata.pages ?? 1),
  };
};

/** The traits in sharp's words; `pages` as given, for a header may not tell of all. */
const asTold = (traits: Traits, pages: number) => {
  const { frames: _, isInterlaced, isProgressive, isTiled, blockRows, compression, hasEqualFrames, ...rest } = traits;
  return { ...rest, holdsWholePicture: isInterlaced || isProgressive, pages };
};

/** Probes a picture, expects that sharp says the same of it, and answers the traits. */
export const expectAsSharp = async (bytes: Uint8Array): Promise<Traits> => {
  const traits = await probe(bufferSource(bytes));
  const told = await fromSharp(bytes);
  expect(asTold(traits, told.pages)).toEqual(told);
  if (traits.frames.known === 'exact') {
    expect(traits.frames.count).toBe(told.pages);
  } else {
    expect(traits.frames.count).toBeGreaterThanOrEqual(1);
    expect(traits.frames.count).toBeLessThanOrEqual(told.pages);
  }
  return traits;
};

/** Scans a whole picture, expects that sharp says the same of it, the number of frames too, and answers the traits. */
export const expectScanAsSharp = async (bytes: Uint8Array): Promise<Traits> => {
  const traits = await scanStructure(bufferSource(bytes), await probe(bufferSource(bytes)));
  expect(traits.frames.known).toBe('exact');
  expect(asTold(traits, traits.frames.count)).toEqual(await fromSharp(bytes));
  return traits;
};
