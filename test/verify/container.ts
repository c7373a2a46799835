import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { containerNames, readJobFile, repository } from '../../aws/job-file.ts';
import { buildImage } from '../../deploy/images/build-image.ts';
import { findEngine } from '../../deploy/images/find-engine.ts';
import { planImages } from '../../deploy/images/plan-images.ts';
import { runCommand } from '../../deploy/images/run-command.ts';
import { type ContainerHost, containerFlags } from './container-attempt.ts';
import { type Checks, jobChecks, memoryChecks, paintingChecks } from './container-checks.ts';
import { startContainerCloud } from './container-cloud.ts';
import { elfMachines, engineSays, imageMegabytes, ownPlatform, type Platform, programsOf } from './container-image.ts';

// Builds the containers' images for both architectures, with whatever engine answers, and runs the filter container as a
// Batch job between two buckets of the embedded cloud. docs/containers.md says what it needs. One line a check; exits
// with 1 where one has failed.

const root = fileURLToPath(repository);
const madeBase = 'localhost/kadam-base:24';
const counts = { passed: 0, failed: 0, skipped: 0 };
const say = (text: string) => process.stdout.write(`${text}\n`);
const skip = (why: string) => {
  counts.skipped += 1;
  say(`skip  ${why}`);
};
const check = async (what: string, run: () => Promise<unknown>): Promise<boolean> => {
  const begun = performance.now();
  try {
    const found = await run();
    counts.passed += 1;
    say(
      `ok    ${what}${typeof found === 'string' ? `: ${found}` : ''} (${((performance.now() - begun) / 1000).toFixed(1)} s)`,
    );
    return true;
  } catch (error) {
    counts.failed += 1;
    say(`FAIL  ${what}\n      ${error instanceof Error ? error.message : error}`);
    return false;
  }
};

const search = await findEngine(runCommand, process.env);
if (search.engine === undefined) {
  for (const { command, problem } of search.tried) skip(`${command}: ${problem}`);
  say(`0 passed, 0 failed, ${counts.skipped} skipped: no container engine answers (docs/containers.md)`);
  process.exit(0);
}
const { engine } = search;
say(`      ${engine.command} ${engine.version} (${engine.kind})`);

/** Docker's own store holds one architecture of a name, Podman's all. */
const holdsAll = engine.kind === 'podman';
const madeImage = holdsAll ? `${madeBase}-amd64` : madeBase;

/** The base image that was asked for: named, or made here (and kept for the next time), or else the Dockerfile's own. */
const baseImage = async (): Promise<string | undefined> => {
  if (process.env.KADAM_BASE_IMAGE) return process.env.KADAM_BASE_IMAGE;
  if (!process.argv.includes('--make-base')) return undefined;
  if ((await runCommand(engine.command, ['image', 'inspect', madeImage])).code === 0) return madeBase;
  say(`      making ${madeBase} from Debian's packages`);
  const environment = { KADAM_ENGINE: engine.command };
  const wanted = holdsAll ? ['amd64', 'arm64'] : [];
  const made = await runCommand('test/verify/make-base-image.sh', [madeBase, ...wanted], { environment, cwd: root });
  if (made.code !== 0) throw new Error(`Expected a base image but ${made.stderr.trim()}`);
  return madeBase;
};

const base = await baseImage();
const images: string[] = [];
const imageOf = (container: string, platform: Platform) =>
  `localhost/kadam-verify-${container}:${platform.slice('linux/'.length)}`;

/** Builds the images of all containers for one platform, and looks at what is in them. */
const checkBuilds = async (platform: Platform): Promise<boolean> => {
  const architecture = platform === 'linux/arm64' ? 'arm64' : 'x86_64';
  for (const planned of await planImages(root, await containerNames(), architecture, base)) {
    const image = imageOf(planned.container, platform);
    const isBuilt = await check(`${planned.container} is built for ${platform}`, async () => {
      await buildImage(runCommand, engine, root, planned, image, { filterImage: imageOf('filter', platform) });
      images.push(image);
      return `${(await imageMegabytes(engine, image)).toFixed(0)} MB`;
    });
    if (!isBuilt) return false;
    await check(`${planned.container}: every program in it is for ${platform}`, async () => {
      const programs = await programsOf(engine, image, platform);
      const foreign = [...programs].filter(([, machine]) => machine !== elfMachines[platform]).map(([path]) => path);
      assert.deepEqual(foreign, []);
      for (const needed of [/\/bin\/node$/, /\/sharp-linux-\w+-[\d.]+\.node$/, /\/libvips-cpp\.so/]) {
        assert.ok(
          [...programs.keys()].some((path) => needed.test(path)),
          `${needed} is missing`,
        );
      }
      return `${programs.size} ELF files`;
    });
  }
  return true;
};

