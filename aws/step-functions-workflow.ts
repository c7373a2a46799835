import { DescribeExecutionCommand, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { ConfigurationError } from '../core/errors.ts';
import { executionName } from '../core/jobs/identity.ts';
import type { Job } from '../core/jobs/job.ts';
import type { Workflow } from '../core/ports.ts';
import { filterContainer, type WorkerLimits } from '../core/route/limits.ts';
import { answered } from './answered.ts';

/** The ARN of a job's execution, its last or an earlier one: its state machine's, with the name it was started under. */
export const executionArnOf = (stateMachineArn: string, job: Job, execution = job.execution): string => {
  const name = executionName(job.upload.key, job.id, execution);
  return `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
};

/**
 * The state machine statemachines/filter-image. Its input follows from the job's record and the deployment alone, so
 * that starting an execution twice is the same request and succeeds; a closed execution of the same name means the same.
 * `containers` is what each container may use, `jobDefinitions` their job definitions, which executions keep to whatever
 * is deployed after them. Starting throws ConfigurationError `NoSuchContainer` for a container that is in neither.
 */
export const stepFunctionsWorkflow = (
  client: SFNClient,
  stateMachineArn: string,
  containers: Readonly<Record<string, WorkerLimits>>,
  jobDefinitions: Readonly<Record<string, string>>,
): Workflow => ({
  async start(job) {
    const container = job.decision.container ?? filterContainer;
    const { memoryMiB: most } = deployed(containers, container);
    const memoryMiB = Math.min(most, neededMemoryMiB(job, most));
    const input = {
      job: job.id,
      key: job.upload.key,
      recipe: job.recipe.name,
      execution: job.execution,
      why: job.decision.reasons,
      container,
      jobDefinition: deployed(jobDefinitions, container),
      share: shareOf(job.recipe.name),
      // SubmitJob takes resource requirements as strings.
      memoryMiB: String(memoryMiB),
      raisedMemoryMiB: String(Math.min(most, raiseFactor * memoryMiB)),
    };
    await answered(
      'Step Functions to start an execution',
      client.send(
        new StartExecutionCommand({
          stateMachineArn,
          name: executionName(job.upload.key, job.id, job.execution),
          input: JSON.stringify(input),
        }),
      ),
      ['ExecutionAlreadyExists'],
    );
  },

  async isOpen(job) {
    const answer = await answered(
      'Step Functions to describe an execution',
      client.send(new DescribeExecutionCommand({ executionArn: executionArnOf(stateMachineArn, job) })),
      ['ExecutionDoesNotExist'],
    );
    return answer?.status === 'RUNNING';
  },
});

const deployed = <Value>(byContainer: Readonly<Record<string, Value>>, container: string): Value => {
  const found = byContainer[container];
  if (found !== undefined) return found;
  throw new ConfigurationError(
    `Expected one of the deployed containers ${Object.keys(byContainer).join(', ')} but received a job for '${container}'. ` +
      `Deploy containers/${container}, or remove the recipes that need it.`,
    { code: 'NoSuchContainer' },
  );
};

const neededMemoryMiB = (job: Job, most: number): number => {
  const expected = job.decision.estimate?.memoryMiB.upper ?? most;
  const isExact = job.traits?.frames.known !== 'atLeast';
  const likely = expected * (isExact ? 1 : unknownFramesFactor);
  return Math.ceil(Math.max(likely, job.minimumMemoryMiB ?? 0, minimumMemoryMiB));
};

/**
 * The share of the job queues' vCPUs that a recipe's jobs compete for: its letters and digits, which is all that
 * SubmitJob takes for a share (API_SubmitJob). Recipes share one where nothing else tells them apart.
 */
const shareOf = (recipe: string): string => recipe.replace(/[^A-Za-z0-9]/g, '') || 'other';

/** A container that was killed for its memory gets so many times as much, once: as after a function that was. */
const raiseFactor = 2;

/** A decoder that unpacks all frames needs the more memory the more there are: 2.8 times as much for 300 small ones. */
const unknownFramesFactor = 4;

/** Node and sharp alone, with room for a small picture. */
const minimumMemoryMiB = 512;
