import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { localLimits } from '../../local/limits.ts';
import { credentials, region } from '../../local/names.ts';
import { startCloud } from '../../local/start-cloud.ts';
import { awsCli } from './aws-cli.ts';
import { boto3Client } from './boto3-client.ts';
import type { Client } from './client.ts';
import { curl } from './curl.ts';
import { versionOf } from './run-program.ts';
import { s3cmd } from './s3cmd.ts';
import { runScenario } from './scenario.ts';

// Puts every S3 client that this machine has through everything that people do with it, against the embedded cloud.
// Names on the command line choose some of them. One line a check; exits with 1 where one has failed.

type Known = { version: () => Promise<string | undefined>; start: (endpoint: string) => Client | Promise<Client> };
const known: Record<string, Known> = {
  aws: { version: () => versionOf('aws', ['--version']), start: awsCli },
  boto3: { version: () => versionOf('python3', ['-c', 'import boto3; print(boto3.__version__)']), start: boto3Client },
  s3cmd: { version: () => versionOf('s3cmd', ['--version']), start: s3cmd },
  curl: { version: () => versionOf('curl', ['--version']), start: curl },
};

const chosen = process.argv.slice(2);
const counts = { passed: 0, failed: 0, skipped: 0 };
const say = (text: string) => process.stdout.write(`${text}\n`);

const dataDir = await mkdtemp(join(tmpdir(), 'kadam-verify-cloud-'));
const cloud = await startCloud({ dataDir, limits: await localLimits(), log() {} });
const reference = new S3Client({ endpoint: cloud.endpoint, region, credentials });
try {
  for (const [name, { version, start }] of Object.entries(known)) {
    if (chosen.length > 0 && !chosen.includes(name)) continue;
    const found = await version();
    if (found === undefined) {
      counts.skipped++;
      say(`skip  ${name}: not on this machine`);
      continue;
    }
    say(`      ${name}: ${found}`);
    const check = async (what: string, run: () => Promise<void>): Promise<void> => {
      const begun = performance.now();
      try {
        await run();
        counts.passed++;
        say(`ok    ${name}: ${what} (${((performance.now() - begun) / 1000).toFixed(1)} s)`);
      } catch (error) {
        counts.failed++;
        say(`FAIL  ${name}: ${what}\n      ${error instanceof Error ? error.message : error}`);
      }
    };
    const skip = async (what: string): Promise<void> => {
      counts.skipped++;
      say(`skip  ${name}: ${what}`);
    };
    await runScenario(await start(cloud.endpoint), reference, check, skip);
  }
} finally {
  reference.destroy();
  await cloud.close();
  await rm(dataDir, { recursive: true, force: true });
}
say(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed === 0 ? 0 : 1;
