import { ConfigurationError } from '../../core/errors.ts';
import type { BucketContents } from './bucket-contents.ts';

const holding = ({ name, versions, hasMore }: BucketContents): string =>
  `  ${name}: ${hasMore ? 'more than ' : ''}${versions} ${versions === 1 ? 'object' : 'objects'}`;

/**
 * Refuses to delete pictures that nobody asked to delete. Noncurrent versions are pictures too. Throws
 * ConfigurationError `BucketsHoldPictures`.
 */
export const refuseRemoval = (buckets: readonly BucketContents[], isAllowed: boolean, stage: string): void => {
  const full = buckets.filter(({ versions }) => versions > 0);
  if (full.length === 0 || isAllowed) return;
  throw new ConfigurationError(
    `Expected empty buckets but they hold pictures (older versions count):\n${full.map(holding).join('\n')}\n` +
      `Nothing was deleted. Copy what you need, then delete everything: npx sls remove --stage ${stage} --empty-buckets`,
    { code: 'BucketsHoldPictures' },
  );
};
