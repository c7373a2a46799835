import type { Engine } from './find-engine.ts';
import { EngineFailedError } from './image-errors.ts';
import type { PlannedImage } from './plan-images.ts';
import type { CommandOptions, RunCommand } from './run-command.ts';

/** The last lines of what a failed command wrote: a build's error stands at its end. */
export const lastLines = (text: string, count = 15): string =>
  text
    .trimEnd()
    .split('\n')
    .slice(-count)
    .map((line) => `  ${line}`)
    .join('\n');

const architectures = { arm64: 'arm64', x64: 'amd64' } as const;

/** The engine's own processor, which is this machine's: what stages `--platform=$BUILDPLATFORM` run on. */
const buildPlatform = (): string =>
  `linux/${process.arch === 'arm64' || process.arch === 'x64' ? architectures[process.arch] : process.arch}`;

/** What to try where a build fails for want of the other processor. */
const emulationAdvice =
  'A stage runs a program of another processor: let it run on the build machine (FROM --platform=$BUILDPLATFORM), or install emulation (docker run --privileged --rm tonistiigi/binfmt --install all).';

const options = (engine: Engine, root: string, onLine: (line: string) => void): CommandOptions => ({
  cwd: root,
  onLine,
  // With DOCKER_BUILDKIT=1 in the environment, Docker without buildx refuses to build at all.
  ...(engine.kind === 'docker' ? { environment: { DOCKER_BUILDKIT: '0' } } : {}),
});

const buildArguments = (engine: Engine, image: PlannedImage, filterImage: string | undefined): string[] => {
  const given: Record<string, string> = { ...image.buildArguments };
  if (filterImage !== undefined && image.needsFilterImage) given.FILTER_IMAGE = filterImage;
  // BuildKit sets these itself; older builders leave them empty.
  if (engine.kind !== 'buildx') {
    given.BUILDPLATFORM = buildPlatform();
    given.TARGETPLATFORM = image.platform;
    given.TARGETARCH = image.platform.slice('linux/'.length);
  }
  return Object.entries(given).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
};

/**
 * Builds an image from the repository's root under the name `reference`, into the engine's own store, and checks that it
 * is for the processor that was asked for. Throws EngineFailedError `BuildFailed` or `WrongArchitecture`.
 */
export const buildImage = async (
  run: RunCommand,
  engine: Engine,
  root: string,
  image: PlannedImage,
  reference: string,
  { filterImage, onLine = () => undefined }: { filterImage?: string; onLine?: (line: string) => void } = {},
): Promise<void> => {
  const how = {
    // Without attestations the reference is one plain image, which every service reads.
    buildx: ['buildx', 'build', '--load', '--provenance=false', '--sbom=false', '--progress=plain'],
    docker: ['build'],
    // ECR and Batch read Docker's image format as well as OCI's; Docker's keeps HEALTHCHECK and the like.
    podman: ['build', '--format=docker'],
  }[engine.kind];
  const args = ['--platform', image.platform, '--file', image.dockerfile, '--tag', reference];
  const end = await run(
    engine.command,
    [...how, ...args, ...buildArguments(engine, image, filterImage), '.'],
    options(engine, root, onLine),
  );
  if (end.code !== 0) {
    const text = `${end.stdout}\n${end.stderr}`;
    const advice = /exec format error/i.test(text) ? ` ${emulationAdvice}` : '';
    throw new EngineFailedError(
      `Expected ${engine.command} to build ${image.dockerfile} for ${image.platform} but it ended with ${end.code}:\n` +
        `${lastLines(end.stderr.trim() === '' ? end.stdout : end.stderr)}\nMend it and run the command again; nothing was deployed.${advice}`,
      { code: 'BuildFailed' },
    );
  }
  const inspected = await run(engine.command, ['image', 'inspect', '--format', '{{.Architecture}}', reference]);
  const architecture = inspected.stdout.trim();
  if (inspected.code === 0 && `linux/${architecture}` === image.platform) return;
  throw new EngineFailedError(
    `Expected ${engine.command} to build ${image.container} for ${image.platform} but received '${architecture || lastLines(inspected.stderr, 1).trim()}'. ` +
      'Does its Dockerfile name a platform for its last stage? Only stages that run at build time may.',
    { code: 'WrongArchitecture' },
  );
};
