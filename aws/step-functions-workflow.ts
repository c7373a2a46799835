import { DescribeExecutionCommand, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { executionName } from '../core/jobs/identity.ts';
import type { Job } from '../core/jobs/job.ts';
import type { Workflow } from '../core/ports.ts';
import type { WorkerLimits } from '../core/route/limits.ts';
import { answered } from './answered.ts';

/** The ARN of a job's execution, its last or an earlier one: its state machine's, with the name it was started under. */
export const executionArnOf = (stateMachineArn: string, job: Job, execution = job.execution): string => {
  const name = executionName(job.upload.key, job.id, execution);
  return `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
};

/**
 * The state machine statemachines/filter-image. Its input follows from the job's record alone, so that starting an
 * execution twice is the same request and succeeds; a closed execution of the same name means the same.
 */
export const stepFunctionsWorkflow = (client: SFNClient, stateMachineArn: string, batch: WorkerLimits): Workflow => ({
  async start(job) {
    const expected = job.decision.estimate?.memoryMiB.upper ?? batch.memoryMiB;
    const isExact = job.traits?.frames.known !== 'atLeast';
    const likely = expected * (isExact ? 1 : unknownFramesFactor);
    const needed = Math.ceil(Math.max(likely, job.minimumMemoryMiB ?? 0, minimumMemoryMiB));
    const input = {
      job: job.id,
      key: job.upload.key,
      recipe: job.recipe.name,
      execution: job.execution,
      why: job.decision.reasons,
      // SubmitJob takes resource requirements as strings.
      memoryMiB: String(Math.min(batch.memoryMiB, needed)),
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

/** A decoder that unpacks all frames needs the more memory the more there are: 2.8 times as much for 300 small ones. */
const unknownFramesFactor = 4;

/** Node and sharp alone, with room for a small picture. */
const minimumMemoryMiB = 512;
