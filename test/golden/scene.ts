import sharp, { type Sharp } from 'sharp';
import type { ImageState } from '../../core/image/image-state.ts';

const width = 96;
const height = 64;

/** Noise that is the same on every machine (a linear congruential generator). */
const noise = (): (() => number) => {
  let state = 1;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
};

/** Soft gradients with a little noise like a photograph's, a box and a diagonal with hard edges, all asymmetric. */
const colourAt = (x: number, y: number, random: number): [number, number, number] => {
  if (x >= 12 && x < 40 && y >= 10 && y < 28) return [230, 40, 30];
  if (Math.abs(x - y - 30) < 2) return [10, 20, 60];
  const grain = (random - 0.5) * 12;
  return [60 + x * 1.5 + grain, 140 + 70 * Math.sin((x + 2 * y) / 17) + grain, 220 - y * 2.5 + grain];
};

/** Opaque at the left, gone at the right, with a hole. */
const alphaAt = (x: number, y: number): number => {
  if (x >= 50 && x < 62 && y >= 34 && y < 50) return 0;
  return Math.min(255, Math.max(0, 480 - x * 5));
};

const scenePixels = (channels: 3 | 4): Uint8Array => {
  const random = noise();
  const data = new Uint8Array(width * height * channels);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const colour = [...colourAt(x, y, random()), alphaAt(x, y)];
    for (let channel = 0; channel < channels; channel += 1) {
      data[pixel * channels + channel] = Math.min(255, Math.max(0, Math.round(colour[channel] ?? 0)));
    }
  }
  return data;
};

/** The goldens' input: what it is, as the planner would say it. */
export const sceneState = ({ channels }: { channels: 3 | 4 }): ImageState => ({
  width,
  height,
  pages: 1,
  channels,
  bitDepth: 8,
  hasAlpha: channels === 4,
  orientation: 1,
});

/** The goldens' input as a sharp pipeline. Made here, from nothing but arithmetic: no file, no licence. */
export const openScene = ({ channels }: { channels: 3 | 4 }): Sharp =>
  sharp(scenePixels(channels), { raw: { width, height, channels } });

/** The goldens' input as a PNG. */
export const encodedScene = (kind: { channels: 3 | 4 }): Promise<Buffer> => openScene(kind).png().toBuffer();
