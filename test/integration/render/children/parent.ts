import { readFileSync } from 'node:fs';
import { renderInChild } from '../../../../core/render/render-in-child.ts';
import type { RenderJob } from '../../../../core/render/render-job.ts';

// A worker that renders the job in the file of its first argument, and tells its own children's ids meanwhile.
const job: RenderJob = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
const rendering = renderInChild(job, { timeoutSeconds: 600, memoryMiB: 4096 });
console.log(readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim());
await rendering;
