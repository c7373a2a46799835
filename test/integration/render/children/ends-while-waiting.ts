import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RenderJob } from '../../../../core/render/render-job.ts';

// A renderer that asks for the program of its job's only output, and ends with 3 once that runs.
process.once('message', ({ plan }: RenderJob) => {
  process.send?.({ kind: 'program', stage: 'out' });
  const folder = plan.stages.flatMap(({ steps }) => steps.map((step) => step.containerFilter?.folder ?? []))[0];
  const started = join(String(folder), 'started');
  setInterval(() => existsSync(started) && process.exit(3), 20);
});
process.once('disconnect', () => process.exit());
