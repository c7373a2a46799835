// @ts-check
/** @import { Deployment, JobList } from '../answers.ts' */
import { element, find, setText } from './dom.js';
import { isOpen } from './format.js';
import { createTable } from './table.js';
import { createUploads } from './uploads.js';

const busyMilliseconds = 1000;
/** While nothing is open, only uploads of other clients are to be noticed. */
const idleMilliseconds = 3000;
/** A list that takes long to answer is asked for less often: jobs are to have the machine, not their watchers. */
const restPerAnswer = 5;
const pageSize = 200;

const text = find('text', HTMLInputElement);
const state = find('state', HTMLSelectElement);
const problem = find('problem', HTMLElement);
const more = find('more', HTMLButtonElement);
const empty = find('empty', HTMLElement);
const jobs = find('jobs', HTMLTableElement);

/** Says what changed to whoever listens to the page; of many things at once the first few. @param {string} news */
const announce = (news) => {
  if (unsaid.push(news) > 1) return;
  setTimeout(() => {
    const rest = unsaid.length - 3;
    find('news', HTMLElement).textContent = unsaid.slice(0, 3).join('. ') + (rest > 0 ? `, and ${rest} more` : '');
    unsaid = [];
  }, 500);
};
/** @type {string[]} */
let unsaid = [];

const table = createTable(jobs, announce);
let limit = pageSize;
/** @type {{ isBusy: () => boolean } | undefined} */
let uploads;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** Counts requests, so that an answer that was overtaken by a newer one is not shown. */
let asked = 0;

/** @template Answer @param {string} path @returns {Promise<Answer>} */
const ask = async (path) => {
  const response = await fetch(path).catch(() => undefined);
  if (response === undefined)
    throw new Error('The embedded cloud does not answer. Start it with npm start; this page goes on by itself.');
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error.message);
  return answer;
};

/** @param {Deployment} deployment */
const showDeployment = (deployment) => {
  if (uploads !== undefined) return;
  const { endpoint, inputBucket, outputBucket } = deployment;
  find('place', HTMLElement).append(
    'uploads into ',
    element('code', {}, `s3://${inputBucket}`),
    ', results out of ',
    element('code', {}, `s3://${outputBucket}`),
    ' at ',
    element('code', {}, endpoint),
  );
  const commands = [
    `export AWS_ENDPOINT_URL=${endpoint} AWS_ACCESS_KEY_ID=kadam AWS_SECRET_ACCESS_KEY=kadam AWS_DEFAULT_REGION=us-east-1`,
    `aws s3 cp photo.jpg s3://${inputBucket}/photo.jpg`,
  ];
  empty.append(
    element('h2', {}, 'Nothing has been uploaded yet'),
    element('p', {}, 'Drop pictures anywhere on this page, choose them with the button above, or use any S3 client:'),
    element('pre', {}, commands.join('\n')),
    element('p', {}, 'Each upload appears here with the way that was chosen for it, the reasons, and its results.'),
  );
  uploads = createUploads(deployment, announce, refresh);
};

/** @param {JobList} list */
const show = ({ jobs: found, isMore }) => {
  const isFiltered = text.value !== '' || state.value !== '';
  const open = found.filter(isOpen).length;
  table.update(found);
  jobs.hidden = found.length === 0;
  empty.hidden = found.length > 0 || isFiltered;
  find('filter', HTMLFormElement).hidden = !empty.hidden;
  more.hidden = !isMore;
  const counted = `${found.length}${isMore ? ' newest' : ''} ${found.length === 1 ? 'job' : 'jobs'}`;
  setText(
    find('count', HTMLElement),
    isFiltered && found.length === 0 ? 'No job is like that' : `${counted}, ${open} open`,
  );
  document.title = open > 0 ? `(${open}) Kadam` : 'Kadam';
  return open > 0;
};

const refresh = async () => {
  clearTimeout(timer);
  asked += 1;
  const mine = asked;
  const begun = performance.now();
  let isBusy = false;
  try {
    if (uploads === undefined) showDeployment(await ask('/_kadam/deployment'));
    const query = new URLSearchParams({ limit: String(limit), text: text.value, state: state.value });
    /** @type {JobList} */
    const list = await ask(`/_kadam/jobs?${query}`);
    if (mine !== asked) return;
    isBusy = show(list) || (uploads?.isBusy() ?? false);
    problem.hidden = true;
  } catch (error) {
    if (mine !== asked) return;
    setText(problem, error instanceof Error ? error.message : String(error));
    problem.hidden = false;
  }
  // A page that nobody sees asks again when it is seen.
  if (document.hidden) return;
  const rest = Math.max(isBusy ? busyMilliseconds : idleMilliseconds, restPerAnswer * (performance.now() - begun));
  timer = setTimeout(refresh, rest);
};

/** @type {ReturnType<typeof setTimeout> | undefined} */
let typing;
text.addEventListener('input', () => {
  clearTimeout(typing);
  typing = setTimeout(refresh, 150);
});
state.addEventListener('change', refresh);
find('filter', HTMLFormElement).addEventListener('submit', (event) => event.preventDefault());
more.addEventListener('click', () => {
  limit += pageSize;
  void refresh();
});
document.addEventListener('visibilitychange', () => void refresh());
void refresh();
