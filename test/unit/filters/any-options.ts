import fc from 'fast-check';

type Options = Record<string, unknown>;

const pixels = fc.integer({ min: 1, max: 150 });
const few = fc.integer({ min: 0, max: 20 });
const position = fc.constantFrom('centre', 'top', 'right', 'right bottom', 'left');

/** Colours of every kind: grey or not, transparent or not. */
const colour = fc.constantFrom('white', '#808080', '#1a73e8', 'transparent', '#12345680', '#123f');
const opaqueColour = fc.constantFrom('black', '#888', '#c04020');

export const resizeOptions: fc.Arbitrary<Options> = fc
  .record(
    {
      width: pixels,
      height: pixels,
      fit: fc.constantFrom('cover', 'contain', 'fill', 'inside', 'outside'),
      position: fc.constantFrom('centre', 'top', 'right bottom'),
      background: colour,
      kernel: fc.constantFrom('nearest', 'lanczos3', 'mks2021'),
      withoutEnlargement: fc.boolean(),
      withoutReduction: fc.boolean(),
    },
    { requiredKeys: ['kernel'] },
  )
  .filter(({ width, height }) => width !== undefined || height !== undefined)
  .filter(({ withoutEnlargement, withoutReduction }) => !(withoutEnlargement && withoutReduction));

/** Square kernels, some of which keep even areas as they are. */
const kernelOptions: fc.Arbitrary<Options> = fc.constantFrom(3, 5).chain((side) =>
  fc.record(
    {
      kernel: fc.array(fc.array(fc.integer({ min: -2, max: 4 }), { minLength: side, maxLength: side }), {
        minLength: side,
        maxLength: side,
      }),
      scale: fc.integer({ min: 1, max: 9 }),
      offset: fc.integer({ min: -50, max: 50 }),
    },
    { requiredKeys: ['kernel'] },
  ),
);

const perChannel = fc.oneof(
  fc.double({ min: -1.5, max: 3, noNaN: true }),
  fc.tuple(fc.constant(0.5), fc.constant(1), fc.constant(1.5)),
);

/** Options of every filter that has any, as a recipe might say them. */
export const anyOptions: Readonly<Record<string, fc.Arbitrary<Options>>> = {
  resize: resizeOptions,
  crop: fc.oneof(
    fc.record({ left: few, top: few, width: fc.integer({ min: 1, max: 70 }), height: fc.integer({ min: 1, max: 70 }) }),
    fc.record({ position, width: fc.integer({ min: 1, max: 70 }), height: fc.integer({ min: 1, max: 70 }) }),
  ),
  trim: fc.record(
    { background: colour, threshold: fc.integer({ min: 0, max: 255 }), margin: few, lineArt: fc.boolean() },
    { requiredKeys: [] },
  ),
  extend: fc.record({
    top: few,
    right: few,
    bottom: few,
    left: few,
    extendWith: fc.constantFrom('background', 'copy', 'repeat', 'mirror'),
    background: colour,
  }),
  rotate: fc.record({
    angle: fc.oneof(
      fc.constantFrom(-270, -180, -90, 0, 90, 180, 270, 360),
      fc.integer({ min: -360, max: 360 }),
      fc.double({ min: -360, max: 360, noNaN: true }),
    ),
    background: colour,
  }),
  flatten: fc.record({ background: opaqueColour }),
  normalise: fc.record({ lower: fc.integer({ min: 0, max: 10 }), upper: fc.integer({ min: 90, max: 100 }) }),
  linear: fc.record({ a: perChannel, b: perChannel.map((b) => (typeof b === 'number' ? b * 30 : b)) }),
  gamma: fc.record({ gamma: fc.double({ min: 0.34, max: 3, noNaN: true }) }),
  modulate: fc.record({
    brightness: fc.double({ min: 0, max: 2, noNaN: true }),
    saturation: fc.double({ min: 0, max: 2, noNaN: true }),
    hue: fc.integer({ min: -360, max: 360 }),
    lightness: fc.integer({ min: -40, max: 40 }),
  }),
  sepia: fc.record({ amount: fc.double({ min: 0, max: 1, noNaN: true }) }),
  tint: fc.record({ colour: opaqueColour }),
  threshold: fc.record({ threshold: fc.integer({ min: 1, max: 255 }) }),
  negate: fc.record({ alpha: fc.boolean() }),
  blur: fc.record({ sigma: fc.double({ min: 0.3, max: 30, noNaN: true }) }),
  median: fc.record({ size: fc.integer({ min: 1, max: 9 }) }),
  convolve: kernelOptions,
};
