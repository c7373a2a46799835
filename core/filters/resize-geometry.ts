/** A size in whole pixels. */
export type Size = { width: number; height: number };

/** What decides a resize's sizes. */
export type ResizeTarget = {
  width?: number | undefined;
  height?: number | undefined;
  fit: 'cover' | 'contain' | 'fill' | 'inside' | 'outside';
  withoutEnlargement: boolean;
  withoutReduction: boolean;
};

/** By how much each axis shrinks, as sharp resolves it (0.35.5, src/common.cc, `ResolveShrink`). */
const shrinkOf = (image: Size, target: ResizeTarget): { x: number; y: number } => {
  const { fit } = target;
  let x = target.width === undefined ? undefined : image.width / target.width;
  let y = target.height === undefined ? undefined : image.height / target.height;
  if (fit === 'fill') {
    x ??= 1;
    y ??= 1;
  } else {
    const common =
      fit === 'contain' || fit === 'inside' ? Math.max(x ?? 0, y ?? 0) : Math.min(x ?? Infinity, y ?? Infinity);
    x = common;
    y = common;
  }
  const [least, most] = [target.withoutEnlargement ? 1 : 0, target.withoutReduction ? 1 : Infinity];
  const clamp = (shrink: number, axis: number) => Math.min(Math.max(least, Math.min(most, shrink)), axis);
  return { x: clamp(x, image.width), y: clamp(y, image.height) };
};

/**
 * The two sizes of a resize: what the picture is scaled to, and what is left after cover's crop or contain's padding.
 * Halves round up, as libvips' own
 * resize does; no axis ever gets shorter than a pixel.
 */
export const resizeGeometry = (image: Size, target: ResizeTarget): { scaled: Size; final: Size } => {
  const shrink = shrinkOf(image, target);
  const scaled = { width: Math.round(image.width / shrink.x), height: Math.round(image.height / shrink.y) };
  const { width = scaled.width, height = scaled.height } = target;
  switch (target.fit) {
    case 'cover':
      return { scaled, final: { width: Math.min(scaled.width, width), height: Math.min(scaled.height, height) } };
    case 'contain':
      return { scaled, final: { width: Math.max(scaled.width, width), height: Math.max(scaled.height, height) } };
    default:
      return { scaled, final: scaled };
  }
};
