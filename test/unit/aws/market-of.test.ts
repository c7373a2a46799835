import { describe, expect, it } from 'vitest';
import { marketOf } from '../../../aws/market-of.ts';
import { cloudNames } from '../../../local/cloud-environment.ts';

describe('marketOf', () => {
  it.each([
    ['kadam-dev-spot', 'spot'],
    ['kadam-dev-on-demand', 'onDemand'],
    ['kadam-on-demand-spot', 'spot'],
    [cloudNames.spotQueue, 'spot'],
    [cloudNames.onDemandQueue, 'onDemand'],
  ])('of %s is %s', (queue, market) => {
    expect(marketOf(queue)).toBe(market);
  });
});
