import { styleText } from 'node:util';
import { megapixels, type Traits } from '../core/image/traits.ts';
import type { Estimate } from '../core/predict/estimate.ts';
import type { Stage } from '../core/predict/plan.ts';
import type { UploadDecision } from '../core/use-cases/decide-upload.ts';
import { table } from './table.ts';

const seconds = (value: number): string => `${value < 10 ? value.toFixed(2) : value.toFixed(1)} s`;
const heading = (text: string): string => `\n${styleText('bold', text)}\n`;

/** A decision and everything that it rests on, as text for a terminal. */
export const explanationText = (path: string, bytesRead: number, decided: UploadDecision): string => {
  const { recipeName, traits, plan, decision } = decided;
  const parts = [`${path} with recipe ${recipeName} (${bytesRead} bytes read)\n`];
  if (traits) parts.push(heading('Traits'), traitsText(traits));
  if (plan && decision.estimate) {
    parts.push(heading(`Plan and estimate (${plan.threads} threads)`), stagesTable(plan.stages, decision.estimate));
    parts.push(totals(decision.estimate));
  }
  const container = decision.container === undefined ? '' : ` (container ${decision.container})`;
  parts.push(heading('Decision'), `${styleText('bold', decision.target)}${container}\n`);
  parts.push(...decision.reasons.map((reason) => `  - ${reason}\n`));
  return parts.join('');
};

const traitsText = (traits: Traits): string => {
  const facts = [
    `${traits.format}, ${traits.width} x ${traits.height} (${megapixels(traits).toFixed(1)} megapixels)`,
    `${traits.channels} channels of ${traits.bitDepth} bits${traits.hasAlpha ? ', with alpha' : ''}`,
    `orientation ${traits.orientation}`,
    `${traits.frames.known === 'exact' ? '' : 'at least '}${traits.frames.count} frame${traits.frames.count === 1 ? '' : 's'}`,
    traits.hasProfile ? 'with an ICC profile' : 'no ICC profile',
    ...(traits.isProgressive ? ['progressive'] : []),
    ...(traits.isInterlaced ? ['interlaced'] : []),
    ...(traits.isCmyk ? ['CMYK'] : []),
    `${(traits.fileBytes / 1e6).toFixed(2)} MB`,
  ];
  return `  ${facts.join(' · ')}\n`;
};

const stagesTable = (stages: Stage[], estimate: Estimate): string => {
  const rows = stages.map((stage, index) => {
    const estimated = estimate.stages.find(({ id }) => id === stage.id) ?? estimate.stages[index];
    const from = stage.input === 'upload' ? 'the upload' : stage.input.stage;
    const size = `${stage.after.width} x ${stage.after.height}`;
    const terms = estimated?.terms.map(({ name, cpuSeconds }) => `${name} ${seconds(cpuSeconds)}`).join(', ') ?? '';
    return { cells: [stage.id, from, size, estimated ? seconds(estimated.seconds) : '', terms] };
  });
  const fixed = seconds(estimate.fixedSeconds.median);
  const around = { cells: ['around them', '', '', fixed, 'start of the renderer, download and upload'] };
  return table(['stage', 'reads', 'makes', 'expected', 'CPU seconds'], [...rows, around]);
};

const totals = ({ seconds: time, memoryMiB, diskMiB }: Estimate): string =>
  `  ${seconds(time.median)} expected, at most ${seconds(time.upper)}; ` +
  `memory ${memoryMiB.median.toFixed(0)} MiB, at most ${memoryMiB.upper.toFixed(0)} MiB; ` +
  `disk at most ${diskMiB.upper.toFixed(0)} MiB\n`;
