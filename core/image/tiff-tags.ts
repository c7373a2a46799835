/** Fields of a TIFF directory by their number (TIFF 6.0, appendix A; the last two are of ICC.1 and of DNG). */
export const tag = {
  newSubfileType: 254,
  width: 256,
  height: 257,
  bits: 258,
  coding: 259,
  photometric: 262,
  stripOffsets: 273,
  orientation: 274,
  samples: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  planes: 284,
  colourMap: 320,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileByteCounts: 325,
  subDirectories: 330,
  inkSet: 332,
  sampleFormat: 339,
  ycbcrSubsampling: 530,
  profile: 34_675,
  dngVersion: 50_706,
} as const;

/** What a TIFF's samples mean: the values of PhotometricInterpretation that have a name here. */
export const photometric = {
  whiteIsZero: 0,
  blackIsZero: 1,
  rgb: 2,
  palette: 3,
  separated: 5,
  ycbcr: 6,
  lab: 8,
  colourFilterArray: 32_803,
  linearRaw: 34_892,
} as const;
