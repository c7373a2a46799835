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
    Rule: z.object({ Id: z.string() }),
    Message: z.string(),
    Location: z.object({ Path: z.array(z.union([z.string(), z.number()])) }),
  }),
);
type Finding = z.output<typeof findingsSchema>[number];

/** What cfn-lint is wrong about. */
const mistaken: { rule: string; message: RegExp; why: string }[] = [
  {
    rule: 'E3601',
    message: /'OutputPath' was unexpected/,
    why: 'A Succeed state may have an OutputPath (Step Functions Developer Guide, Succeed state); cfn-lint 1.51 knows only Output.',
  },
];

/** What of it has been seen: an entry that cfn-lint has learnt better of has to go. */
const seen = new Set<RegExp>();

const isMistaken = ({ Rule, Message }: Finding): boolean => {
  const known = mistaken.find(({ rule, message }) => rule === Rule.Id && message.test(Message));
  if (known !== undefined) seen.add(known.message);
  return known !== undefined;
};

const say = (text: string) => process.stdout.write(`${text}\n`);

/** cfn-lint's findings. It ends with a code of its own for each mixture of levels; 0 is wanted of a run that works. */
const lint = async (template: string): Promise<Finding[]> => {
  const words = ['--format', 'json', '--non-zero-exit-code', 'none', '--', template];
  return findingsSchema.parse(JSON.parse(String(await runProgram('cfn-lint', words))));
};

const verify = async (folder: string): Promise<number> => {
  const service = join(folder, 'service');
  await copyService(service, { templateOnly: true });
  let failed = 0;
  for (const { name, params } of variants) {
    const target = join(folder, name);
    await packageService(service, target, params);
    const all = await lint(join(target, 'cloudformation-template-update-stack.json'));
    const findings = all.filter((finding) => !isMistaken(finding));
    say(`${findings.length === 0 ? 'ok  ' : 'FAIL'}  ${name}`);
    for (const { Rule, Message, Location } of findings) say(`      ${Rule.Id} ${Location.Path.join('.')}: ${Message}`);
    if (findings.length > 0) failed++;
  }
  for (const { rule, message } of mistaken.filter((known) => !seen.has(known.message))) {
    say(`FAIL  nothing is found any more by ${rule}, ${message}: take it out of test/verify/template.ts`);
    failed++;
  }
  return failed;
};

const version = await versionOf('cfn-lint', ['--version']);
if (version === undefined) {
  say('skip  cfn-lint: not on this machine (pip install cfn-lint)');
} else {
  say(`      ${version}`);
  for (const { rule, why } of mistaken) say(`      without ${rule}: ${why}`);
  const folder = await mkdtemp(join(tmpdir(), 'kadam-verify-template-'));
  try {
    const failed = await verify(folder);
    say(`${variants.length + mistaken.length - failed} passed, ${failed} failed`);
    process.exitCode = failed === 0 ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
