import { repositoryName } from '../deployed-names.ts';
import { buildImage } from './build-image.ts';
import { type EngineSearch, findEngine } from './find-engine.ts';
import { EngineFailedError, EngineMissingError } from './image-errors.ts';
import type { ImageRegistry } from './image-registry.ts';
import { filterContainer, type PlannedImage } from './plan-images.ts';
import { logIn, pushImage } from './push-image.ts';
import type { RunCommand } from './run-command.ts';

/** An image in the registry; `uri` ends in its digest, which is what a job definition names. */
export type PublishedImage = { container: string; uri: string; built: boolean };

export type PublishDeps = {
  run: RunCommand;
  registry: ImageRegistry;
  environment: NodeJS.ProcessEnv;
  /** The repository's root. */
  root: string;
  /** One line of progress. */
  say: (text: string) => void;
  /** What an engine writes while it builds and pushes. */
  onLine: (line: string) => void;
  now: () => Date;
};

/** Which of the planned images the registry has, by container, as digests. */
export const publishedDigests = async (
  registry: ImageRegistry,
  stage: string,
  images: readonly PlannedImage[],
): Promise<Map<string, string | undefined>> =>
  new Map(
    await Promise.all(
      images.map(
        async ({ container, tag }): Promise<[string, string | undefined]> => [
          container,
          await registry.digest(repositoryName(stage, container), tag),
        ],
      ),
    ),
  );

/** Why no engine answered, and what to do, in one text. */
export const engineProblem = (search: Extract<EngineSearch, { engine?: undefined }>): string =>
  search.tried.map(({ command, problem }) => `${command}: ${problem}`).join('; ');

/** The way out where no engine answers. */
export const engineWayOut = (stage: string): string =>
  'Install Docker or Podman and start it, or push the images from a machine that has one, with the same files: ' +
  `npx sls images --stage ${stage}`;

/** A tag for the same inputs that is not taken yet: tags are immutable. */
const rebuiltTag = (tag: string, now: Date): string => `${tag}-${now.toISOString().replaceAll(/\D/g, '').slice(0, 14)}`;

/**
 * Sees to it that every image is in the registry, and gives their digests. Builds and pushes only what the registry does
 * not have under its tag (`rebuild`: everything, for newer base images); without anything to build it needs no engine.
 * Throws EngineMissingError `NoEngine` before anything is changed, EngineFailedError, DependencyError.
 */
export const publishImages = async (
  images: readonly PlannedImage[],
  stage: string,
  rebuild: boolean,
  deps: PublishDeps,
): Promise<PublishedImage[]> => {
  const { run, registry, say } = deps;
  const digests = await publishedDigests(registry, stage, images);
  const missing = images.filter(({ container }) => rebuild || digests.get(container) === undefined);
  if (missing.length > 0) {
    const search = await findEngine(run, deps.environment);
    if (search.engine === undefined) {
      throw new EngineMissingError(
        `Expected a container engine, to build ${missing.map(({ container }) => container).join(' and ')}, but none answers (${engineProblem(search)}). Nothing was changed. ${engineWayOut(stage)}`,
        { code: 'NoEngine' },
      );
    }
    const { engine } = search;
    for (const { container } of missing) {
      const repository = repositoryName(stage, container);
      if (await registry.ensureRepository(repository)) say(`Created the ECR repository ${repository}`);
    }
    await logIn(run, engine, await registry.login());
    for (const image of missing) {
      const repository = repositoryName(stage, image.container);
      const tag = rebuild ? rebuiltTag(image.tag, deps.now()) : image.tag;
      const reference = `${await registry.uri(repository)}:${tag}`;
      // By digest: the engine takes the very image that is deployed, from its own store or from the registry.
      const filterDigest = image.needsFilterImage ? digests.get(filterContainer) : undefined;
      const filterImage =
        filterDigest === undefined
          ? undefined
          : `${await registry.uri(repositoryName(stage, filterContainer))}@${filterDigest}`;
      say(`Building the image of ${image.container} for ${image.platform} with ${engine.command} ${engine.version}`);
      await buildImage(run, engine, deps.root, image, reference, { filterImage, onLine: deps.onLine });
      say(`Pushing the image of ${image.container}`);
      const { pushed, problem } = await pushImage(run, engine, reference, deps.onLine);
      // Another deployment of the same files may have pushed the tag first, and tags are immutable: then it is there.
      const digest = await registry.digest(repository, tag);
      if (digest === undefined) {
        throw new EngineFailedError(
          `Expected ${engine.command} to push ${reference} but ${pushed ? 'ECR does not have it' : `it failed:\n${problem}`}\nTry again; nothing was deployed.`,
          { code: 'PushFailed' },
        );
      }
      digests.set(image.container, digest);
    }
  }
  return Promise.all(
    images.map(async ({ container }) => ({
      container,
      uri: `${await registry.uri(repositoryName(stage, container))}@${digests.get(container)}`,
      built: missing.some((image) => image.container === container),
    })),
  );
};
