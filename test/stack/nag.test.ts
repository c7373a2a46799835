import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { beforeAll, describe, expect, inject, it, vi } from 'vitest';
import * as z from 'zod';
import { suppressions } from './nag-suppressions.ts';
import { templateOf } from './support/packaged.ts';
import type { Template } from './support/template.ts';
import { defaultVariant, variants } from './support/variants.ts';

type Finding = { rule: string; resource: string };

const reportSchema = z.object({
  pluginReports: z.array(
    z.object({
      violations: z.array(
        z.object({ ruleName: z.string(), violatingConstructs: z.array(z.object({ constructPath: z.string() })) }),
      ),
    }),
  ),
});

/** What the rules of cdk-nag for AWS in general and for serverless find in a template. */
const findingsOf = async (template: Template, name: string): Promise<Finding[]> => {
  const folder = join(inject('stackFolder'), `nag-${name}`);
  const app = new App({ outdir: folder, analyticsReporting: false });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  const templateFile = join(folder, 'kadam.json');
  await writeFile(templateFile, JSON.stringify(template));
  new CfnInclude(new Stack(app, 'kadam'), 'Template', { templateFile });
  // The findings make an error of the whole, too, and may be printed.
  const silent = vi.spyOn(console, 'error').mockImplementation(() => {});
  try {
    app.synth();
  } catch (error) {
    if (!String(error).includes('validation-report.json')) throw error;
  } finally {
    silent.mockRestore();
  }
  const report = reportSchema.parse(JSON.parse(await readFile(join(folder, 'validation-report.json'), 'utf8')));
  return report.pluginReports.flatMap(({ violations }) =>
    violations.flatMap(({ ruleName: rule, violatingConstructs }) =>
      violatingConstructs.map(({ constructPath }) => ({ rule, resource: constructPath.split('/').at(-1) ?? '' })),
    ),
  );
};

const isExpected = ({ rule, resource }: Finding): boolean =>
  suppressions.some(({ finding, resources }) => finding.test(rule) && resources.includes(resource));

const found: Finding[] = [];

describe('cdk-nag', () => {
  it.each(variants)('finds nothing that has no reason: $name', { timeout: 120_000 }, async (variant) => {
    const findings = await findingsOf(await templateOf(variant), variant.name);
    found.push(...findings);
    expect(findings.length).toBeGreaterThan(0);
    expect(findings.filter((finding) => !isExpected(finding))).toEqual([]);
  });

  it('still finds everything that is suppressed', () => {
    const stale = suppressions.flatMap(({ finding, resources }) =>
      resources
        .filter((id) => !found.some(({ rule, resource }) => finding.test(rule) && resource === id))
        .map((id) => `${finding}: ${id}`),
    );
    expect(stale).toEqual([]);
  });
});

describe('a stack with a fault', () => {
  let template: Template;
  beforeAll(async () => {
    template = structuredClone(await templateOf(defaultVariant));
  }, 120_000);

  it('is found out', { timeout: 60_000 }, async () => {
    delete template.Resources.OutputBucketPolicy;
    const work = template.Resources.WorkQueue?.Properties;
    delete work?.RedrivePolicy;
    const unexpected = (await findingsOf(template, 'broken')).filter((finding) => !isExpected(finding));
    expect(unexpected).toContainEqual({ rule: 'AwsSolutions-S10', resource: 'OutputBucket' });
    expect(unexpected).toContainEqual({ rule: 'AwsSolutions-SQS3', resource: 'WorkQueue' });
  });
});
