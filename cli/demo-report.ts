import { styleText } from 'node:util';
import { megapixels } from '../core/image/traits.ts';
import type { Manifest } from '../core/jobs/manifest.ts';
import { table } from './table.ts';

/** One picture's job as its manifest tells it, and how it was expected to end. */
export type DemoJob = {
  key: string;
  expected: Manifest['status'];
} & Pick<Manifest, 'recipe' | 'status' | 'input' | 'decision' | 'measured' | 'outputs' | 'error'>;

const seconds = (value: number | undefined): string => (value === undefined ? '-' : value.toFixed(1));

const targetNames = { lambda: 'Lambda', batch: 'Batch', reject: 'nowhere' } as const;

/** `holiday/beach.jpg (web): done on Lambda in 3.1 s`. */
export const jobLine = ({ key, recipe, status, decision, measured, error }: DemoJob): string => {
  const where = measured ? ` on ${targetNames[decision.target]} in ${seconds(measured.seconds)} s` : '';
  return `${key} (${recipe.name}): ${status}${where}${error ? ` (${error.code})` : ''}`;
};

/** The jobs as a table: what was predicted, where each ran and why, what was measured, and what came of it. */
export const demoTable = (jobs: DemoJob[]): string =>
  table(
    ['picture', 'recipe', 'MP', 'predicted s', 'at most', 'ran on', 'took s', 'result'],
    jobs.map((job) => ({ cells: cells(job), below: styleText('dim', `  why: ${why(job)}`) })),
  );

const cells = ({ key, recipe, input, decision, measured, outputs, status }: DemoJob): string[] => [
  key,
  recipe.name,
  input.traits ? megapixels(input.traits).toFixed(1) : '-',
  seconds(decision.estimate?.seconds.median),
  seconds(decision.estimate?.seconds.upper),
  status === 'rejected' && !measured
    ? decision.target === 'reject'
      ? '-'
      : targetNames[decision.target]
    : targetNames[decision.target],
  seconds(measured?.seconds),
  status === 'done' ? `${outputs.length} file${outputs.length === 1 ? '' : 's'}` : status,
];

const why = ({ decision, error }: DemoJob): string => (error ? error.message : decision.reasons.join('; '));
