// @ts-check
// What is not known is a dash.
const unknown = '–';

/** Seconds with as many digits as say something. @param {number | undefined} value */
export const seconds = (value) => {
  if (value === undefined) return unknown;
  const digits = value < 99.95 ? 1 : 0;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
};

/** `3.1 MB`. @param {number} value */
export const bytes = (value) => {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let power = 0;
  let rest = value;
  while (rest >= 999.5 && power < units.length - 1) {
    rest /= 1000;
    power += 1;
  }
  return `${rest.toLocaleString('en-US', { maximumFractionDigits: power > 0 && rest < 9.95 ? 1 : 0 })} ${units[power]}`;
};

/**
 * Local time, with the day where that is not today. @param {number | undefined} time
 * @param {Date} [now]
 */
export const clock = (time, now = new Date()) => {
  if (time === undefined) return unknown;
  const date = new Date(time);
  const two = (/** @type {number} */ number) => String(number).padStart(2, '0');
  const hours = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  if (date.toDateString() === now.toDateString()) return hours;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${hours}`;
};

/** The whole time, for a title. @param {number} time */
export const fullTime = (time) =>
  `${new Date(time).toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'long' })} (${new Date(time).toISOString()})`;

/**
 * A key as it can be read: what has no shape of its own, or would turn what stands beside it around, is shown by name.
 * @param {string} text
 */
export const readable = (text) =>
  text.replace(
    /[\p{Cc}\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu,
    (character) => `⟨U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
  );

/** @type {Record<string, string>} */
const ways = { lambda: 'Lambda', batch: 'Batch', reject: 'rejected' };

/** The way that was chosen. @param {import('../answers.ts').JobSummary['way']} way */
export const wayName = (way) => ways[way] ?? way;

/** Whether a job has yet to end. @param {import('../answers.ts').JobSummary} job */
export const isOpen = ({ state }) => state === 'queued' || state === 'running';
