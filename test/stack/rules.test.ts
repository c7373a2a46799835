import { beforeAll, describe, expect, it } from 'vitest';
import { agreementRules } from './rules/agreement.ts';
import { batchRules } from './rules/batch.ts';
import { environmentRules } from './rules/environment.ts';
import { nameRules } from './rules/names.ts';
import { networkRules } from './rules/network.ts';
import { permissionRules } from './rules/permissions.ts';
import { queueRules } from './rules/queues.ts';
import { storageRules } from './rules/storage.ts';
import { workflowRules } from './rules/workflow.ts';
import { templateOf } from './support/packaged.ts';
import type { Template } from './support/template.ts';
import { defaultVariant, variants } from './support/variants.ts';

const rules = [
  ...permissionRules,
  ...storageRules,
  ...queueRules,
  ...batchRules,
  ...networkRules,
  ...workflowRules,
  ...nameRules,
  ...environmentRules,
  ...agreementRules,
];

describe.each(variants)('the stack: $name', (variant) => {
  let template: Template;
  beforeAll(async () => {
    template = await templateOf(variant);
  }, 120_000);

  it.each(rules)('$name', ({ faults }) => {
    expect(faults(template)).toEqual([]);
  });
});

describe.each(rules)('the rule "$name" finds out', ({ faults, mutations }) => {
  it.each(Object.entries(mutations))('%s', async (_, mutate) => {
    const template = structuredClone(await templateOf(defaultVariant));
    const before = JSON.stringify(template);
    mutate(template);
    expect(JSON.stringify(template)).not.toBe(before);
    expect(faults(template)).not.toEqual([]);
  });
});

describe('the rules', () => {
  it('each have been seen to fail', () => {
    expect(rules.filter(({ mutations }) => Object.keys(mutations).length === 0)).toEqual([]);
  });
});
