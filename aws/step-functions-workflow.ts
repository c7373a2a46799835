import { DescribeExecutionCommand, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { executionName } from '../core/jobs/identity.ts';
import type { Job } from '../core/jobs/job.ts';
import type { Workflow } from '../core/ports.ts';
import { batchMemory } from '../core/route/batch-memory.ts';
import { filterContainer, ofContainer, type WorkerLimits } from '../core/route/limits.ts';
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
    const { traits, minimumMemoryMiB, decision } = job;
    const needs = { estimate: decision.estimate, traits, minimumMemoryMiB };
    const memory = batchMemory(needs, ofContainer(containers, container));
    const input = {
      job: job.id,
      key: job.upload.key,
      recipe: job.recipe.name,
      execution: job.execution,
      why: job.decision.reasons,
      container,
      jobDefinition: ofContainer(jobDefinitions, container),
      share: shareOf(job.recipe.name),
      // SubmitJob takes resource requirements as strings.
      memoryMiB: String(memory.memoryMiB),
      raisedMemoryMiB: String(memory.raisedMemoryMiB),
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

/**
 * The share of the job queues' vCPUs that a recipe's jobs compete for: its letters and digits, which is all that
 * SubmitJob takes for a share (API_SubmitJob). Recipes share one where nothing else tells them apart.
 */
const shareOf = (recipe: string): string => recipe.replace(/[^A-Za-z0-9]/g, '') || 'other';
