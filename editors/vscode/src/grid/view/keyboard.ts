/// <reference lib="dom" />
/** The keys of the page. What they do is what the panes' buttons do; what scrolls is the browser's own. */

import { neighbour, type Direction } from "../geometry.js";
import type { PaneView } from "./pane.js";

export interface KeyedPage {
  fold(branch?: string): void;
  /** Shows all panes again; false where they are all shown. */
  showAll(): boolean;
  goTo(pane: PaneView): void;
}

const sideways: Record<string, Direction> = { ArrowLeft: "left", ArrowRight: "right" };

/** Handles a key; the browser's own keys (Tab, Page Down, an arrow down, a button's Enter) stay as they are. */
export function onKey(event: KeyboardEvent, panes: readonly PaneView[], page: KeyedPage): void {
  // In a text field, what is not the field's own is the browser's: there, all of the question is selected.
  if (event.isComposing || event.target instanceof HTMLTextAreaElement) {
    return;
  }
  const shown = panes.filter(({ root }) => root.getClientRects().length > 0);
  const from = shown.findIndex((pane) => pane.root.contains(document.activeElement));
  const pane = shown[from];
  if (event.ctrlKey || event.metaKey || event.altKey) {
    if (pane !== undefined && event.key === "a" && event.ctrlKey !== event.metaKey && !event.altKey) {
      // All of this answer, not of the page: and the editor must not select more.
      pane.selectAll();
      take(event);
    }
    return;
  }
  const direction = sideways[event.key];
  if (direction !== undefined && !event.shiftKey) {
    // A code block that has the focus is scrolled.
    if (!document.activeElement?.matches(".answer *")) {
      go(shown[from < 0 ? 0 : (neighbour(shown.map(box), from, direction) ?? -1)], page);
      event.preventDefault();
    }
  } else if (/^[1-9]$/.test(event.key)) {
    go(panes[Number(event.key) - 1], page);
    event.preventDefault();
  } else if (event.key === "Escape" && (deselect(panes) || page.showAll())) {
    take(event);
  } else if (!event.repeat && /^f$/i.test(event.key)) {
    page.fold(pane?.branch);
  } else if (!event.repeat) {
    act(event, pane);
  }
}

/** Takes away what is selected in an answer, and with it what stands over the text; false where nothing is. */
function deselect(panes: readonly PaneView[]): boolean {
  const selection = document.getSelection();
  if (selection === null || selection.isCollapsed || !panes.some(({ answer }) => answer.contains(selection.anchorNode))) {
    return false;
  }
  selection.removeAllRanges();
  return true;
}

/** This key is the page's alone. */
function take(event: KeyboardEvent): void {
  event.preventDefault();
  event.stopPropagation();
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
    case "c":
    case "C":
      pane?.copy();
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

function go(pane: PaneView | undefined, page: KeyedPage): void {
  if (pane !== undefined) {
    page.goTo(pane);
  }
}

function box({ root }: PaneView) {
  return {
    left: root.offsetLeft,
    top: root.offsetTop,
    width: root.offsetWidth,
    height: root.offsetHeight,
  };
}
