// Runs that the journal keeps, and the tree that they make. Pure.

/** A run as `kaizodo/journal/list` gives it (PROTOCOL.md, Journal): the members that this extension reads. */
export interface SavedRun {
  run: string;
  title: string;
  at: string;
  source: { uri: string; range: { start: { line: number }; end: { line: number; character?: number } } };
  outcome: string | null;
  alive: boolean;
  pinned?: boolean;
  /** The run whose answer it looks at more closely. */
  parent?: string | null;
  perspectives?: string[];
  /** Where the words that were searched for stand. */
  snippet?: string | null;
}

/** Which runs are wanted; without members, all. */
export interface SavedFilter {
  query?: string;
  uri?: string;
  folder?: string;
  /** Runs that are older than this one. */
  before?: string;
}

/** Some of the saved runs, the newest first. */
export interface SavedPage {
  runs: SavedRun[];
  /** The run that was looked at last, where there are older ones that were not looked at. */
  next?: string | null;
}

/** Reads the saved runs again as far as they were read, or, with `more`, the next ones to those. */
export async function readPages(
  read: (before: string | undefined) => Promise<SavedPage>,
  known: readonly SavedPage[],
  more = false,
): Promise<SavedPage[]> {
  const pages = more ? [...known] : [];
  const wanted = Math.max(1, known.length + (more ? 1 : 0));
  while (pages.length < wanted && (pages.length === 0 || nextOf(pages) !== undefined)) {
    pages.push(await read(nextOf(pages)));
  }
  return pages;
}

/** Where what was read goes on; nothing where it is all. */
export function nextOf(pages: readonly SavedPage[]): string | undefined {
  return pages.at(-1)?.next ?? undefined;
}

export interface Branching {
  saved: SavedRun;
  children: Branching[];
}

/** The runs in their order, each below the one that it goes on from where that is among them. */
export function treeOf(runs: readonly SavedRun[]): Branching[] {
  const all = new Map(runs.map((saved) => [saved.run, { saved, children: [] as Branching[] }]));
  const roots: Branching[] = [];
  for (const node of all.values()) {
    const parent = all.get(node.saved.parent ?? "");
    (parent === undefined || isBelow(parent, node, all) ? roots : parent.children).push(node);
  }
  return roots;
}

/** Whether a run goes on from another, over any number of others: a journal that says so of both is broken. */
function isBelow(node: Branching, from: Branching, all: ReadonlyMap<string, Branching>): boolean {
  const seen = new Set<Branching>();
  for (let at: Branching | undefined = node; at !== undefined && !seen.has(at); at = all.get(at.saved.parent ?? "")) {
    if (at === from) {
      return true;
    }
    seen.add(at);
  }
  return false;
}

/** `notes.md:3–5`: the name of the file and the lines, counted from 1, as a panel's head has it. */
export function placeOf({ source: { uri, range } }: SavedRun): string {
  const name = (uri.split(/[?#]/)[0] ?? "").replace(/^[^:/]*:/, "").split("/").pop() ?? "";
  const first = range.start.line + 1;
  const isWhole = range.end.character === 0 && range.end.line > range.start.line;
  const last = Math.max(first, range.end.line + (isWhole ? 0 : 1));
  return `${decode(name)}:${first === last ? first : `${first}–${last}`}`;
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // A stray `%` is part of the name.
  }
}
