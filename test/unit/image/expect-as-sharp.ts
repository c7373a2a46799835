import sharp from 'sharp';
import { expect } from 'vitest';
import { probe } from '../../../core/image/probe.ts';
import type { Traits } from '../../../core/image/traits.ts';
import { bufferSource } from './buffer-source.ts';

/** sharp's own words for the traits that it has. */
const fromSharp = async (bytes: Uint8Array) => {
  const metadata = await sharp(bytes).metadata();
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
  };
};

/** Probes a picture, expects that sharp says the same of it, and answers the traits. */
export const expectAsSharp = async (bytes: Uint8Array): Promise<Traits> => {
  const traits = await probe(bufferSource(bytes));
  const { frames, isInterlaced, isProgressive, ...rest } = traits;
  expect({ ...rest, holdsWholePicture: isInterlaced || isProgressive }).toEqual(await fromSharp(bytes));
  expect(frames.count).toBe(1);
  return traits;
};
