// @ts-check
/**
 * What a model wrote, as elements that only show. The Markdown is made inert where it is rendered (`shared.js`); here the
 * elements that came of it are looked at once more, so that whatever is none of those that an answer is made of stands
 * as its text. Nothing else in the page makes elements of a text.
 */

import { GrowingText, inertMarkdown } from "./shared.js";

/** By element, which attributes may stand at it. @type {Map<string, string[]>} */
const ALLOWED = new Map(
  Object.entries({
    h3: [], h4: [], h5: [], h6: [], p: [], ul: [], li: [], blockquote: [], hr: [], br: [],
    ol: ["start"], pre: [], code: ["class"], em: [], strong: [], s: [],
    table: [], thead: [], tbody: [], tr: [], th: ["class"], td: ["class"], div: ["class"], span: ["class"],
  }),
);
const CLASSES = /^(?:table|link|target|typed|info|math|left|center|right)$/;

const policy = makePolicy();
const markdown = inertMarkdown();

/** An answer that grows: elements of the blocks that have settled, and of the one that may still change. */
export class GrowingAnswer {
  root = document.createElement("div");
  #open = document.createElement("div");
  #text = new GrowingText(markdown);
  #generation = -1;
  #shown = "";

  constructor() {
    this.root.className = "answer";
    this.#open.className = "open";
    this.root.append(this.#open);
  }

  /**
   * Shows a text; of the same generation, it begins with what is shown. True where something has changed.
   *
   * @param {string} text
   * @param {number} generation
   */
  show(text, generation) {
    if (generation === this.#generation && text === this.#shown) {
      return false;
    }
    if (generation !== this.#generation) {
      this.#text = new GrowingText(markdown);
      this.root.replaceChildren(this.#open);
      this.#generation = generation;
    }
    this.#shown = text;
    const { settled, open } = this.#text.render(text);
    if (settled !== "") {
      this.#open.before(elements(settled));
    }
    this.#open.replaceChildren(elements(open));
    return true;
  }
}

/** What is wider than its place can be scrolled by the keyboard, and only that.
 *
 * @param {HTMLElement} answer
 */
export function reachWide(answer) {
  for (const block of /** @type {NodeListOf<HTMLElement>} */ (answer.querySelectorAll("pre, .table"))) {
    if (block.scrollWidth > block.clientWidth + 1) {
      block.tabIndex = 0;
    } else {
      block.removeAttribute("tabindex");
    }
  }
}

/** A whole text.
 *
 * @param {string} text
 */
export function inertElements(text) {
  return elements(markdown.render(text, {}));
}

/** @param {string} html */
function elements(html) {
  const template = document.createElement("template");
  template.innerHTML = /** @type {string} */ (policy.createHTML(html));
  for (const found of template.content.querySelectorAll("*")) {
    check(found);
  }
  return template.content;
}

/** @param {Element} found */
function check(found) {
  const allowed = ALLOWED.get(found.localName);
  if (allowed === undefined || found.namespaceURI !== "http://www.w3.org/1999/xhtml") {
    found.replaceWith(found.textContent ?? "");
    return;
  }
  for (const { name, value } of [...found.attributes]) {
    const known = name === "data-lines" || (allowed.includes(name) && (name !== "class" || CLASSES.test(value)));
    if (!known) {
      found.removeAttribute(name);
    }
  }
}

/** @returns {{ createHTML(html: string): unknown }} */
function makePolicy() {
  const rules = { createHTML: (/** @type {string} */ html) => html };
  const { trustedTypes } = /** @type {any} */ (window);
  return trustedTypes === undefined ? rules : trustedTypes.createPolicy("kaizodo", rules);
}
