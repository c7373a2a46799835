// @ts-check
/** @import { BatchJobDetails, ExecutionDetails, JobDetails, Output, Step } from '../answers.ts' */
import { element, setText } from './dom.js';
import { bytes, clock, fullTime, readable, seconds, wayName } from './format.js';

/**
 * Shows a job's details in a cell of the table, and again whenever they have changed.
 * @param {HTMLElement} cell
 * @param {string} id
 */
export const fillDetails = async (cell, id) => {
  const response = await fetch(`/_kadam/jobs/${id}`).catch(() => undefined);
  // The page says that the cloud does not answer; what was there stays.
  if (response === undefined) return;
  const text = await response.text();
  if (cell.dataset.shown !== text) {
    cell.dataset.shown = text;
    const unfolded = [...cell.querySelectorAll('details')].filter(({ open }) => open);
    const answer = JSON.parse(text);
    cell.replaceChildren(...(response.ok ? describe(answer) : [callout(answer.error)]));
    for (const one of cell.querySelectorAll('details')) {
      const before = unfolded.find((other) => other.id === one.id);
      // A log that is being read stays, where it was scrolled to.
      if (before && one.dataset.log !== undefined) one.replaceWith(before);
      else one.open = before !== undefined;
    }
  }
  for (const one of cell.querySelectorAll('details')) if (one.open && one.dataset.log !== undefined) void readLog(one);
};

/** @param {JobDetails} details @returns {Node[]} */
const describe = (details) => {
  const { job, reasons } = details;
  const why = section('Why', element('ul', {}, ...reasons.map((reason) => element('li', {}, reason))));
  return [
    ...(job.error ? [callout(job.error)] : []),
    element('div', { class: 'parts' }, why, section('Upload', facts(details))),
    results(details),
    ...(details.stages.length > 0 ? [stageTable(details)] : []),
    ...details.executions.map(describeExecution),
  ];
};

/**
 * Something that is folded until it is wanted, and stays as it is when its job's details change.
 * @param {string} id
 * @param {string} title
 * @param {...Node} content
 */
const fold = (id, title, ...content) => element('details', { id }, element('summary', {}, title), ...content);

/** @param {string} title @param {...Node} content */
const section = (title, ...content) => element('section', {}, element('h3', {}, title), ...content);

/** @param {{ code: string, message: string }} error */
const callout = ({ code, message }) =>
  element('p', { class: 'callout' }, element('strong', {}, code), ' ', readable(message));

/** @param {JobDetails} details */
const facts = ({ job, upload, picture, attempts }) => {
  /** @param {string} name @param {Node | string | undefined} value @param {string} [kind] */
  const fact = (name, value, kind) =>
    value === undefined
      ? []
      : [element('dt', { class: kind }, name), element('dd', { class: kind }, element('bdi', {}, value))];
  const { predicted, measured } = job;
  return element(
    'dl',
    {},
    ...fact('key', element('a', { href: upload.href, target: '_blank', rel: 'noopener' }, readable(upload.key))),
    ...fact('picture', picture),
    ...fact('size', bytes(job.bytes)),
    ...fact('attempts', String(attempts)),
    ...fact('job', job.id),
    ...fact('version', upload.versionId),
    // Columns that a narrow window has no room for.
    ...fact('recipe', job.recipe, 'narrow'),
    ...fact('way', wayName(job.way), 'narrow'),
    ...fact(
      'predicted',
      predicted && `${seconds(predicted.median)} s, at most ${seconds(predicted.upper)} s`,
      'narrow',
    ),
    ...fact('measured', measured === undefined ? undefined : `${seconds(measured)} s`, 'narrow'),
    ...fact('arrived', timeOf(job.arrivedAt), 'narrow'),
    ...fact('ended', job.endedAt === undefined ? undefined : timeOf(job.endedAt), 'narrow'),
  );
};

/** @param {JobDetails} details */
const results = ({ outputs, manifest, isReplaced, job }) => {
  const list = element('ul', { class: 'outputs' }, ...outputs.map(describeOutput));
  const notes = [];
  if (manifest) {
    notes.push(element('a', { href: manifest.href, target: '_blank', rel: 'noopener' }, 'manifest.json'));
  } else if (isReplaced) notes.push('The results of a newer upload of this key have taken their place.');
  else notes.push(job.endedAt === undefined ? 'None yet.' : 'None.');
  return section('Results', ...(outputs.length > 0 ? [list] : []), element('p', {}, ...notes));
};

