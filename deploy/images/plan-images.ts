import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Params } from '../params.ts';
import { dockerfileInputs } from './dockerfile-inputs.ts';
import { hashInputs } from './hash-inputs.ts';

/** An image that a deployment needs: what it is built from, and the tag that says so. */
export type PlannedImage = {
  container: string;
  dockerfile: string;
  /** `linux/arm64` or `linux/amd64`. */
  platform: string;
  /** 32 hexadecimal digits over everything that the image is made of. */
  tag: string;
  /** Set where the image begins with the filter container's. */
  needsFilterImage: boolean;
  buildArguments: Record<string, string>;
};

const platforms = { arm64: 'linux/arm64', x86_64: 'linux/amd64' } as const;

/** The container that the others may build on. */
export const filterContainer = 'filter';

const tagDigits = 32;

/**
 * The images of all containers, the filter container's first. The tag is a hash of the Dockerfile, of every file that
 * it copies, of the architecture, the base image and, where it builds on that, of the filter's image: equal inputs give
 * the same tag on every machine, so that an image which is in ECR already is neither built nor pushed again.
 */
export const planImages = async (
  root: string,
  containers: readonly string[],
  architecture: Params['architecture'],
  baseImage: string | undefined,
): Promise<PlannedImage[]> => {
  const ordered = [...containers].sort(
    (a, b) => Number(b === filterContainer) - Number(a === filterContainer) || (a < b ? -1 : 1),
  );
  const platform = platforms[architecture];
  const planned: PlannedImage[] = [];
  for (const container of ordered) {
    const dockerfile = `containers/${container}/Dockerfile`;
    const text = await readFile(join(root, dockerfile), 'utf8');
    const needsFilterImage = container !== filterContainer && /^ARG\s+FILTER_IMAGE\b/im.test(text);
    const filterTag = needsFilterImage ? (planned.find((image) => image.container === filterContainer)?.tag ?? '') : '';
    const buildArguments: Record<string, string> = baseImage === undefined ? {} : { BASE_IMAGE: baseImage };
    const inputs = [dockerfile, ...dockerfileInputs(text, dockerfile)];
    const hash = await hashInputs(root, inputs, [platform, baseImage ?? '', filterTag]);
    planned.push({ container, dockerfile, platform, tag: hash.slice(0, tagDigits), needsFilterImage, buildArguments });
  }
  return planned;
};
