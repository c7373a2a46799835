import * as z from 'zod';

/** What the encoders of animations share. Left out, the upload's own figures are kept. */
export const animationOptions = {
  loop: z
    .int()
    .min(0)
    .max(65_535)
    .optional()
    .describe('how often an animation is played, 0 for ever; as in the upload'),
  delay: z
    .int()
    .min(0)
    .max(65_535)
    .optional()
    .describe('milliseconds for which each frame of an animation is shown; as in the upload'),
};

/** How an animation runs. */
type Timing = { loop?: number; delay?: number | number[] };

/** An animation's timing, of the options where they say it, else of the upload. Nothing for a single picture. */
export const timingOf = (
  { loop, delay }: { loop?: number | undefined; delay?: number | undefined },
  { pages, animation }: { pages: number; animation?: { loop: number; delays: readonly number[] } },
): Timing => {
  if (pages === 1) return {};
  const delays = delay ?? (animation && animation.delays.length > 0 ? [...animation.delays] : undefined);
  const plays = loop ?? animation?.loop;
  return { ...(delays !== undefined && { delay: delays }), ...(plays !== undefined && { loop: plays }) };
};
