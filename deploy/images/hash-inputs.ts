import { createHash, type Hash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigurationError } from '../../core/errors.ts';

/** Never part of an image, even where a Dockerfile copies the whole repository. */
const neverCopied = new Set(['.git', 'node_modules', '.serverless', '.esbuild', '.kadam', '.DS_Store']);

const addPath = async (hash: Hash, root: string, path: string): Promise<void> => {
  const absolute = join(root, path);
  const stats = await lstat(absolute);
  if (stats.isDirectory()) {
    const names = (await readdir(absolute)).filter((name) => !neverCopied.has(name)).sort();
    for (const name of names) await addPath(hash, root, path === '.' ? name : `${path}/${name}`);
    return;
  }
  const content = stats.isSymbolicLink() ? Buffer.from(await readlink(absolute)) : await readFile(absolute);
  const kind = stats.isSymbolicLink() ? 'link' : (stats.mode & 0o111) === 0 ? 'file' : 'program';
  // Lengths keep one file's end from passing for the next one's beginning.
  hash.update(`${kind} ${Buffer.byteLength(path)}:${path} ${content.length}:`).update(content);
};

/**
 * The SHA-256 (hex) of files and folders, and of `others` that decide an image. The same on every machine: neither
 * times nor owners count. Throws ConfigurationError `NoSuchInput` for a path that is not there.
 */
export const hashInputs = async (
  root: string,
  paths: readonly string[],
  others: readonly string[],
): Promise<string> => {
  const hash = createHash('sha256');
  for (const other of others) hash.update(`${Buffer.byteLength(other)}:${other} `);
  for (const path of paths) {
    try {
      await addPath(hash, root, path);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
      throw new ConfigurationError(
        `Expected ${path} in the repository, which a Dockerfile copies, but it is not there.`,
        {
          code: 'NoSuchInput',
          cause: error,
        },
      );
    }
  }
  return hash.digest('hex');
};
