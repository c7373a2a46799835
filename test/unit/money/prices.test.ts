import { describe, expect, it } from 'vitest';
import { listPrices, priceNames } from '../../../core/money/list-prices.ts';
import { listMachines, machineSources } from '../../../core/money/machine-prices.ts';
import { listedPrices, parsePrices } from '../../../core/money/prices.ts';

const sources = [...Object.entries(listPrices), ...Object.entries(machineSources)];

describe('list prices', () => {
  it.each(sources)('%s says where and when it was read', (_name, { source, date }) => {
    expect(source).toMatch(/^https:\/\/aws\.amazon\.com\//);
    expect(date).toMatch(/^20\d\d-\d\d-\d\d$/);
    expect(Date.parse(date)).toBeLessThanOrEqual(Date.parse('2026-11-22'));
  });

  it.each(priceNames)('%s is above zero', (name) => {
    expect(listPrices[name].dollars).toBeGreaterThan(0);
    expect(listedPrices.dollars[name]).toBe(listPrices[name].dollars);
  });

  it.each(Object.entries(listMachines))('%s costs less on Spot than On-Demand', (_type, { onDemand, spot }) => {
    expect(spot).toBeGreaterThan(0);
    expect(spot).toBeLessThan(onDemand);
  });
});

describe('parsePrices', () => {
  it('puts own prices before the listed ones', () => {
    const own = parsePrices(
      'name: mine\ndollars: { s3GbMonth: 0.5 }\nmachines: { c7g.2xlarge: { spot: 0.01 } }',
      'own.yml',
    );
    expect(own.name).toBe('mine');
    expect(own.dollars).toEqual({ ...listedPrices.dollars, s3GbMonth: 0.5 });
    expect(own.machines['c7g.2xlarge']).toEqual({ ...listMachines['c7g.2xlarge'], spot: 0.01 });
  });

  it('takes a machine that is not listed, where nothing of it is missing', () => {
    const machine = { architecture: 'arm64', vcpus: 8, memoryMiB: 16_384, onDemand: 0.3, spot: 0.1 };
    const text = JSON.stringify({ name: 'mine', machines: { 'c9g.2xlarge': machine } });
    expect(parsePrices(text, 'own.yml').machines['c9g.2xlarge']).toEqual(machine);
    expect(() => parsePrices('name: a\nmachines: { c9g.2xlarge: { spot: 1 } }', 'own.yml')).toThrow(
      /own\.yml: machines\.c9g\.2xlarge: expected architecture.*got spot/,
    );
  });

  it.each([
    ['a name that is none', 'name: a\ndollars: { s3Put: 1, s3Putt: 2 }', /s3Putt/],
    ['a negative price', 'name: a\ndollars: { s3Put: -1 }', /dollars\.s3Put/],
    ['no name', 'dollars: {}', /name/],
    ['text for a price', 'name: a\nmachines: { c7g.2xlarge: { spot: cheap } }', /machines\.c7g\.2xlarge\.spot|cheap/],
  ])('refuses %s', (_what, text, message) => {
    expect(() => parsePrices(text, 'own.yml')).toThrow(message);
  });
});