const checkAll = async (container: string, checks: Checks): Promise<void> => {
  for (const [what, run] of checks) await check(`${container} ${what}`, run);
};

const folder = await mkdtemp(join(tmpdir(), 'kadam-verify-'));
const scratch = join(folder, 'scratch');
await mkdir(scratch);
// As /tmp is: the container's user has another number here where the engine runs without root's rights.
await chmod(scratch, 0o1777);
try {
  const isBuilt = await checkBuilds(ownPlatform);
  const otherPlatform: Platform = ownPlatform === 'linux/amd64' ? 'linux/arm64' : 'linux/amd64';
  if (base === madeBase && !holdsAll) {
    skip(`the build for ${otherPlatform}: ${engine.command} holds the made base image for one platform only`);
  } else if (await checkBuilds(otherPlatform)) {
    const foreign = await runCommand(engine.command, ['run', '--rm', imageOf('filter', otherPlatform), 'node', '-v']);
    if (foreign.code !== 0) say(`      this machine cannot run it, so nothing of ${otherPlatform} ran in the build`);
    else skip(`whether anything of ${otherPlatform} ran in the build: this machine can run it`);
  }
  if (isBuilt) await checkJobs();
} finally {
  if (images.length > 0) await runCommand(engine.command, ['rmi', ...images]);
  await rm(folder, { recursive: true, force: true });
}
say(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed === 0 ? 0 : 1;

async function checkJobs(): Promise<void> {
  const host: ContainerHost = {
    engine,
    image: imageOf('filter', ownPlatform),
    jobFile: await readJobFile('filter'),
    scratch,
  };
  await check('filter runs as 1000:1000 without capabilities, on a root that it cannot write', async () => {
    const probe = `const { readFileSync, writeFileSync, rmSync, readdirSync } = require('node:fs');
      const attempt = (path) => { try { writeFileSync(path, ''); rmSync(path); return 'written'; } catch ({ code }) { return code; } };
      console.log(JSON.stringify({ uid: process.getuid(), gid: process.getgid(),
        capabilities: /CapEff:\\s*(\\w+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1], node: process.version,
        app: attempt('/app/x'), root: attempt('/x'), tmp: attempt('/tmp/x'),
        modules: readdirSync('/app/node_modules'), top: readdirSync('/app') }));`;
    const said = await engineSays(engine, ['run', ...containerFlags(host), host.image, 'node', '-e', probe]);
    const { node, modules, top, ...rest } = JSON.parse(said.split('\n').at(-1) ?? '');
    const expected = {
      uid: 1000,
      gid: 1000,
      capabilities: '0'.repeat(16),
      app: 'EROFS',
      root: 'EROFS',
      tmp: 'written',
    };
    assert.deepEqual(rest, expected);
    for (const name of ['typescript', 'vitest', 'serverless', 'esbuild']) assert.ok(!modules.includes(name), name);
    assert.deepEqual(top.sort(), ['aws', 'containers', 'core', 'node_modules', 'package.json']);
    return `Node ${node}`;
  });
  const cloud = await startContainerCloud();
  try {
    const painting = { ...host, image: imageOf('painting', ownPlatform), jobFile: await readJobFile('painting') };
    await checkAll('painting', paintingChecks(painting, cloud));
    await checkAll('filter', jobChecks(host, cloud));
    const hasLimit = await runCommand(engine.command, ['run', '--rm', '--memory=64m', host.image, 'true']);
    if (hasLimit.code === 0) await checkAll('filter', memoryChecks(host, cloud));
    else skip(`memory limits: ${hasLimit.stderr.trim().split('\n').at(-1)}`);
  } finally {
    await cloud.close();
  }
}
