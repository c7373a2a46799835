import { InternalError, InvalidInputError, KadamError } from '../errors.ts';
import { capacityFailure } from './capacity-failure.ts';
import { openPicture, type Source } from './sharp-setup.ts';

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * libvips' messages for people: one line per cause, most telling last. Paths, names of libraries and the many repeated
 * 'bad seek' lines of a truncated AVIF say nothing to whoever uploaded the file.
 */
export const readableCause = (message: string, path: string): string => {
  const lines = message
    .split('\n')
    .map((line) =>
      line
        .replaceAll(`${path}: `, '')
        .replace(/^\w+: /, '')
        .trim(),
    )
    .filter((line) => line !== '' && !/^bad seek|^\([\d.]+\)$/.test(line));
  return [...new Set(lines)].slice(-2).join('; ') || 'the file ends too early';
};

/** What the decoder alone says of a picture, or undefined where it decodes as a whole, or is not there at all. */
const decodingFailure = async (source: Source): Promise<string | undefined> => {
  try {
    await openPicture(source).stats();
    return undefined;
  } catch (error) {
    const message = messageOf(error);
    return message.startsWith('Input file is missing') ? undefined : readableCause(message, source.path);
  }
};

/**
 * Whose fault a failed stage is. The upload's where its decoder fails without any filter or encoder as well, which is
 * found out by asking it: libvips' messages do not say which end of a pipeline they come from.
 */
export const explainFailure = async (error: unknown, stageId: string, source: Source): Promise<KadamError> => {
  if (error instanceof KadamError) return error;
  const message = messageOf(error);
  const capacity = capacityFailure(message);
  if (capacity !== undefined) return capacity;
  const cause = source.kind === 'upload' ? await decodingFailure(source) : undefined;
  if (cause !== undefined) {
    return new InvalidInputError(
      `Expected a whole picture but its decoder stopped: ${cause}. Upload the file again; if other programs open it, ` +
        'save it anew there and upload that.',
      { code: 'CorruptImage', cause: error },
    );
  }
  return new InternalError(
    `Expected ${stageId} to be rendered but sharp answered: ${readableCause(message, source.path)}. ` +
      'Report this with the recipe and the traits of the picture.',
    { code: 'RenderFailed', cause: error },
  );
};
