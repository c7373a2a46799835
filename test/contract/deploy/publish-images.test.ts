import { afterEach, describe, expect, it } from 'vitest';
import { findEngine } from '../../../deploy/images/find-engine.ts';
import type { PlannedImage } from '../../../deploy/images/plan-images.ts';
import { publishImages } from '../../../deploy/images/publish-images.ts';
import { runCommand } from '../../../deploy/images/run-command.ts';
import { type EngineFaults, type FakeEngines, fakeEngines } from './fake-engines.ts';

const image = (container: string, tag: string, needsFilterImage = false): PlannedImage => ({
  ...{ container, tag, needsFilterImage },
  dockerfile: `containers/${container}/Dockerfile`,
  platform: 'linux/arm64',
  buildArguments: { BASE_IMAGE: 'base' },
});
const images = [image('filter', 'f1'), image('painting', 'p1', true)];
const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

const open: FakeEngines[] = [];
afterEach(async () => {
  for (const engines of open.splice(0)) await engines.remove();
});

const start = async (programs: Record<string, EngineFaults>) => {
  const started = await fakeEngines(programs);
  open.push(started);
  const said: string[] = [];
  const lines: string[] = [];
  const publish = (environment: NodeJS.ProcessEnv = {}, rebuild = false) =>
    publishImages(images, 'dev', rebuild, {
      ...{ run: started.run, registry: started.registry, environment, root: process.cwd() },
      say: (text) => said.push(text),
      onLine: (line) => lines.push(line),
      now: () => new Date('2026-11-22T13:00:00.123Z'),
    });
  return { ...started, said, lines, publish };
};

