import { join } from 'node:path';
import type { Stage } from '../predict/plan.ts';
import type { RenderJob } from './render-job.ts';
import type { Source } from './sharp-setup.ts';

/** Where a stage writes: its id in the job's folder. */
export const stagePath = ({ workDir }: RenderJob, stageId: string): string => join(workDir, stageId);

/** What a stage reads. */
export const stageSource = (job: RenderJob, { input, before }: Stage): Source => ({
  kind: input === 'upload' ? 'upload' : 'intermediate',
  path: input === 'upload' ? job.inputPath : stagePath(job, input.stage),
  width: before.width,
  height: before.height,
  pages: before.pages,
  isTiled: input === 'upload' && job.plan.isTiled,
});

/** The intermediates that nothing reads any more once the stage at `index` has ended. */
export const spentIntermediates = (stages: readonly Stage[], index: number): string[] => {
  const stillRead = new Set(stages.slice(index + 1).map(({ input }) => (input === 'upload' ? '' : input.stage)));
  return stages
    .slice(0, index + 1)
    .filter(({ id, target }) => target.kind === 'intermediate' && !stillRead.has(id))
    .map(({ id }) => id);
};
