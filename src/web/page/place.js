// @ts-check
/**
 * The reader's place: text that grows above it does not move it. The browser's own anchoring does not know which of two
 * columns is read, and not every browser has one; so it is off, and this is in its place.
 */

/** @type {Element | undefined} */
let readPane;

/** Follows which pane the reader was in last: with the pointer, the keyboard or a selection. */
export function watchReader() {
  for (const kind of ["pointerdown", "focusin"]) {
    document.addEventListener(kind, ({ target }) => {
      const pane = target instanceof Element ? target.closest(".pane") : null;
      readPane = pane ?? (kind === "pointerdown" ? undefined : readPane);
    });
  }
}

/**
 * Changes the page and leaves what is being read where it is.
 *
 * @param {readonly HTMLElement[]} answers from the first to the last
 * @param {() => void} change
 */
export function keepPlace(answers, change) {
  const anchor = window.scrollY > 0 ? anchorOf(answers) : undefined;
  const before = anchor?.getBoundingClientRect().top ?? 0;
  change();
  const moved = anchor?.isConnected ? anchor.getBoundingClientRect().top - before : 0;
  if (Math.abs(moved) >= 1) {
    window.scrollBy({ top: moved, behavior: "instant" });
  }
}

/** An answer grows at its end only: what stands in it stays as far from its beginning as it is.
 *
 * @param {readonly HTMLElement[]} answers
 */
function anchorOf(answers) {
  const seen = answers.filter((answer) => {
    const { top, bottom } = answer.getBoundingClientRect();
    return bottom > 0 && top < window.innerHeight;
  });
  return seen.find((answer) => readPane?.contains(answer)) ?? seen[0];
}
