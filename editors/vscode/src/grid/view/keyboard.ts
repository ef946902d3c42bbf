/// <reference lib="dom" />
/** The keys of the page. What they do is what the panes' buttons do. */

import { neighbour, type Direction } from "../geometry.js";
import type { PaneView } from "./pane.js";

const directions: Record<string, Direction> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};

/** Handles a key; the browser's own keys (Tab, Page Down, End, a button's Enter) stay as they are. */
export function onKey(event: KeyboardEvent, panes: readonly PaneView[], page: { fold(branch?: string): void }): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) {
    return;
  }
  const from = panes.findIndex((pane) => pane.root.contains(document.activeElement));
  const direction = directions[event.key];
  if (direction !== undefined && !event.shiftKey) {
    focus(panes, from < 0 ? 0 : neighbour(panes.map(box), from, direction));
    event.preventDefault();
  } else if (/^[1-9]$/.test(event.key)) {
    focus(panes, Number(event.key) - 1);
    event.preventDefault();
  } else if (!event.repeat && /^f$/i.test(event.key)) {
    page.fold(panes[from]?.branch);
  } else if (!event.repeat) {
    act(event, panes[from]);
  }
}

function act(event: KeyboardEvent, pane: PaneView | undefined): void {
  switch (event.key) {
    case "Enter":
      if (event.target === pane?.body) {
        pane?.enter();
      }
      break;
    case "a":
    case "A":
      pane?.ask();
      event.preventDefault();
      break;
    case "r":
    case "R":
      pane?.retry();
      break;
    case "s":
    case "S":
    case "Delete":
      pane?.stop();
      break;
  }
}

function focus(panes: readonly PaneView[], index: number | undefined): void {
  const pane = index === undefined ? undefined : panes[index];
  pane?.focus();
  pane?.root.scrollIntoView({ block: "nearest" });
}

function box({ root }: PaneView) {
  return {
    left: root.offsetLeft,
    top: root.offsetTop,
    width: root.offsetWidth,
    height: root.offsetHeight,
  };
}
