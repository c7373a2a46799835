import { type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { executionName } from '../core/jobs/identity.ts';
import type { Workflow } from '../core/ports.ts';
import type { WorkerLimits } from '../core/route/limits.ts';
import { answered } from './answered.ts';

/**
 * The state machine statemachines/filter-image. Its input follows from the job's record alone, so that starting an
 * attempt twice is the same request and succeeds; a closed execution of the same name means the same.
 */
export const stepFunctionsWorkflow = (client: SFNClient, stateMachineArn: string, batch: WorkerLimits): Workflow => ({
  async start(job) {
    const expected = job.decision.estimate?.memoryMiB.upper ?? batch.memoryMiB;
    const needed = Math.ceil(Math.max(expected, job.minimumMemoryMiB ?? 0, minimumMemoryMiB));
    const input = {
      job: job.id,
      key: job.upload.key,
      recipe: job.recipe.name,
      why: job.decision.reasons,
      // SubmitJob takes resource requirements as strings.
      memoryMiB: String(Math.min(batch.memoryMiB, needed)),
    };
    await answered(
      'Step Functions to start an execution',
      client.send(
        new StartExecutionCommand({
          stateMachineArn,
          name: executionName(job.upload.key, job.id, job.attempt + 1),
          input: JSON.stringify(input),
        }),
      ),
      ['ExecutionAlreadyExists'],
    );
  },
});

/** Node and sharp alone, with room for a small picture. */
const minimumMemoryMiB = 512;