/** @param {Output} output */
const describeOutput = ({ key, href, width, height, bytes: size, isPreviewable }) => {
  const name = readable(key.split('/').at(-1) ?? key);
  const picture = isPreviewable
    ? element('img', { src: href, alt: '', loading: 'lazy', decoding: 'async', width: 96, height: 72 })
    : element('span', { class: 'no-preview' }, 'no preview');
  const link = element('a', { href, target: '_blank', rel: 'noopener', title: readable(key) }, picture, name);
  const hint = (/** @type {string} */ text) => element('span', { class: 'hint' }, text);
  return element('li', {}, link, hint(`${width} × ${height}`), hint(bytes(size)));
};

/**
 * A small table; the columns that are `numeric` are aligned at their end.
 * @param {string[]} heads
 * @param {number[]} numeric
 * @param {(Node | string)[][]} rows
 */
const smallTable = (heads, numeric, rows) => {
  const kind = (/** @type {number} */ index) => (numeric.includes(index) ? 'number' : undefined);
  const head = heads.map((text, index) => element('th', { scope: 'col', class: kind(index) }, text));
  const lines = rows.map((row) =>
    element('tr', {}, ...row.map((value, index) => element('td', { class: kind(index) }, value))),
  );
  return element(
    'table',
    { class: 'small' },
    element('thead', {}, element('tr', {}, ...head)),
    element('tbody', {}, ...lines),
  );
};

/** @param {JobDetails} details */
const stageTable = ({ stages, job }) => {
  const rows = stages.map(({ id, predicted, measured }) => [id, seconds(predicted), seconds(measured)]);
  return fold(`stages-${job.id}`, 'Stages', smallTable(['Stage', 'Predicted s', 'Measured s'], [1, 2], rows));
};

/** @param {number | undefined} time */
const timeOf = (time) => element('span', { title: time === undefined ? undefined : fullTime(time) }, clock(time));

/** @param {number | undefined} from @param {number | undefined} to */
const between = (from, to) => seconds(from === undefined || to === undefined ? undefined : (to - from) / 1000);

/** @param {ExecutionDetails} execution */
const describeExecution = ({ name, status, error, cause, steps, batchJobs }) => {
  const title = element('p', {}, element('code', {}, name), ' ', status);
  const failed = error === undefined ? [] : [callout({ code: error, message: cause ?? '' })];
  const table = smallTable(['State', 'Entered', 'Exited', 'Seconds', ''], [1, 2, 3], steps.map(describeStep));
  const states = section('Step Functions execution', title, ...failed, table);
  return element('div', { class: 'parts' }, states, ...batchJobs.map(describeBatchJob));
};

/** @param {Step} step */
const describeStep = ({ name, enteredAt, exitedAt, error }) => [
  name,
  timeOf(enteredAt),
  timeOf(exitedAt),
  between(enteredAt, exitedAt),
  error ? `${error.code}: ${readable(error.message)}` : '',
];

/** @param {BatchJobDetails} job */
const describeBatchJob = ({ id, status, statusReason, attempts }) => {
  const rows = attempts.map(({ startedAt, stoppedAt, exitCode, reason }, index) => [
    String(index + 1),
    timeOf(startedAt),
    timeOf(stoppedAt),
    between(startedAt, stoppedAt),
    exitCode === undefined ? '–' : String(exitCode),
    reason ?? '',
  ]);
  const logs = attempts.flatMap(({ logHref }, index) => {
    if (logHref === undefined) return [];
    const log = fold(logHref, `Log of attempt ${index + 1}`, element('pre', { tabindex: 0 }));
    log.dataset.log = logHref;
    log.addEventListener('toggle', () => log.open && void readLog(log));
    return [log];
  });
  const heads = ['Attempt', 'Started', 'Stopped', 'Seconds', 'Exit code', ''];
  const table = rows.length > 0 ? [smallTable(heads, [0, 1, 2, 3, 4], rows)] : [];
  const reason = statusReason === undefined ? '' : `: ${statusReason}`;
  return section('Batch job', element('p', {}, element('code', {}, id), ` ${status}${reason}`), ...table, ...logs);
};

/** @param {HTMLElement} log */
const readLog = async (log) => {
  const response = await fetch(log.dataset.log ?? '').catch(() => undefined);
  const pre = log.querySelector('pre');
  if (response === undefined || pre === null) return;
  const text = await response.text();
  setText(pre, response.ok ? readableLines(text) : JSON.parse(text).error.message);
};

/** @param {string} text */
const readableLines = (text) => text.trimEnd().split('\n').map(readable).join('\n') || 'Nothing yet.';
