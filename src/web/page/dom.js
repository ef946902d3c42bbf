// @ts-check
/** Small helpers for making elements. */

import { namesIn } from "./shared.js";

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} className
 * @param {string} [text]
 * @returns {HTMLElementTagNameMap[K]}
 */
export function element(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

/**
 * A button that says what it does; for screen readers also, to what.
 *
 * @param {string} className
 * @param {string} text
 * @param {() => void} press
 * @param {{ name?: string, sign?: keyof typeof paths }} [more]
 */
export function button(className, text, press, { name = "", sign } = {}) {
  const made = element("button", className);
  made.type = "button";
  if (sign !== undefined) {
    made.append(icon(sign));
  }
  if (text !== "") {
    made.append(element("span", "", text));
  }
  // A narrow page leaves the text out.
  if (name !== "") {
    made.setAttribute("aria-label", name);
    made.title = name;
  }
  made.addEventListener("click", () => {
    if (made.getAttribute("aria-disabled") !== "true") {
      press();
    }
  });
  return made;
}

/**
 * A button that cannot be pressed for now. It keeps the keyboard, which one that is `disabled` would lose.
 *
 * @param {HTMLButtonElement} button
 * @param {boolean} is
 */
export function setDisabled(button, is) {
  button.setAttribute("aria-disabled", String(is));
}

/**
 * Writes only what differs: an unchanged node costs no layout and is not read out again.
 *
 * @param {HTMLElement} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) {
    node.textContent = text;
  }
  node.hidden = text === "";
}

/** What {@link setSentence} has written. Not kept as an attribute, where others' text has no place. @type {WeakMap<HTMLElement, string>} */
const said = new WeakMap();

/**
 * Like {@link setText}, with the names between backticks as code.
 *
 * @param {HTMLElement} node
 * @param {string} sentence
 */
export function setSentence(node, sentence) {
  if (said.get(node) !== sentence) {
    said.set(node, sentence);
    node.replaceChildren(...namesIn(sentence).map((piece, i) => (i % 2 === 1 ? element("code", "", piece) : piece)));
  }
  node.hidden = sentence === "";
}

/**
 * The page's own element of that id.
 *
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @returns {T}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (found === null) {
    throw new Error(`the page has no #${id}`);
  }
  return /** @type {T} */ (found);
}

/** A key that an input method takes; some browsers say so by its code alone, on the Enter that ends a composition.
 *
 * @param {KeyboardEvent} event
 */
export function isComposing(event) {
  return event.isComposing || event.keyCode === 229;
}

/** The one key that sends: a line end stays a line end, and no input method uses it.
 *
 * @param {KeyboardEvent} event
 */
export function sends(event) {
  return event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.altKey && !isComposing(event);
}

const paths = {
  stop: "M4 4h8v8H4z",
  retry:
    "M8 2.5a5.5 5.5 0 1 0 5.4 6.5h-1.5A4 4 0 1 1 8 4c1.1 0 2.1.45 2.83 1.17L9 7h4.5V2.5l-1.6 1.6A5.5 5.5 0 0 0 8 2.5z",
  ask: "M2 2.5h12v9H8.2L5 14.2v-2.7H2zM3.5 4v6h3v1.1L7.7 10h4.8V4z",
  copy: "M5.5 2H13v9.5h-2V14H3V4.5h2.5zM7 3.5v6.5h4.500V3.500zM5.500 6H4.500v6.500h5v-1h-4z",
  mark: "M12.1 1.800a1 1 0 0 1 1.400 0l.7.7a1 1 0 0 1 0 1.400l-7.800 7.800-3.200.9.9-3.200zM2.500 13.500h11V15h-11z",
  pin: "M10.2 1.500 14.500 5.800l-1 1-.7-.1-2.600 2.600.1 2.600-1.100 1.100-2.900-2.900L2.500 14l-.6-.6 3.900-3.800L2.900 6.700 4 5.600l2.600.1L9.200 3.100l-.1-.6z",
  bin: "M6 2h4v1.500h3.500V5h-11V3.500H6zM3.800 6h8.400l-.6 8H4.400zm2.400 1.500.2 5h1l-.1-5zm2.500 0-.1 5h1l.2-5z",
  history: "M8 2a6 6 0 1 1-5.700 4.100l1.400.5A4.500 4.500 0 1 0 5 4.700h2v1.500H2.500V1.700H4v1.800A6 6 0 0 1 8 2zm-.8 2.700h1.500v3l2.100 2.100-1 1.100-2.600-2.600z",
};

/**
 * A drawing in the colour of the text around it.
 *
 * @param {keyof typeof paths} name
 */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", paths[name]);
  svg.append(path);
  return svg;
}
