// @ts-check
/** Tells a screen reader what has changed: states, never tokens. */

/** Changes that come together are said together. */
const TOGETHER_MS = 400;

export class Announcer {
  #root;
  /** By what it is about: a state that has passed before it could be said is not said. @type {Map<string, string>} */
  #waiting = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {HTMLElement} root a polite live region */
  constructor(root) {
    this.#root = root;
  }

  /**
   * @param {string} about a section's title, or nothing
   * @param {string} text
   */
  say(about, text) {
    this.#waiting.set(about, about === "" ? text : `${about}: ${text}`);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#root.textContent = [...this.#waiting.values()].join("\n");
      this.#waiting.clear();
    }, TOGETHER_MS);
  }
}
