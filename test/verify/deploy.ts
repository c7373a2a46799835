import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyService } from '../stack/support/package-service.ts';
import * as batch from './deploy-batch.ts';
import { type Emulator, startEmulator } from './deploy-emulator.ts';
import * as functions from './deploy-functions.ts';
import { batchPictures, lambdaPictures } from './deploy-pictures.ts';
import { removals } from './deploy-removal.ts';
import { type Checks, startReport } from './deploy-report.ts';
import { type Commands, commandsOf, expectCode } from './deploy-service.ts';
import { deployedTemplate, openStack, type Stack, stage } from './deploy-stack.ts';
import * as storage from './deploy-storage.ts';
import { redeployments } from './deploy-update.ts';
import * as workflow from './deploy-workflow.ts';

// Deploys the stack by the real `npx sls deploy` into moto's server, an emulator that others wrote: looks at what is
// there, sends pictures through it, deploys again without and with changes, and removes everything. One line a check;
// exits with 1 where one has failed. Its last lines say what this emulator could not show.

const report = startReport();
const { say } = report;
const packages = ['boto3', 'cfnlint', 'flask', 'moto'];
const python = spawnSync('python3', ['-c', `import ${packages}; print(moto.__version__)`], { encoding: 'utf8' });
if (python.status !== 0) {
  say(`Skipped: python3 lacks moto (${packages.join(', ')}). To install it: pip install 'moto[server,cloudformation]'`);
  process.exit(0);
}
const machine = process.arch === 'arm64' ? 'arm64' : 'x86_64';
say(
  `      moto ${python.stdout.trim()}; architecture=${machine}, as this machine's, so that what is deployed runs here`,
);

/** What was deployed is what was written. */
const properties = (stack: Stack, folder: string): Checks => {
  const look = (what: string, run: (template: Awaited<ReturnType<typeof deployedTemplate>>) => unknown) =>
    [what, async () => run(await deployedTemplate(folder))] as Checks[number];
  const first = Object.fromEntries(stack.containers.map((container) => [container, 1]));
  return [
    look('buckets: versions, encryption, and the notification to the uploads queue', () => storage.checkBuckets(stack)),
    look('queues: times, encryption, dead letters', (template) => storage.checkQueues(stack, template)),
    look('table: keys, indexes, on demand', (template) => storage.checkTable(stack, template)),
    ...(['dispatch', 'process', 'settle'] as const).map((name) =>
      look(`function ${name}: size, handler, role`, (template) => functions.checkFunction(stack, template, name)),
    ),
    look("functions' environments: every name is that of its resource", () =>
      functions.checkEnvironments(stack, first),
    ),
    look('mappings: batches, partial failures, concurrency', () => functions.checkMappings(stack)),
    look('state machine: its definition with the substitutions made', (template) =>
      workflow.checkStateMachine(stack, template),
    ),
    ...stack.containers.map((container) =>
      look(`job definition ${container}: job.yml, image, roles`, () => batch.checkJobDefinition(stack, container)),
    ),
    look('environments and job queues: both markets, from zero', (template) =>
      batch.checkEnvironments(stack, template),
    ),
    look('launch template: encrypted disk, IMDSv2', () => batch.checkLaunchTemplate(stack)),
    look('repositories: immutable tags, scans, a bound', () => batch.checkRepositories(stack)),
    look('roles: every statement, with names of resources', (template) => workflow.checkRoles(stack, template)),
    look('permissions: who may invoke settle', (template) => workflow.checkPermissions(stack, template)),
    look('log groups: retention', (template) => workflow.checkLogGroups(stack, template)),
    look('rules: patterns and targets', (template) => workflow.checkRules(stack, template)),
  ];
};

/** Has no physical id here; `workflow.checkPermissions` looks at each. */
const nameless = 'AWS::Lambda::Permission';

/** The first deployment: without it there is nothing to look at. */
const deployment = (stack: Stack, folder: string, { sls }: Commands, emulator: Emulator): Checks => [
  [
    `npx sls deploy --stage ${stage}: preflight, images, every resource`,
    async () => {
      expectCode(await sls('deploy'));
      const [template, made] = [await deployedTemplate(folder), await stack.resources()];
      const skipped = emulator.told('skipped');
      const expected = Object.entries(template.Resources).filter(
        ([, { Type, Condition }]) => ![...skipped, nameless].includes(Type) && Condition === undefined,
      );
      assert.deepEqual(
        expected.filter(([id]) => !made.has(id)).map(([id, { Type }]) => `${id} ${Type}`),
        [],
      );
      return `${expected.length} of ${Object.keys(template.Resources).length} resources`;
    },
  ],
];

const begun = performance.now();
const folder = await mkdtemp(join(tmpdir(), 'kadam-verify-deploy-'));
try {
  const service = join(folder, 'service');
  await copyService(service);
  const emulator = await startEmulator(folder, machine);
  const stack = await openStack(emulator.endpoint);
  try {
    const commands = commandsOf(service, stage, [`--param=architecture=${machine}`], emulator.environment);
    const scene = { stack, folder: service, endpoint: emulator.endpoint, sdk: emulator.environment };
    const removal = await removals(stack, commands);
    await report.run(deployment(stack, service, commands, emulator));
    if (report.counts.failed === 0) {
      await report.run(properties(stack, service));
      await report.run(lambdaPictures(scene, commands));
      await report.run(redeployments(stack, service, commands));
      await report.run(batchPictures(scene));
    }
    await report.run(removal);
  } finally {
    stack.close();
    await emulator.close();
  }
  say('Not proven by this emulator:');
  for (const word of ['skipped', 'not kept', 'not updated', 'not deleted'])
    say(`  ${word}: ${emulator.told(word).sort().join(', ') || 'nothing'}`);
  say('Filled in for this emulator (test/verify/moto_gaps.py):');
  for (const line of emulator.told('filled in')) say(`  ${line}`);
  say('  images are pushed without layers, by a program in the place of Docker; functions and containers ran here');
} finally {
  await rm(folder, { recursive: true, force: true });
}
const minutes = ((performance.now() - begun) / 60_000).toFixed(1);
say(`${report.counts.passed} passed, ${report.counts.failed} failed (${minutes} min)`);
process.exitCode = report.counts.failed === 0 ? 0 : 1;