describe('images that the registry does not have', () => {
  it('are built and pushed with Docker and buildx, the filter first', async () => {
    const { publish, calls, repositories, password, lines } = await start({ docker: {}, podman: {} });
    expect(await publish()).toEqual([
      { container: 'filter', uri: `${host}/kadam/dev/filter@sha256:f1`, built: true },
      { container: 'painting', uri: `${host}/kadam/dev/painting@sha256:p1`, built: true },
    ]);
    expect(repositories).toEqual(['kadam/dev/filter', 'kadam/dev/painting']);
    expect((await calls()).filter((call) => /login|build --|push/.test(call))).toEqual([
      `docker login --username AWS --password-stdin ${host}`,
      `docker buildx build --load --provenance=false --sbom=false --progress=plain --platform linux/arm64 --file containers/filter/Dockerfile --tag ${host}/kadam/dev/filter:f1 --build-arg BASE_IMAGE=base .`,
      `docker push ${host}/kadam/dev/filter:f1`,
      `docker buildx build --load --provenance=false --sbom=false --progress=plain --platform linux/arm64 --file containers/painting/Dockerfile --tag ${host}/kadam/dev/painting:p1 --build-arg BASE_IMAGE=base --build-arg FILTER_IMAGE=${host}/kadam/dev/filter@sha256:f1 .`,
      `docker push ${host}/kadam/dev/painting:p1`,
    ]);
    expect(await password()).toBe('a secret');
    expect((await calls()).join('\n')).not.toContain('a secret');
    expect(lines).toContain('step one');
  });

  it('are built by Docker without buildx, which is told the platforms', async () => {
    const { publish, calls } = await start({ docker: { buildx: 'missing' } });
    await publish({ DOCKER_BUILDKIT: '1' });
    const built = (await calls()).filter((call) => call.startsWith('docker build '));
    expect(built).toHaveLength(2);
    expect(built[0]).toMatch(/BUILDPLATFORM=linux\/(amd64|arm64) .*TARGETARCH=arm64/);
    expect(await calls()).toContain('BUILDKIT=0');
  });

  it('are built with Podman where Docker is missing, or does not answer, or is not wanted', async () => {
    const { publish, calls } = await start({ podman: {} });
    await publish();
    expect((await calls()).filter((call) => call.startsWith('podman build --format=docker'))).toHaveLength(2);
    const down = await start({ docker: { daemon: 'down' }, podman: {} });
    expect(await findEngine(down.run, {})).toMatchObject({ engine: { kind: 'podman', version: '9.9' } });
    const both = await start({ docker: {}, podman: {} });
    expect(await findEngine(both.run, { KADAM_ENGINE: 'podman' })).toMatchObject({ engine: { command: 'podman' } });
    await expect(findEngine(both.run, { KADAM_ENGINE: 'nerdctl' })).rejects.toMatchObject({ code: 'UnknownEngine' });
  });

  it('need an engine: without one nothing is changed, and it is said why', async () => {
    const { publish, repositories } = await start({ docker: { daemon: 'down' } });
    await expect(publish()).rejects.toMatchObject({
      code: 'NoEngine',
      message: expect.stringMatching(/docker: Cannot connect to the daemon; podman: not installed.*npx sls images/s),
    });
    expect(repositories).toEqual([]);
  });

  it.each([
    [{ build: 'fails' }, 'BuildFailed', /no space left/],
    [{ build: 'exec format' }, 'BuildFailed', /--platform=\$BUILDPLATFORM/],
    [{ architecture: 'amd64' }, 'WrongArchitecture', /received 'amd64'/],
    [{ login: 'fails' }, 'LoginFailed', /no such helper/],
    [{ push: 'fails' }, 'PushFailed', /denied/],
  ] as const)('stop at an engine with %j', async (faults, code, message) => {
    const { publish } = await start({ docker: faults });
    await expect(publish()).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('that somebody else pushed meanwhile are taken as they are', async () => {
    const { publish } = await start({ docker: { push: 'lost race' } });
    expect(await publish()).toMatchObject([{ uri: expect.stringMatching(/@sha256:f1$/) }, { container: 'painting' }]);
  });
});

describe('images that the registry has', () => {
  it('are neither built nor pushed, and need no engine', async () => {
    const { publish, hold } = await start({});
    await hold('kadam/dev/filter', 'f1');
    await hold('kadam/dev/painting', 'p1');
    expect(await publish()).toMatchObject([{ built: false }, { built: false }]);
  });

  it('serve the others as their base', async () => {
    const { publish, hold, calls } = await start({ docker: {} });
    await hold('kadam/dev/filter', 'f1');
    expect(await publish()).toMatchObject([{ built: false }, { built: true }]);
    expect((await calls()).join('\n')).toContain(`FILTER_IMAGE=${host}/kadam/dev/filter@sha256:f1`);
  });

  it('are built anew under a tag of their own where that is wanted', async () => {
    const { publish, hold, calls } = await start({ docker: {} });
    await hold('kadam/dev/filter', 'f1');
    await hold('kadam/dev/painting', 'p1');
    const rebuilt = await publish({}, true);
    expect(rebuilt).toMatchObject([{ uri: expect.stringMatching(/f1-20261122130000$/) }, { built: true }]);
    expect((await calls()).join('\n')).toContain(`FILTER_IMAGE=${host}/kadam/dev/filter@sha256:f1-20261122130000`);
    expect(await publish()).toMatchObject([{ uri: rebuilt[0]?.uri, built: false }, { built: false }]);
  });
});

describe('a command', () => {
  it('that is not there ends with 127', async () => {
    expect(await runCommand('kadam-no-such-program', [])).toMatchObject({ code: 127 });
  });

  it('that leaves its input unread ends with its own code', async () => {
    const end = await runCommand('/bin/sh', ['-c', 'exit 3'], { input: 'x'.repeat(1_000_000) });
    expect(end.code).toBe(3);
  });

  it('gives its lines as they come, the last one without a line break too', async () => {
    const lines: string[] = [];
    await runCommand('/bin/sh', ['-c', 'printf "a\\nb"; printf "c\\n" >&2'], { onLine: (line) => lines.push(line) });
    expect(lines.sort()).toEqual(['a', 'b', 'c']);
  });
});
