/// <reference lib="dom" />
/** Small helpers for making elements. */

import { namesIn } from "../core/visible.js";

/** How long something that was asked for is waited for before it can be asked for again, in milliseconds. */
export const PENDING_MS = 2000;

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  text = "",
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

/** A button with a name for screen readers and a shorter one for the pointer. */
export function button(
  className: string,
  name: string,
  tip: string,
  press: () => void,
): HTMLButtonElement {
  const made = element("button", `button ${className}`);
  made.type = "button";
  made.title = tip;
  made.setAttribute("aria-label", name);
  made.addEventListener("click", press);
  return made;
}

/** Writes only what differs: an unchanged node costs no layout and is not read out again. */
export function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) {
    node.textContent = text;
  }
  node.hidden = text === "";
}

/** What {@link setSentence} has written. Not kept as an attribute, where others' text has no place. */
const said = new WeakMap<HTMLElement, string>();

/** Like {@link setText}, with the names between backticks as code. */
export function setSentence(node: HTMLElement, sentence: string): void {
  if (said.get(node) !== sentence) {
    said.set(node, sentence);
    node.replaceChildren(...namesIn(sentence).map((piece, i) => (i % 2 === 1 ? element("code", "", piece) : piece)));
  }
  node.hidden = sentence === "";
}

const paths = {
  stop: "M4 4h8v8H4z",
  retry:
    "M8 2.5a5.5 5.5 0 1 0 5.4 6.5h-1.5A4 4 0 1 1 8 4c1.1 0 2.1.45 2.83 1.17L9 7h4.5V2.5l-1.6 1.6A5.5 5.5 0 0 0 8 2.5z",
  ask: "M2 2.5h12v9H8.2L5 14.2v-2.7H2zM3.5 4v6h3v1.1L7.7 10h4.8V4zM5 5.3h6v1.2H5zm0 2.2h4v1.2H5z",
  more: "M2.8 6.8h2.4v2.4H2.8zm4 0h2.4v2.4H6.8zm4 0h2.4v2.4h-2.4z",
  /** Points to the right; turned where something is open. */
  chevron: "M5.7 13.7 5 13l4.6-5L5 3l.7-.7 5.3 5.3v.8z",
  copy: "M5 2h8.5v9.5H11V14H2.5V4.5H5zm1.3 2.5H11v5.7h1.2V3.3H6.3zM3.8 5.8v6.9h5.9V5.8z",
  alone: "M2 2h5v1.4H3.4V7H2zm7 0h5v5h-1.4V3.4H9zM2 9h1.4v3.6H7V14H2zm10.6 0H14v5H9v-1.4h3.6z",
  together: "M5.6 2H7v5H2V5.6h3.6zM9 2h1.4v3.6H14V7H9zM2 9h5v5H5.6v-3.6H2zm7 0h5v1.4h-3.6V14H9z",
  save: "M2.5 2.5h9l2 2v9h-11zM3.8 3.8v8.4h.9V8.5h6.6v3.7h.9V5l-1.2-1.2h-.9v3H5.2v-3zm2.6 0v1.8h2.6V3.8zM6 9.8v2.4h4V9.8z",
  text: "M2.5 3h11v1.4h-11zm0 3.2h8v1.4h-8zm0 3.2h11v1.4h-11zm0 3.2h6V14h-6z",
  preview: "M2 2.5h12v11H2zM3.4 3.9v8.2H9V3.9zm7 0v8.2h2.2V3.9zM4.5 5.5h3.3v1.2H4.5zm0 2.4h3.3v1.2H4.5z",
};

/** A drawing in the colour of the text around it. */
export function icon(name: keyof typeof paths): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", paths[name]);
  svg.append(path);
  return svg;
}
