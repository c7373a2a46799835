import * as z from 'zod';

/** A colour without transparency: `white`, `black`, `#rgb` or `#rrggbb`. */
export const opaqueColour = z
  .string()
  .toLowerCase()
  .regex(/^(?:white|black|#(?:[0-9a-f]{3}|[0-9a-f]{6}))$/, "Expected 'white', 'black' or a colour like '#ffcc00'")
  .meta({ title: 'an opaque colour' });

/** A colour that may be transparent: also `transparent`, `#rgba` and `#rrggbbaa`. */
export const colour = z
  .string()
  .toLowerCase()
  .regex(
    /^(?:white|black|transparent|#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8}))$/,
    "Expected 'white', 'black', 'transparent' or a colour like '#ffcc00' or '#ffcc0080'",
  )
  .meta({ title: 'a colour' });

/** Whether a `colour` lets anything shine through. */
export const isTransparent = (value: string): boolean => {
  if (!value.startsWith('#')) return value === 'transparent';
  const alpha = value.length === 5 ? value.slice(4).repeat(2) : value.slice(7);
  return alpha !== '' && Number.parseInt(alpha, 16) < 255;
};

/** Whether a `colour` is a shade of grey, which grey pictures can hold. */
export const isGrey = (value: string): boolean => {
  if (!value.startsWith('#')) return true;
  const digits = value.length < 7 ? 1 : 2;
  const [red, green, blue] = [1, 1 + digits, 1 + 2 * digits].map((start) => value.slice(start, start + digits));
  return red === green && green === blue;
};
