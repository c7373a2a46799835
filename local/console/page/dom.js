// @ts-check
/**
 * Makes an element. Text is only ever text: keys are strangers' words.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number | boolean | undefined>} [attributes] false and undefined leave one out
 * @param {...(Node | string | undefined)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export const element = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
};

/**
 * The page's element of an id, which index.html has.
 * @template {HTMLElement} Kind
 * @param {string} id
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
export const find = (id, kind) => {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`Expected ${kind.name} #${id} in the page`);
};

/**
 * Sets a text that has changed, and leaves one that has not: a selection in it stays.
 * @param {Element} holder
 * @param {string} text
 */
export const setText = (holder, text) => {
  if (holder.textContent !== text) holder.textContent = text;
};
