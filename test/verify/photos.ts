// Real photographs through the whole way, uploaded by boto3 and the AWS CLI, compared with Pillow: see photos.py. It needs
// python3 with boto3, Pillow and numpy, the AWS CLI and ImageMagick, and says so where one of them is missing.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { localLimits } from '../../local/limits.ts';
import { sdkEnvironment } from '../../local/names.ts';
import { startCloud } from '../../local/start-cloud.ts';

const { values } = parseArgs({ options: { photos: { type: 'string', default: '/usr/share/backgrounds' } } });
const needed = [
  ['python3', '-c', 'import boto3, numpy, PIL'],
  ['aws', '--version'],
  ['convert', '-version'],
];
const missing = needed.filter(([program = '', ...words]) => spawnSync(program, words).status !== 0);
if (missing.length > 0) {
  console.log(`Skipped: this machine lacks ${missing.map((words) => words.join(' ')).join(' and ')}`);
  process.exit(0);
}

const folder = await mkdtemp(join(tmpdir(), 'kadam-verify-'));
const limitSeconds = 60;
const cloud = await startCloud({
  dataDir: join(folder, 'data'),
  limits: await localLimits(limitSeconds),
  log: () => {},
});
try {
  const work = join(folder, 'work');
  await mkdir(work);
  const script = fileURLToPath(new URL('photos.py', import.meta.url));
  const child = spawn('python3', [script, values.photos, work], {
    stdio: 'inherit',
    env: { ...process.env, ...sdkEnvironment(cloud.endpoint), AWS_DEFAULT_REGION: 'us-east-1' },
  });
  const [code] = await once(child, 'close');
  process.exitCode = code ?? 1;
} finally {
  await cloud.close();
  await rm(folder, { recursive: true, force: true });
}
