/** The second byte of JPEG's markers (ITU-T T.81, table B.1); the first is always 0xff. */
export const marker = {
  temporary: 0x01,
  restartFirst: 0xd0,
  restartLast: 0xd7,
  startOfImage: 0xd8,
  endOfImage: 0xd9,
  startOfScan: 0xda,
  app1: 0xe1,
  app2: 0xe2,
} as const;

/** Whether a marker stands alone, without a length and a body. */
export const standsAlone = (code: number): boolean =>
  code === marker.temporary || (code >= marker.restartFirst && code <= marker.endOfImage);

/** Whether a marker begins a frame header (SOF0 to SOF15; 0xc4, 0xc8 and 0xcc in their midst mean something else). */
export const startsFrame = (code: number): boolean =>
  code >= 0xc0 && code <= 0xcf && code !== 0xc4 && code !== 0xc8 && code !== 0xcc;

/** Whether a marker has no meaning in a JPEG that libjpeg decodes: RES, JPG0 to JPG13. It refuses these. */
export const isReserved = (code: number): boolean => (code > 0x01 && code < 0xc0) || (code >= 0xf0 && code <= 0xfd);
