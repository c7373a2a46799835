/** Numbers from 0 to 1, always the same ones for the same seed (xorshift32). */
export type Random = () => number;

export const seededRandom = (seed: number): Random => {
  let state = Math.imul(seed + 1, 0x9e3779b1) || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
};

type Light = { sky: string[]; sun: string; ridges: string[]; water: string[]; shore: string; tree: string };

/** Times of the day; the seed chooses one. */
const lights: readonly [Light, Light, Light] = [
  {
    sky: ['#3a6ba5', '#86a9c9', '#e9cfa6', '#f9bd77'],
    sun: '#fff2cf',
    ridges: ['#a9aec0', '#7d8ca4', '#55708a', '#33525f'],
    water: ['#f0c38c', '#8aa3b4', '#2c4f68'],
    shore: '#27382a',
    tree: '#14251d',
  },
  {
    sky: ['#2468b4', '#5c9bd6', '#b5d6ee', '#e3f0f5'],
    sun: '#ffffff',
    ridges: ['#a9c1d6', '#7a9ab2', '#527a72', '#386049'],
    water: ['#c4dcea', '#5f9dc0', '#1f5878'],
    shore: '#44622f',
    tree: '#1d3a26',
  },
  {
    sky: ['#2b2d5e', '#6b5089', '#cf7c8c', '#f6b98a'],
    sun: '#ffe0b8',
    ridges: ['#a98aa5', '#7f6b92', '#554f78', '#363857'],
    water: ['#efb18f', '#8d6d92', '#2d2f57'],
    shore: '#26243a',
    tree: '#171728',
  },
];

const width = 1600;
const height = 1200;
const horizon = 700;

/** A skyline by midpoint displacement, from left to right, closed below. */
const ridge = (random: Random, baseline: number, amplitude: number): string => {
  let heights = Array.from({ length: 6 }, (_, index) => (index % 2 === 0 ? random() * 0.55 : 0.45 + random() * 0.55));
  for (let roughness = 0.26; heights.length < 160; roughness *= 0.56) {
    heights = heights.flatMap((value, index) => {
      const next = heights[index + 1];
      return next === undefined ? [value] : [value, (value + next) / 2 + (random() - 0.5) * roughness];
    });
  }
  const step = (width + 80) / (heights.length - 1);
  const points = heights.map(
    (value, index) => `${(index * step - 40).toFixed(1)},${(baseline - value * amplitude).toFixed(1)}`,
  );
  return `M-40,${horizon} L${points.join(' ')} L${width + 40},${horizon} Z`;
};

/** A conifer that stands at `x`, `foot`: tiers of branches that get narrower. */
const conifer = (random: Random, x: number, foot: number, size: number, fill: string): string => {
  const tiers = 9 + Math.floor(random() * 5);
  const left: string[] = [];
  const right: string[] = [];
  for (let tier = 0; tier <= tiers; tier++) {
    const share = tier / tiers;
    const y = foot - size * (1 - share * 0.94);
    const reach = size * 0.21 * share * (0.8 + random() * 0.4);
    left.unshift(`${(x - reach * 0.45).toFixed(1)},${(y - size * 0.008).toFixed(1)}`);
    left.unshift(`${(x - reach).toFixed(1)},${(y + size * 0.045).toFixed(1)}`);
    right.push(`${(x + reach * 0.45).toFixed(1)},${(y - size * 0.008).toFixed(1)}`);
    right.push(`${(x + reach * (0.9 + random() * 0.2)).toFixed(1)},${(y + size * 0.045).toFixed(1)}`);
  }
  const trunk = `M${x - size * 0.014},${foot - size * 0.2} h${size * 0.028} v${size * 0.21} h${-size * 0.028} Z`;
  return `<path fill="${fill}" d="${trunk} M${[`${x},${foot - size * 1.05}`, ...right, ...left].join(' L')} Z"/>`;
};

/** Trees from back to front: dense at both sides, open in the middle, so that the water is seen. */
const forest = (random: Random, fill: string): string =>
  Array.from({ length: 46 }, () => {
    const side = random() < 0.5 ? -1 : 1;
    const fromCentre = 0.17 + 0.36 * Math.sqrt(random());
    const depth = random();
    return {
      x: width / 2 + side * width * fromCentre,
      foot: 1125 - 430 * fromCentre ** 2 + depth * 80,
      size: (110 + 300 * depth ** 2 + random() * 70) * (0.7 + 1.6 * fromCentre ** 2),
    };
  })
    .sort((a, b) => a.foot - b.foot)
    .map(({ x, foot, size }) => conifer(random, x, foot, size, fill))
    .join('');

const gradient = (id: string, stops: readonly string[]): string =>
  `<linearGradient id="${id}" x1="0" y1="0" x2="0" y2="1">${stops
    .map((stop, index) => `<stop offset="${index / (stops.length - 1)}" stop-color="${stop}"/>`)
    .join('')}</linearGradient>`;

