import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { containerEnvironment, revisionsOf } from './deploy-batch.ts';
import { environmentOf } from './deploy-functions.ts';
import type { Checks } from './deploy-report.ts';
import { type Commands, expectCode } from './deploy-service.ts';
import { prefix, type Stack } from './deploy-stack.ts';

/** A recipe that only the second deployment knows: its jobs run on Batch, however small. */
export const addedRecipe = 'on-batch';
const recipeText = `description: Small, and nevertheless on Batch.
runOn: batch
steps:
  - resize: { width: 200, height: 200, fit: inside }
outputs:
  - name: small
    formats: [jpeg]
`;

const change = async (file: string, from: string, to: string): Promise<void> => {
  const text = await readFile(file, 'utf8');
  assert.ok(text.includes(from), `${file} has no '${from}'`);
  await writeFile(file, text.replace(from, to));
};

const codeOf = async ({ clients: { lambda } }: Stack, name: string): Promise<string | undefined> =>
  (await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: `${prefix}-${name}` }))).CodeSha256;

/** Deploys again: as it is, by force, and with a recipe and a job.yml changed. */
export const redeployments = (stack: Stack, folder: string, { sls }: Commands): Checks => {
  const revisionNumbers = async (container: string) =>
    (await revisionsOf(stack, container)).map(({ revision, status }) => `${revision} ${status}`);
  return [
    [
      'deployed again without changes: nothing is deployed',
      async () => {
        const before = await stack.resources();
        assert.match(expectCode(await sls('deploy')), /No changes to deploy/);
        assert.deepEqual(await stack.resources(), before);
      },
    ],
    [
      'deployed again by force: every physical id and every revision stays',
      async () => {
        const before = await stack.resources();
        expectCode(await sls('deploy', '--force'));
        assert.deepEqual(await stack.resources(), before);
        for (const container of stack.containers) assert.deepEqual(await revisionNumbers(container), ['1 ACTIVE']);
        return `${before.size} resources`;
      },
    ],
    [
      'deployed with another recipe and another containers/filter/job.yml: a second revision, and the first stays ACTIVE',
      async () => {
        const [before, codes] = [
          await stack.resources(),
          [await codeOf(stack, 'dispatch'), await codeOf(stack, 'process')],
        ];
        await writeFile(join(folder, `recipes/${addedRecipe}.yml`), recipeText);
        const jobFile = join(folder, 'containers/filter/job.yml');
        await change(jobFile, 'attempts: 3', 'attempts: 2');
        await change(jobFile, 'timeoutSeconds: 86400', 'timeoutSeconds: 43200');
        expectCode(await sls('deploy'));
        assert.deepEqual(await revisionNumbers('filter'), ['1 ACTIVE', '2 ACTIVE']);
        const [first, second] = await revisionsOf(stack, 'filter');
        assert.deepEqual([first?.retryStrategy?.attempts, second?.retryStrategy?.attempts], [3, 2]);
        const timeouts = [first, second].map(
          (revision) => JSON.parse(containerEnvironment(revision).KADAM_CONTAINERS ?? '').filter.timeoutSeconds,
        );
        assert.deepEqual(timeouts, [86400, 43200]);
        for (const name of ['dispatch', 'process'] as const) {
          const { KADAM_JOB_DEFINITIONS = '', KADAM_CONTAINERS = '' } = await environmentOf(stack, name);
          assert.match(JSON.parse(KADAM_JOB_DEFINITIONS).filter, /kadam-verify-filter:2$/);
          assert.equal(JSON.parse(KADAM_CONTAINERS).filter.timeoutSeconds, 43200);
        }
        const after = await stack.resources();
        const changed = [...after].filter(([id, name]) => before.get(id) !== name).map(([id]) => id);
        assert.ok(changed.includes('FilterJobDefinition'));
        assert.deepEqual(
          changed.filter((id) => !id.endsWith('JobDefinition')),
          [],
        );
        assert.equal(after.size, before.size);
        assert.notEqual(await codeOf(stack, 'dispatch'), codes[0], 'the dispatcher has the new recipe');
        assert.equal(await codeOf(stack, 'process'), codes[1], 'the code of process is the same');
        return `new: ${changed.join(', ')}`;
      },
    ],
  ];
};
