// @ts-check
/** @import { Deployment } from '../answers.ts' */
import { element, find } from './dom.js';
import { bytes, readable } from './format.js';

/** So many uploads run at once; the rest wait for their turn. */
const atOnce = 2;

/**
 * Lets a person choose or drop pictures, and sends them to the input bucket.
 * @param {Deployment} deployment
 * @param {(text: string) => void} announce
 * @param {() => void} onUploaded
 */
export const createUploads = ({ recipes }, announce, onUploaded) => {
  const list = find('uploading', HTMLUListElement);
  const prefix = find('prefix', HTMLInputElement);
  const files = find('files', HTMLInputElement);
  /** @type {(() => Promise<void>)[]} */
  const waiting = [];
  let running = 0;

  const boxes = recipes.map((name) => element('input', { type: 'checkbox', value: name }));
  const showHint = () => {
    find('no-recipe', HTMLElement).hidden = boxes.some(({ checked }) => checked);
  };
  for (const box of boxes) {
    box.addEventListener('change', showHint);
    find('recipes', HTMLElement).append(element('label', {}, box, ` ${box.value}`));
  }

  const startNext = () => {
    const next = running < atOnce ? waiting.shift() : undefined;
    if (next === undefined) return;
    running += 1;
    void next().finally(() => {
      running -= 1;
      startNext();
    });
    startNext();
  };

  /** @param {Iterable<File>} chosen */
  const add = (chosen) => {
    const recipe = boxes.filter(({ checked }) => checked).map(({ value }) => value);
    for (const file of chosen) {
      const key = prefix.value + file.name;
      const item = makeItem(key, file, recipe.join(','));
      list.append(item.line);
      waiting.push(async () => {
        if (!(await item.send())) return;
        announce(`${readable(key)} is uploaded`);
        onUploaded();
      });
    }
    startNext();
  };

  files.addEventListener('change', () => {
    add(files.files ?? []);
    // The same files may be chosen again.
    files.value = '';
  });
  find('upload', HTMLFormElement).addEventListener('submit', (event) => event.preventDefault());

  const hasFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes('Files') ?? false;
  for (const type of /** @type {const} */ (['dragover', 'drop', 'dragleave'])) {
    addEventListener(type, (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      document.body.classList.toggle('drop', type === 'dragover');
      if (type === 'drop') add(event.dataTransfer?.files ?? []);
    });
  }
  return { isBusy: () => running > 0 };
};

/**
 * The line of one upload: it goes away when that has succeeded or is dismissed.
 * @param {string} key
 * @param {File} file
 * @param {string} recipe
 */
const makeItem = (key, file, recipe) => {
  const progress = element('progress', { max: 1, value: 0, 'aria-label': `Upload of ${readable(key)}` });
  const state = element('span', { class: 'hint' }, 'waiting');
  const button = element('button', { type: 'button' }, 'Cancel');
  const line = element('li', {}, element('bdi', {}, readable(key)), progress, state, button);
  const request = new XMLHttpRequest();
  let isCancelled = false;
  button.addEventListener('click', () => {
    isCancelled = true;
    request.abort();
    line.remove();
  });

  /** Whether it was stored. @returns {Promise<boolean>} */
  const send = () =>
    new Promise((resolve) => {
      if (isCancelled) return resolve(false);
      const fail = (/** @type {string} */ reason) => {
        state.textContent = reason;
        line.classList.add('failed');
        progress.remove();
        button.textContent = 'Dismiss';
        resolve(false);
      };
      request.upload.addEventListener('progress', ({ loaded }) => {
        progress.value = file.size === 0 ? 1 : loaded / file.size;
        state.textContent = `${bytes(loaded)} of ${bytes(file.size)}`;
      });
      request.addEventListener('load', () => {
        if (request.status !== 201) return fail(problemIn(request.responseText));
        line.remove();
        resolve(true);
      });
      request.addEventListener('error', () => fail('The embedded cloud did not take it. Is npm start still running?'));
      request.addEventListener('abort', () => resolve(false));
      request.open('PUT', `/_kadam/uploads?${new URLSearchParams({ key, ...(recipe && { recipe }) })}`);
      request.setRequestHeader('Content-Type', file.type || 'application/octet-stream');
      request.send(file);
    });
  return { line, send };
};

/** @param {string} text */
const problemIn = (text) => {
  try {
    return JSON.parse(text).error.message;
  } catch {
    return `Expected an answer of the console but received: ${text.slice(0, 200)}`;
  }
};
