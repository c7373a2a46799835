import type { InputFormat } from '../image/traits.ts';
import type { Plan } from '../predict/plan.ts';

/** What a renderer is given: a plan, the staged upload, and an empty folder for everything it writes. */
export type RenderJob = { plan: Plan; inputPath: string; workDir: string };

/** One encoded file, ready to be published. `sha256` is base64, as S3 takes it in ChecksumSHA256. */
export type RenderedOutput = {
  name: string;
  format: InputFormat;
  extension: string;
  path: string;
  bytes: number;
  width: number;
  height: number;
  /** Frames of an animation, pages of a document; 1 for everything else. */
  pages: number;
  sha256: string;
};

/** What a stage really took: wall seconds, and CPU seconds of all threads. */
export type MeasuredStage = { id: string; seconds: number; cpuSeconds: number };

/**
 * A render's files and measurements; `peakMemoryMiB` is the peak resident size of the rendering process, together with
 * the program of a container where one ran.
 */
export type RenderResult = { outputs: RenderedOutput[]; stages: MeasuredStage[]; peakMemoryMiB: number };
