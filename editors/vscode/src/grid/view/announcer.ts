/// <reference lib="dom" />
/** Tells a screen reader what has changed: states, never tokens. */

import { element } from "./dom.js";

/** Changes that come together are said together. */
const TOGETHER_MS = 400;

export class Announcer {
  readonly root = element("div", "said");
  /** By pane: a state that has passed before it could be said is not said. */
  private readonly waiting = new Map<string, string>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.root.setAttribute("role", "status");
    this.root.setAttribute("aria-live", "polite");
  }

  say(about: string, text: string): void {
    this.waiting.set(about, about === "" ? text : `${about}: ${text}`);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.root.textContent = [...this.waiting.values()].join("\n");
      this.waiting.clear();
    }, TOGETHER_MS);
  }
}
