/// <reference lib="dom" />
/** Small helpers for making elements. */

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

const paths = {
  stop: "M4 4h8v8H4z",
  retry:
    "M8 2.5a5.5 5.5 0 1 0 5.4 6.5h-1.5A4 4 0 1 1 8 4c1.1 0 2.1.45 2.83 1.17L9 7h4.5V2.5l-1.6 1.6A5.5 5.5 0 0 0 8 2.5z",
  ask: "M2 2.5h12v9H8.2L5 14.2v-2.7H2zM3.5 4v6h3v1.1L7.7 10h4.8V4zM5 5.3h6v1.2H5zm0 2.2h4v1.2H5z",
  more: "M2.8 6.8h2.4v2.4H2.8zm4 0h2.4v2.4H6.8zm4 0h2.4v2.4h-2.4z",
  /** Points to the right; turned where something is open. */
  chevron: "M5.7 13.7 5 13l4.6-5L5 3l.7-.7 5.3 5.3v.8z",
  down: "M7.25 2.5h1.5v7.6l3-3 1.05 1.05L8 13 3.2 8.15 4.25 7.1l3 3z",
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