/** Light on a rough surface, multiplied with the shape's own colour. */
const relief = (id: string, seed: number, frequency: string, depth: number): string =>
  `<filter id="${id}" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency="${frequency}" ` +
  `numOctaves="4" seed="${seed}"/><feDiffuseLighting surfaceScale="${depth}" diffuseConstant="1.25" lighting-color="#fff">` +
  '<feDistantLight azimuth="215" elevation="52"/></feDiffuseLighting><feComposite in2="SourceGraphic" ' +
  'operator="arithmetic" k1="0.85" k3="0.18"/><feComposite in2="SourceGraphic" operator="in"/></filter>';

/**
 * A lake between mountains in late light, as an SVG document that is drawn to fill `size` pixels: clouds, ridges that
 * fade with distance, their reflection, trees in front. The seed changes the light and every shape.
 */
export const landscapeSvg = (size: { width: number; height: number }, seed: number): string => {
  const random = seededRandom(seed);
  const light = lights[seed % lights.length] ?? lights[0];
  const sunX = 380 + random() * 840;
  const ridges = light.ridges
    .map((fill, index) => {
      const path = ridge(random, horizon + 4 - index * 4, 330 - index * 78);
      return `<path d="${path}" fill="${fill}"/>`;
    })
    .join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" viewBox="0 0 ${width} ${height}" preserveAspectRatio="xMidYMid slice">
<defs>
${gradient('sky', light.sky)}${gradient('water', light.water)}
<radialGradient id="glow"><stop offset="0" stop-color="${light.sun}"/><stop offset="0.055" stop-color="${light.sun}" stop-opacity="0.98"/><stop offset="0.1" stop-color="${light.sun}" stop-opacity="0.6"/><stop offset="0.35" stop-color="${light.sun}" stop-opacity="0.22"/><stop offset="1" stop-color="${light.sun}" stop-opacity="0"/></radialGradient>
<linearGradient id="haze" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${light.sun}" stop-opacity="0"/><stop offset="1" stop-color="${light.sun}" stop-opacity="0.3"/></linearGradient>
<radialGradient id="path" gradientUnits="userSpaceOnUse" cx="${sunX}" cy="${horizon}" r="520"><stop offset="0" stop-color="#fff"/><stop offset="1" stop-color="#fff" stop-opacity="0.12"/></radialGradient>
<mask id="below"><rect y="${horizon}" width="${width}" height="${height - horizon}" fill="url(#path)"/></mask>
<linearGradient id="fade" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#fff" stop-opacity="0.9"/><stop offset="1" stop-color="#fff" stop-opacity="0.15"/></linearGradient>
<mask id="high"><rect width="${width}" height="${horizon}" fill="url(#fade)"/></mask>
<filter id="clouds" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency="0.0035 0.011" numOctaves="5" seed="${seed + 3}"/><feColorMatrix values="0 0 0 0 1  0 0 0 0 0.97  0 0 0 0 0.93  2.6 1.2 0 0 -1.75"/></filter>
${relief('rock', seed + 11, '0.011 0.017', 26)}${relief('grass', seed + 5, '0.05 0.16', 5)}${relief('needles', seed + 2, '0.09 0.05', 7)}
<filter id="ripple" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency="0.006 0.11" numOctaves="3" seed="${seed + 7}" result="waves"/><feDisplacementMap in="SourceGraphic" in2="waves" scale="46" xChannelSelector="R" yChannelSelector="G"/></filter>
<filter id="glitter" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency="0.012 0.16" numOctaves="3" seed="${seed + 9}"/><feColorMatrix values="0 0 0 0 1  0 0 0 0 0.95  0 0 0 0 0.85  0 5 0 0 -2.7"/></filter>
</defs>
<g><rect width="${width}" height="${horizon + 2}" fill="url(#sky)"/>
<g mask="url(#high)"><rect width="${width}" height="${horizon}" filter="url(#clouds)"/></g>
<circle cx="${sunX}" cy="${horizon - 350}" r="520" fill="url(#glow)"/>
<g filter="url(#rock)">${ridges}</g>
<rect y="${horizon - 150}" width="${width}" height="152" fill="url(#haze)"/></g>
<rect y="${horizon}" width="${width}" height="${height - horizon}" fill="url(#water)"/>
<g opacity="0.55" filter="url(#ripple)"><g transform="translate(0 ${2 * horizon}) scale(1 -1)">${ridges}</g></g>
<g mask="url(#below)"><rect y="${horizon}" width="${width}" height="${height - horizon}" filter="url(#glitter)" opacity="0.85"/></g>
<path d="M0,1010 C260,1000 420,1090 700,1110 S1240,1060 1600,985 V1200 H0 Z" fill="${light.shore}" filter="url(#grass)"/>
<g filter="url(#needles)">${forest(random, light.tree)}</g>
</svg>`;
};
