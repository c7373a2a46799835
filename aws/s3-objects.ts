/** The version of an object as S3 names it: `null` stands for one of a bucket that has, or had, no versions. */
export const versionIdOf = (named: string | null | undefined): string | undefined =>
  named === 'null' ? undefined : (named ?? undefined);

/** Whether an object is one of the empty ones, whose keys end in a slash, by which consoles and clients show folders. */
export const isFolder = (key: string, bytes: number): boolean => key.endsWith('/') && bytes === 0;
