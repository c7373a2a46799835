import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { copyService, packageService } from '../stack/support/package-service.ts';
import { variants } from '../stack/support/variants.ts';
import { runProgram, versionOf } from './run-program.ts';

// Puts the template of every variant of the deployment through cfn-lint (a Python program), where this machine has it.
// One line a variant; exits with 1 where one has a finding.

const findingsSchema = z.array(
  z.object({
    Filename: z.string(),
    Rule: z.object({ Id: z.string() }),
    Message: z.string(),
    Location: z.object({ Path: z.array(z.union([z.string(), z.number()])) }),
  }),
);
type Finding = z.output<typeof findingsSchema>[number];

const say = (text: string) => process.stdout.write(`${text}\n`);

/** cfn-lint's findings in templates. Findings are no failure of cfn-lint itself: it is to end with 0. */
const lint = async (templates: string[]): Promise<Finding[]> => {
  const words = ['--format', 'json', '--non-zero-exit-code', 'none', '--', ...templates];
  return findingsSchema.parse(JSON.parse(String(await runProgram('cfn-lint', words, { timeout: 600_000 }))));
};

const verify = async (folder: string): Promise<number> => {
  const service = join(folder, 'service');
  await copyService(service, { templateOnly: true });
  const templates: { name: string; file: string }[] = [];
  for (const { name, params } of variants) {
    await packageService(service, join(folder, name), params);
    templates.push({ name, file: join(folder, name, 'cloudformation-template-update-stack.json') });
  }
  const findings = Map.groupBy(await lint(templates.map(({ file }) => file)), ({ Filename }) => Filename);
  for (const { name, file } of templates) {
    const found = findings.get(file) ?? [];
    say(`${found.length === 0 ? 'ok  ' : 'FAIL'}  ${name}`);
    for (const { Rule, Message, Location } of found) say(`      ${Rule.Id} ${Location.Path.join('.')}: ${Message}`);
  }
  return findings.size;
};

const version = await versionOf('cfn-lint', ['--version']);
if (version === undefined) {
  say('skip  cfn-lint: not on this machine (pip install cfn-lint)');
} else {
  say(`      ${version}`);
  const folder = await mkdtemp(join(tmpdir(), 'kadam-verify-template-'));
  try {
    const failed = await verify(folder);
    say(`${variants.length - failed} passed, ${failed} failed`);
    process.exitCode = failed === 0 ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
