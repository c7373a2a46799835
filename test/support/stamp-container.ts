import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ContainerFilter } from '../../core/filters/container-filter.ts';
import { parseFilterFile } from '../../core/filters/parse-filter-file.ts';

/** The filter.yml of a container that needs nothing but Node: `stamp` inverts a picture, or does what it should not. */
export const stampFile = `
name: stamp
summary: Inverts every channel, or misbehaves.
options:
  mode:
    type: string
    enum: [invert, refuse, fail, crash, hang, hog, hold, burn, shrink, tell]
    default: invert
    description: what it does
  weight: { type: number, minimum: 0, maximum: 100, default: 2, description: what it costs }
command: [node, containers/stamp/stamp.mjs]
needs: nothing but Node
cost:
  startSeconds: 0.5
  secondsPerMegapixel: { constant: 1, terms: [{ option: weight, factor: 0.25, power: 2 }] }
  threads: 2
  memory: { fixedMiB: 100, bytesPerPixel: 6, bytesPerColumn: 1000 }
`;

const stampProgram = `
import { openSync, readSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
const sharp = createRequire(${JSON.stringify(fileURLToPath(import.meta.url))})('sharp');
const [input, output, options] = process.argv.slice(2);
const { mode } = JSON.parse(options);
const say = (text, code) => { process.stderr.write(text); process.exit(code); };
writeFileSync(process.cwd() + '/started', String(process.pid));
if (mode === 'refuse') say('Expected a prettier picture.', 65);
if (mode === 'fail') say('no such thing', 3);
if (mode === 'crash') process.kill(process.pid, 'SIGSEGV');
if (mode === 'hang') setInterval(() => {}, 1000);
if (mode === 'hog') {
  const hoard = [];
  setInterval(() => hoard.push(Buffer.alloc(32 * 2 ** 20, 1)), 10);
}
if (mode === 'hold') {
  const held = Buffer.alloc(500 * 2 ** 20, 1);
  // Long enough to be seen by whoever looks ten times a second.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  writeFileSync(process.cwd() + '/held', String(held.length));
}
if (mode === 'burn') {
  const zeros = openSync('/dev/zero');
  const room = Buffer.alloc(2 ** 20);
  let sum = 0;
  while (process.cpuUsage().user < 6e5) for (let i = 0; i < 1e6; i += 1) sum += Math.sqrt(i);
  while (process.cpuUsage().system < 3e5) readSync(zeros, room);
}
if (mode === 'tell') say(JSON.stringify({ cwd: process.cwd(), environment: process.env }), 1);
if (['invert', 'shrink', 'hold', 'burn'].includes(mode)) {
  const picture = sharp(input).negate({ alpha: false });
  if (mode === 'shrink') picture.resize(10, 10);
  const { space } = await sharp(input).metadata();
  await picture.toColourspace(space).tiff({ compression: 'none', predictor: 'none' }).toFile(output);
}
`;

/** The filter of a container `stamp`, or of one of another name, in a folder that need not exist. */
export const stampFilter = (changes: { text?: string; container?: string; folder?: string } = {}): ContainerFilter =>
  parseFilterFile(changes.text ?? stampFile, {
    file: 'filter.yml',
    container: changes.container ?? 'stamp',
    folder: changes.folder ?? '/nowhere',
  });

/** Writes containers/stamp with its program below a folder, and answers its filter. */
export const writeStampContainer = async (folder: string): Promise<ContainerFilter> => {
  const container = join(folder, 'containers/stamp');
  await mkdir(container, { recursive: true });
  await writeFile(join(container, 'filter.yml'), stampFile);
  await writeFile(join(container, 'stamp.mjs'), stampProgram);
  return stampFilter({ folder });
};
