import type { Metadata } from 'sharp';
import type { EncodedPicture } from '../formats/format.ts';
import type { Stage } from '../predict/plan.ts';
import { explainFailure } from './explain-failure.ts';
import type { RenderJob } from './render-job.ts';
import { openPicture } from './sharp-setup.ts';
import { stageSource } from './stage-files.ts';

/** What the upload says and intermediates do not carry on. */
export type UploadContext = {
  /** How it runs, where it is an animation. */
  animation?: NonNullable<EncodedPicture['animation']>;
  /** Where its EXIF is, and its IPTC: in blocks of their own, or spread over a TIFF, at this path. */
  exif?: { block: Buffer; iptc?: Buffer } | { tiffPath: string };
};

/** Whether a stage writes what libvips does not put EXIF into. */
export const lacksExif = ({ metadata, target }: Stage): boolean =>
  metadata === 'keep' && target.kind === 'output' && target.format === 'tiff';

const animationOf = ({ delay, loop }: Metadata): UploadContext =>
  delay === undefined ? {} : { animation: { delays: delay, loop: loop ?? 0 } };

/** PNG has no such prefix. */
const exifPrefix = 'Exif\0\0';

const exifOf = ({ format, exif = Buffer.alloc(0), iptc }: Metadata, path: string): UploadContext => {
  if (format === 'tiff') return { exif: { tiffPath: path } };
  const hasPrefix = exif.toString('latin1', 0, exifPrefix.length) === exifPrefix;
  const block = hasPrefix ? exif.subarray(exifPrefix.length) : exif;
  return { exif: { block, ...(iptc !== undefined && { iptc }) } };
};

/** Asks the upload for what its plan's stages will need of it. Throws InvalidInputError where it cannot be read. */
export const uploadContext = async (job: RenderJob): Promise<UploadContext> => {
  const { stages } = job.plan;
  const isKept = stages.some(lacksExif);
  const reader =
    stages.find(({ input, before }) => input === 'upload' && before.pages > 1) ??
    stages.find(({ input }) => isKept && input === 'upload');
  if (reader === undefined) return {};
  const source = stageSource(job, reader);
  try {
    const metadata = await openPicture(source).metadata();
    return { ...animationOf(metadata), ...(isKept && exifOf(metadata, source.path)) };
  } catch (error) {
    throw await explainFailure(error, reader.id, source);
  }
};
