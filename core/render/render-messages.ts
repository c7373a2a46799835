import * as z from 'zod';
import { CapacityError, InternalError, InvalidInputError, KadamError } from '../errors.ts';
import { inputFormats } from '../image/traits.ts';

const measuredStage = z.strictObject({ id: z.string(), seconds: z.number(), cpuSeconds: z.number() });

const renderedOutput = z.strictObject({
  name: z.string(),
  format: z.enum(inputFormats),
  extension: z.string(),
  path: z.string(),
  bytes: z.int(),
  width: z.int(),
  height: z.int(),
  pages: z.int(),
  sha256: z.string(),
});

const failure = z.strictObject({ name: z.string(), code: z.string(), message: z.string() });

/**
 * What the rendering process tells its parent. It is read as strictly as an upload: the process that sends it decodes
 * files of strangers.
 */
export const renderMessage = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('stage'), stage: measuredStage }),
  z.strictObject({
    kind: z.literal('done'),
    result: z.strictObject({
      outputs: z.array(renderedOutput),
      stages: z.array(measuredStage),
      peakMemoryMiB: z.number(),
    }),
  }),
  z.strictObject({ kind: z.literal('failed'), failure }),
  /** Wants the program of this stage to be run. The parent answers with its usage once it has ended well. */
  z.strictObject({ kind: z.literal('program'), stage: z.string() }),
]);

export type RenderMessage = z.infer<typeof renderMessage>;
type Failure = z.infer<typeof failure>;

/** An error as plain data; one that is none of Kadam's becomes an InternalError. */
export const toFailure = (error: unknown): Failure => {
  if (error instanceof KadamError) return { name: error.name, code: error.code, message: error.message };
  const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const message = `Expected the renderer to end with files or a reason but it threw: ${told}. Report this.`;
  return { name: 'InternalError', code: 'RenderFailed', message };
};

/** The error that a failure was: its class, code and message. */
export const toError = ({ name, code, message }: Failure): KadamError => {
  switch (name) {
    case 'InvalidInputError':
      return new InvalidInputError(message, { code });
    case 'CapacityError':
      return new CapacityError(message, { code });
    default:
      return new InternalError(message, { code });
  }
};
