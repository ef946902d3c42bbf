// @ts-check
/** How far the page is scrolled, over a reload: what a run has said until then comes anew. */

const KEY = "kaizodo.scrolled";
/** A page that has not become as long as it was by then, counted from the first that is drawn, stays where it is. */
const PATIENCE_MS = 5000;

export class Scrolled {
  /** @type {number | undefined} */
  #wanted;
  /** @type {number | undefined} */
  #until;

  constructor() {
    history.scrollRestoration = "manual";
    for (const kind of ["wheel", "pointerdown", "keydown", "touchstart"]) {
      window.addEventListener(kind, () => (this.#wanted = undefined), { passive: true });
    }
  }

  /** @param {string} run */
  keep(run) {
    sessionStorage.setItem(KEY, JSON.stringify([run, window.scrollY]));
  }

  /** The page comes back to where it was left, if it is that run's.
   *
   * @param {string} run
   */
  restore(run) {
    const [kept, top] = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    sessionStorage.removeItem(KEY);
    this.#wanted = kept === run && typeof top === "number" && top > 0 ? top : undefined;
    this.#until = undefined;
  }

  /** More of the run is on the page. */
  drawn() {
    this.#until ??= performance.now() + PATIENCE_MS;
    if (this.#wanted === undefined || performance.now() > this.#until) {
      this.#wanted = undefined;
      return;
    }
    window.scrollTo({ top: this.#wanted, behavior: "instant" });
    if (Math.abs(window.scrollY - this.#wanted) <= 1) {
      this.#wanted = undefined;
    }
  }
}
