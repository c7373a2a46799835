import { globSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { ConfigurationError, InvalidInputError } from '../core/errors.ts';
import { findFormat } from '../core/formats/registry.ts';
import { fileSource } from '../core/image/file-source.ts';
import { probe } from '../core/image/probe.ts';
import { type InputFormat, megapixels, type Traits } from '../core/image/traits.ts';
import type { Pictures, WorkloadRow } from './plan-workload.ts';

/** A kind of picture of a row, as frequent as its other cases: its traits, or why it would be refused. */
export type Case = { what: string; traits: Traits } | { what: string; refusal: string };

/** Bytes per pixel of files that are not described further: core/predict/encoded-bytes.ts's photographs. */
const bytesPerPixel: Readonly<Record<InputFormat, number>> = {
  jpeg: 0.35,
  png: 2,
  webp: 0.25,
  avif: 0.2,
  gif: 0.8,
  tiff: 3,
};

const colourChannels = 3;

/** A photograph of that format and size, upright, without profile and not progressive. */
const traitsOf = ({
  format,
  width,
  height,
  hasAlpha,
  depth,
  frames,
  bytes,
}: Pictures & { kind: 'described' }): Traits => {
  const pixels = megapixels({ width, height, pages: frames }) * 1e6;
  return {
    format,
    width,
    height,
    frames: { count: frames, known: 'exact' },
    channels: hasAlpha ? colourChannels + 1 : colourChannels,
    bitDepth: depth,
    hasAlpha,
    hasProfile: false,
    orientation: 1,
    isInterlaced: false,
    isProgressive: false,
    isCmyk: false,
    isTiled: false,
    ...(format === 'tiff' ? { blockRows: 1, compression: 'none' as const } : {}),
    hasEqualFrames: true,
    fileBytes: bytes ?? Math.ceil(pixels * bytesPerPixel[format] * (depth / 8)),
  };
};

const sampleCase = async (path: string, folder: string): Promise<Case> => {
  const what = relative(folder, path);
  const source = await fileSource(path);
  try {
    return { what, traits: await probe(source) };
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return { what, refusal: error.message };
  } finally {
    await source.close();
  }
};

/**
 * The cases of a row. Samples are looked for beside the workload file, and only their headers are read.
 * Throws ConfigurationError `NoSamples` where no file matches.
 */
export const casesOf = async ({ line, pictures }: WorkloadRow, folder: string): Promise<Case[]> => {
  if (pictures.kind === 'described') {
    const { format, width, height } = pictures;
    const what = `${format} ${width} x ${height}`;
    const longest = findFormat(format)?.maxDimension ?? Number.POSITIVE_INFINITY;
    if (Math.max(width, height) > longest) {
      return [{ what, refusal: `No ${format} has a side of more than ${longest} pixels.` }];
    }
    return [{ what, traits: traitsOf(pictures) }];
  }
  const files = globSync(pictures.glob, { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => resolve(entry.parentPath, entry.name))
    .sort();
  if (files.length === 0) {
    throw new ConfigurationError(
      `Expected files for '${pictures.glob}' (line ${line}, column files) in ${folder} but there are none. ` +
        'Paths are those from the workload file on.',
      { code: 'NoSamples' },
    );
  }
  const cases: Case[] = [];
  // One by one: all at once are more open files than a process may have.
  for (const file of files) cases.push(await sampleCase(file, folder));
  return cases;
};
