import type { InputFormat } from '../image/traits.ts';

/** One step as the canonical recipe holds it: the filter's name and its options, every default filled in. */
export type Step = { filter: string; options: Record<string, unknown> };

/** One encoding of an output: the format's name and its options, every default filled in. */
export type Encoding = { format: InputFormat; options: Record<string, unknown> };

/** One picture that a recipe makes, in one or more formats: `<input key>/<recipe>/<name>.<extension>`. */
export type Output = { name: string; steps: Step[]; formats: Encoding[] };

/** A recipe in its canonical form: what the hash is made over, what is stored, and what a worker runs. */
export type Recipe = {
  name: string;
  description: string;
  /** Steps that every output begins with. */
  steps: Step[];
  outputs: Output[];
  /** The Cache-Control header of every output. */
  cacheControl: string;
};

/** A recipe and the hash of its canonical JSON (64 hex digits of SHA-256). */
export type HashedRecipe = { recipe: Recipe; hash: string };
