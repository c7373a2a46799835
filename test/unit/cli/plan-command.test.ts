import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withCosts } from '../../../cli/costs-reference.ts';
import { planCommand } from '../../../cli/plan-command.ts';
import type { PlanReport } from '../../../cli/plan-report.ts';
import { billItems } from '../../../core/money/job-bill.ts';

const planned = async (...words: string[]): Promise<PlanReport> => {
  let text = '';
  const out = (part: string) => {
    text += part;
  };
  expect(await planCommand({ arguments: ['--json', ...words], out, err: out })).toBe(0);
  return JSON.parse(text);
};
const sum = (values: number[]): number => values.reduce((all, value) => all + value, 0);
const shop = 'docs/workloads/shop.csv';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kadam-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The plan of a workload of these lines. */
const plannedLines = async (...lines: string[]): Promise<PlanReport> => {
  const path = join(folder, 'workload.csv');
  await writeFile(path, lines.join('\n'));
  return planned(path);
};

describe('npm run plan', () => {
  it('sums up', async () => {
    const { rows, designs, pictures, monthly } = await planned(shop);
    expect(pictures).toBe(sum(rows.map(({ count }) => count)));
    const [kadam, , lambda, spot, onDemand] = designs;
    expect(kadam?.dollars).toBeCloseTo(sum(rows.map(({ dollars }) => dollars)), 8);
    expect(lambda?.dollars).toBeCloseTo(sum(rows.map(({ ways }) => ways.lambda?.dollars ?? 0)), 8);
    expect(spot?.dollars).toBeCloseTo(sum(rows.map(({ ways }) => ways.spot?.dollars ?? 0)), 8);
    expect(onDemand?.dollars).toBeCloseTo(sum(rows.map(({ ways }) => ways.onDemand?.dollars ?? 0)), 8);
    for (const { bill, dollars, upperDollars } of designs) {
      expect(sum(billItems.map((item) => bill[item]))).toBeCloseTo(dollars, 8);
      expect(upperDollars).toBeGreaterThanOrEqual(dollars);
    }
    expect(monthly.dollars).toBeCloseTo(sum(monthly.lines.map(({ dollars }) => dollars)), 8);
  });

  it('routes as the dispatcher does, and prices what does not fit as what it is', async () => {
    const { rows, designs } = await planned(shop);
    const scans = rows.find(({ name }) => name === 'large scans');
    expect(scans).toMatchObject({ chosen: { lambda: 0, batch: 500, reject: 0 }, ways: { lambda: null } });
    expect(rows[0]).toMatchObject({ chosen: { lambda: 20_000, batch: 0, reject: 0 } });
    expect(designs[2]).toMatchObject({ name: 'all on Lambda', pictures: 40_200 });
  });

  it('says why of pictures that no format can hold', async () => {
    const { rows } = await plannedLines(
      'count,format,width,height,recipe',
      '10,jpeg,70000,5,web',
      '2,jpeg,65500,5,web',
    );
    expect(rows).toMatchObject([
      { chosen: { lambda: 0, batch: 0, reject: 10 }, cases: [{ reasons: [expect.stringContaining('65500')] }] },
      { chosen: { reject: 0 } },
    ]);
  });

  it("plans a recipe with a container's step: on Batch only, in that container's limits", async () => {
    const { rows, designs } = await plannedLines('count,format,width,height,recipe', '10,jpeg,4000,3000,painting');
    expect(rows).toMatchObject([
      { chosen: { lambda: 0, batch: 10, reject: 0 }, ways: { lambda: null, spot: { pictures: 10 } } },
    ]);
    expect(rows[0]?.cases[0]?.reasons[0]).toMatch(/step painting runs in the container painting, on Batch only/);
    expect(designs.map(({ name, pictures }) => [name, pictures])).toMatchObject([
      ['Kadam, Batch on Spot', 10],
      ['Kadam, Batch On-Demand', 10],
      ['all on Lambda', 0],
      ['all on Batch, Spot', 10],
      ['all on Batch, On-Demand', 10],
    ]);
  });

  it('takes params as sls does', async () => {
    const of = (design: number, report: PlanReport) => report.designs[design] ?? { hours: 0, dollars: 0 };
    const usual = await planned('docs/workloads/million.csv');
    const wide = await planned(
      'docs/workloads/million.csv',
      '--param',
      'processConcurrency=500',
      '--param=maxvCpus=640',
    );
    expect(of(2, usual).hours / of(2, wide).hours).toBeCloseTo(10, 1);
    expect(of(3, usual).hours / of(3, wide).hours).toBeCloseTo(10, 1);
    const x86 = await planned('docs/workloads/million.csv', '--param', 'architecture=x86_64');
    expect(of(2, x86).dollars).toBeGreaterThan(of(2, usual).dollars * 1.1);
    const isPrivate = await planned(shop, '--param', 'network=private');
    expect(isPrivate.monthly.lines.map(({ what }) => what)).toContain('interface endpoints, by zone');
    expect(of(3, isPrivate).dollars).toBeLessThan(of(3, await planned(shop)).dollars);
  });

  it.each([
    ['a param that is none', ['--param', 'maxVcpus=1'], /maxVcpus/],
    ['a value of which others depend', ['--param', 'architecture=riscv'], /architecture: expected/],
    ['a value that is none', ['--param', 'network=open'], /network/],
    ['no value', ['--param', 'network'], /NAME=VALUE/],
    ['a time that is none', ['--job-start-seconds', 'soon'], /above 0/],
  ])('refuses %s', async (_what, words, message) => {
    const deps = { arguments: [shop, ...words], out: () => {}, err: () => {} };
    await expect(planCommand(deps)).rejects.toThrow(message);
  });
});

describe('docs/costs.md', () => {
  it('shows what the command prints: npm run docs writes it anew', async () => {
    const text = await readFile(new URL('../../../docs/costs.md', import.meta.url), 'utf8');
    expect(await withCosts(text)).toBe(text);
    expect(text.match(/begin: (plan|prices|standing)/g)?.length).toBe(5);
  });
});
