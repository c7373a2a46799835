import type { Estimate, Term } from '../predict/estimate.ts';

const label = ({ name, detail }: Term): string => (detail === '' ? name : `${name} (${detail})`);

const total = (terms: readonly Term[], amount: (term: Term) => number): number =>
  terms.reduce((sum, term) => sum + amount(term), 0);

/** The terms of the same kind, wherever they occur, that together have the most of something. */
const largestKind = (terms: readonly Term[], amount: (term: Term) => number): Term[] =>
  [...Map.groupBy(terms, label).values()].sort((a, b) => total(b, amount) - total(a, amount))[0] ?? [];

/** `median (size 9) of 48.0 MP takes 61 % of the CPU time`, as a list that is empty where nothing takes time. */
export const mostWorked = ({ stages }: Estimate): string[] => {
  const terms = stages.flatMap((stage) => stage.terms);
  const cpuSeconds = (term: Term): number => term.cpuSeconds;
  const largest = largestKind(terms, cpuSeconds);
  const [first] = largest;
  const share = total(largest, cpuSeconds) / total(terms, cpuSeconds);
  if (first === undefined || !(share > 0)) return [];
  const pixels = total(largest, ({ megapixels }) => megapixels).toFixed(1);
  return [`${label(first)} of ${pixels} MP takes ${Math.round(share * 100)} % of the CPU time`];
};

/** `encode avif of 310.0 MP holds 9,756 MiB in stage full.avif`, as a list that is empty where nothing is held. */
export const mostHeld = ({ stages }: Estimate): string[] => {
  const held = stages.flatMap(({ id, terms }) => terms.map((term) => ({ id, term })));
  const [largest] = held.sort((a, b) => b.term.heldBytes - a.term.heldBytes);
  if (largest === undefined || !(largest.term.heldBytes > 0)) return [];
  const { id, term } = largest;
  const mebibytes = Math.round(term.heldBytes / 2 ** 20).toLocaleString('en-US');
  return [`${label(term)} of ${term.megapixels.toFixed(1)} MP holds ${mebibytes} MiB in stage ${id}`];
};
