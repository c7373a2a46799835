import type { InputFormat } from '../image/traits.ts';
import type { PinnedTarget } from '../route/decision.ts';

/** One step as the canonical recipe holds it: the filter's name and its options, every default filled in. */
export type Step = { filter: string; options: Record<string, unknown> };

/** One encoding of an output: the format's name and its options, every default filled in. */
export type Encoding = { format: InputFormat; options: Record<string, unknown> };

/** One picture that a recipe makes, in one or more formats: `<input key>/<recipe>/<name>.<extension>`. */
export type Output = {
  name: string;
  steps: Step[];
  formats: Encoding[];
  /** `all` frames of the upload where the format can hold them, or only the `first`. */
  frames: 'all' | 'first';
  /** `strip`: no metadata, colours in sRGB. `keep`: the upload's EXIF, XMP and profile, and colours as they are. */
  metadata: 'strip' | 'keep';
};

/** A recipe in its canonical form: what the hash is made over, what is stored, and what a worker runs. */
export type Recipe = {
  name: string;
  description: string;
  /** Steps that every output begins with. */
  steps: Step[];
  outputs: Output[];
  /** The Cache-Control header of every output. */
  cacheControl: string;
  /** Where every job of this recipe is to run, whatever would be cheaper. */
  runOn?: PinnedTarget | undefined;
};

/** A recipe and the hash of its canonical JSON (64 hex digits of SHA-256). */
export type HashedRecipe = { recipe: Recipe; hash: string };
