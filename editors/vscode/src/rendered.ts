/// <reference lib="dom" />
/**
 * The script of a panel's rendered preview: what is read stays where it is while answers above it grow. The editor puts
 * the new text into the old elements, in order: elements cannot serve as anchors, their text does.
 */

interface Anchor {
  readonly text: string;
  /** The distance from the top of the page, in pixels. */
  readonly at: number;
}

/** How many of the blocks in sight are kept in mind: the first of them that is still there decides. */
const ANCHORS = 12;

const settings = document.getElementById("vscode-markdown-preview-data")?.dataset["settings"];
if (settings !== undefined && isPanel(settings)) {
  hold();
}

/** Every preview loads this script. */
function isPanel(settings: string): boolean {
  const { source } = JSON.parse(settings) as { source?: string };
  return source?.startsWith("kaizodo:") ?? false;
}

function hold(): void {
  // The browser's own scroll anchoring goes by elements.
  document.documentElement.style.overflowAnchor = "none";
  document.body.style.overflowAnchor = "none";
  let anchors = inSight();
  let isLooking = false;
  let ours = Number.NaN;
  window.addEventListener("scroll", () => {
    if (!isLooking && window.scrollY !== ours) {
      isLooking = true;
      requestAnimationFrame(() => {
        isLooking = false;
        anchors = inSight();
      });
    }
  });
  window.addEventListener("vscode.markdown.updateContent", () => {
    // A window scrolls by whole pixels of the screen: what is missing is carried over.
    const missed = bringBack(anchors);
    anchors = inSight().map(({ text, at }) => ({ text, at: at - missed }));
    ours = window.scrollY;
  });
}

/** The blocks in sight whose text stands nowhere else. */
function inSight(): Anchor[] {
  return [...blocks()]
    .map(([text, element]) => ({ text, rect: element.getBoundingClientRect() }))
    .filter(({ rect }) => rect.bottom > 0 && rect.top < window.innerHeight)
    .slice(0, ANCHORS)
    .map(({ text, rect: { top } }) => ({ text, at: top + window.scrollY }));
}

/**
 * Scrolls by what the first anchor that is still there has moved, and says by how many pixels it missed that. A reader at
 * the very top sees what is new.
 */
function bringBack(anchors: readonly Anchor[]): number {
  const all = blocks();
  const found = anchors.flatMap(({ text, at }) => {
    const element = all.get(text);
    return element === undefined ? [] : [{ element, at }];
  })[0];
  if (found === undefined || window.scrollY <= 0) {
    return 0;
  }
  const top = found.at - window.scrollY;
  window.scrollBy({ top: found.element.getBoundingClientRect().top - top, behavior: "instant" });
  return found.element.getBoundingClientRect().top - top;
}

/** The blocks of text in their order, by their text; those of which there are two are left out. */
function blocks(): Map<string, Element> {
  const found = new Map<string, Element>();
  const twice = new Set<string>();
  for (const element of document.querySelectorAll(".markdown-body :is(p, li, h1, h2, h3, h4, h5, h6, tr, pre)")) {
    const text = `${element.tagName} ${element.textContent}`;
    if (found.has(text)) {
      twice.add(text);
    }
    found.set(text, element);
  }
  for (const text of twice) {
    found.delete(text);
  }
  return found;
}
