// @ts-check
/** @import { JobSummary } from '../answers.ts' */
import { fillDetails } from './details.js';
import { element, setText } from './dom.js';
import { clock, fullTime, isOpen, readable, seconds, wayName } from './format.js';

/**
 * @typedef {object} Entry A job's row, and the row below it with its details while it is opened.
 * @property {JobSummary} job
 * @property {HTMLTableRowElement} row
 * @property {(job: JobSummary) => void} show
 * @property {HTMLTableRowElement | undefined} details
 */

const columns = 9;

/**
 * The table of uploads. It keeps the rows that stay, with what is opened, selected or focused in them.
 * @param {HTMLTableElement} table
 * @param {(text: string) => void} announce
 */
export const createTable = (table, announce) => {
  const body = table.tBodies[0] ?? table.createTBody();
  /** @type {Map<string, Entry>} */
  const entries = new Map();

  /** @param {Entry} entry */
  const close = (entry) => {
    entry.details?.remove();
    entry.details = undefined;
  };

  /** @param {Entry} entry */
  const open = (entry) => {
    const cell = element('td', { colspan: columns }, element('p', { class: 'hint' }, 'Loading…'));
    entry.details = element('tr', { class: 'details', id: `details-${entry.job.id}` }, cell);
    entry.row.after(entry.details);
    void fillDetails(cell, entry.job.id);
  };

  /** @param {JobSummary} job @returns {Entry} */
  const make = (job) => {
    const { row, button, show } = makeRow();
    const entry = { job, row, show, details: undefined };
    button.setAttribute('aria-controls', `details-${job.id}`);
    const toggle = () => {
      if (entry.details) close(entry);
      else open(entry);
      button.setAttribute('aria-expanded', String(entry.details !== undefined));
    };
    button.addEventListener('click', toggle);
    row.addEventListener('click', ({ target }) => {
      // A text that is being selected is no click.
      if (target instanceof Element && target.closest('button, a') === null && getSelection()?.isCollapsed) toggle();
    });
    return entry;
  };

  return {
    /** @param {JobSummary[]} jobs newest first */
    update(jobs) {
      const shown = new Set(jobs.map(({ id }) => id));
      for (const [id, entry] of entries) {
        if (shown.has(id)) continue;
        close(entry);
        entry.row.remove();
        entries.delete(id);
      }
      const isFirst = entries.size === 0;
      /** @type {Element | null} */
      let next = body.firstElementChild;
      for (const job of jobs) {
        const known = entries.get(job.id);
        const entry = known ?? make(job);
        entries.set(job.id, entry);
        const isChanged = known === undefined || JSON.stringify(known.job) !== JSON.stringify(job);
        if (isChanged) entry.show(job);
        if (known ? known.job.state !== job.state : !isFirst) announce(`${readable(job.key.slice(-80))}: ${job.state}`);
        entry.job = job;
        if (entry.row === next) next = (entry.details ?? entry.row).nextElementSibling;
        else body.insertBefore(entry.row, next);
        if (entry.details) {
          if (entry.row.nextElementSibling !== entry.details) entry.row.after(entry.details);
          const cell = entry.details.cells[0];
          if (cell && (isChanged || isOpen(job))) void fillDetails(cell, job.id);
        }
      }
    },
  };
};

const makeRow = () => {
  const [folder, name] = [element('span', { class: 'folder' }), element('span', { class: 'name' })];
  const button = element('button', { type: 'button', 'aria-expanded': 'false' }, element('bdi', {}, folder, name));
  const failure = element('p', { class: 'failure' });
  const cells = {
    key: element('th', { scope: 'row' }, button, failure),
    recipe: element('td', { class: 'recipe' }),
    way: element('td', { class: 'way' }),
    state: element('td'),
    predicted: element('td', { class: 'number predicted' }),
    upper: element('td', { class: 'number predicted' }),
    measured: element('td', { class: 'number' }),
    arrived: element('td', { class: 'number arrived' }),
    ended: element('td', { class: 'number ended' }),
  };
  const state = element('span');
  cells.state.append(state);

  /** @param {HTMLElement} cell @param {number | undefined} time */
  const showTime = (cell, time) => {
    setText(cell, clock(time));
    if (time !== undefined) cell.title = fullTime(time);
  };
  /** @param {JobSummary} job */
  const show = (job) => {
    const key = readable(job.key);
    const slash = key.lastIndexOf('/', key.length - 2) + 1;
    setText(folder, key.slice(0, slash));
    setText(name, key.slice(slash));
    button.title = key;
    setText(failure, job.error && !isOpen(job) ? job.error.message : '');
    setText(cells.recipe, job.recipe);
    setText(cells.way, wayName(job.way));
    setText(state, job.state);
    state.className = `state ${job.state}`;
    setText(cells.predicted, seconds(job.predicted?.median));
    setText(cells.upper, seconds(job.predicted?.upper));
    setText(cells.measured, seconds(job.measured));
    showTime(cells.arrived, job.arrivedAt);
    showTime(cells.ended, job.endedAt);
  };
  return { row: element('tr', { class: 'job' }, ...Object.values(cells)), button, show };
};
