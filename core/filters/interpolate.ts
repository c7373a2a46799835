/** Measured values by a parameter, in ascending order of the parameter. */
export type Curve = readonly [first: readonly [x: number, y: number], ...rest: (readonly [x: number, y: number])[]];

/**
 * The value of a measured curve at `x`: straight lines between the points, the first value below them, and the last
 * line's slope above them, since what nobody measured counts as slow. Monotone where the points are.
 */
export const interpolate = (curve: Curve, x: number): number => {
  let [x0, y0] = curve[0];
  if (x <= x0) return y0;
  let slope = 0;
  for (const [x1, y1] of curve.slice(1)) {
    slope = (y1 - y0) / (x1 - x0);
    if (x <= x1) return y0 + slope * (x - x0);
    [x0, y0] = [x1, y1];
  }
  return y0 + slope * (x - x0);
};
