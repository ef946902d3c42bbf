/// <reference lib="dom" />
/**
 * The script of a panel's rendered preview: what is read stays where it is while answers above it grow. The editor puts
 * the new text into the old elements, in order, so that an element is no anchor: the words in it are.
 */

interface Anchor {
  readonly text: string;
  /** The distance from the top of the window, in pixels. */
  readonly top: number;
}

/** How many of the paragraphs in sight are kept in mind: the first of them that is still there decides. */
const ANCHORS = 12;

const data = document.getElementById("vscode-markdown-preview-data")?.dataset["settings"];
if (data !== undefined && isPanel(data)) {
  hold();
}

/** The script is loaded by every preview. */
function isPanel(settings: string): boolean {
  const { source } = JSON.parse(settings) as { source?: string };
  return source?.startsWith("kaizodo:") ?? false;
}

function hold(): void {
  // The browser's own way holds elements.
  document.documentElement.style.overflowAnchor = "none";
  document.body.style.overflowAnchor = "none";
  let anchors: Anchor[] = [];
  let left = Number.NaN;
  // Before the preview's own listener takes the new text, and after it.
  const before = ({ data }: MessageEvent<{ type?: string }>) => {
    if (data?.type === "updateContent" && window.scrollY !== left) {
      anchors = inSight();
    }
  };
  window.addEventListener("message", before, { capture: true });
  window.addEventListener("vscode.markdown.updateContent", () => {
    // A window scrolls by whole pixels of the screen: what was lost by it is made up for the next time.
    const off = bringBack(anchors);
    anchors = inSight().map(({ text, top }) => ({ text, top: top - off }));
    left = window.scrollY;
  });
}

/** The paragraphs in sight whose words stand nowhere else; none for a reader at the beginning, who sees what is new. */
function inSight(): Anchor[] {
  if (window.scrollY <= 0) {
    return [];
  }
  const all = paragraphs();
  return [...all]
    .filter(([, element]) => element !== undefined)
    .map(([text, element]) => ({ text, top: element?.getBoundingClientRect().top ?? 0 }))
    .filter(({ top }) => top >= 0 && top < window.innerHeight)
    .slice(0, ANCHORS);
}

/** Scrolls to where the first anchor that is still there was, and says by how many pixels it missed that. */
function bringBack(anchors: readonly Anchor[]): number {
  const all = paragraphs();
  for (const { text, top } of anchors) {
    const element = all.get(text);
    if (element !== undefined) {
      window.scrollBy({ top: element.getBoundingClientRect().top - top, behavior: "instant" });
      return element.getBoundingClientRect().top - top;
    }
  }
  return 0;
}

/** Every paragraph, item, heading and row by its words, in order; nothing where two have the same. */
function paragraphs(): Map<string, Element | undefined> {
  const found = new Map<string, Element | undefined>();
  for (const element of document.querySelectorAll(".markdown-body :is(p, li, h1, h2, h3, h4, tr, pre)")) {
    const text = `${element.tagName} ${element.textContent}`;
    found.set(text, found.has(text) ? undefined : element);
  }
  return found;
}
