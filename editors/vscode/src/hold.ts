// Where a view of a text must be so that what its reader reads stays in place while text above it changes. Pure.

export interface Position {
  line: number;
  character: number;
}

/** The first and the last position in sight. */
export interface Sight {
  top: Position;
  bottom: Position;
}

/** The text between two positions is replaced. */
export interface Change {
  start: Position;
  end: Position;
  text: string;
}

/** Where to send the view: what it shows a few rows below its first one, or the last one with the least scrolling. */
export interface Move {
  show: Position;
  as: "top" | "bottom";
}

/** How long a reader who scrolls is left alone, in milliseconds. */
const SCROLLING_MS = 300;
/** How long the editor may take to tell what a change and our own move made of its view, in milliseconds. */
const ECHO_MS = 100;
/** Into how few characters a long line may be wrapped. */
const NARROW = 20;

/**
 * What one view should show, in the text as it is now. The editor leaves as many rows above what it is asked to show at
 * the top as below what it is asked to show at the bottom (those of its sticky lines), and does not tell how many. So the
 * view is first sent to its last row: what is then at the top is so many rows below what was. Asked for at the top, that
 * brings back the view to the row, then and later.
 */
export class Hold {
  private wanted: Sight;
  private told: Sight;
  private scrolled: number;
  /** What is asked for at the top, once it is known. */
  private handle: Position | undefined;
  private learning = Number.NEGATIVE_INFINITY;
  private settling = Number.NEGATIVE_INFINITY;
  /** How many rows came, at most, and how many lines went above a moment ago. */
  private changed: { at: number; came: number; went: number }[] = [];

  constructor(sight: Sight, now: number) {
    this.wanted = sight;
    this.told = sight;
    this.scrolled = now;
  }

  /** The editor tells what is in sight: the reader scrolled, unless it is only what changes and our moves made of it. */
  look(sight: Sight, now: number): Move | undefined {
    const isWhereItWas = order(sight.top, this.told.top) === 0;
    this.told = sight;
    if (now - this.learning < ECHO_MS && order(sight.bottom, this.wanted.bottom) >= 0 && order(sight.top, this.wanted.top) >= 0) {
      this.learning = Number.NEGATIVE_INFINITY;
      this.settling = now;
      this.handle = sight.top;
      return { show: sight.top, as: "top" };
    }
    if (isWhereItWas || this.isEcho(sight.top, now)) {
      return undefined;
    }
    this.wanted = sight;
    if (now - this.settling < ECHO_MS) {
      this.settling = Number.NEGATIVE_INFINITY;
      return undefined;
    }
    this.handle = undefined;
    this.scrolled = now;
    return undefined;
  }

  /** The text changed, the changes in the order in which they are made; where the view must go, if it must. */
  change(changes: readonly Change[], now: number): Move | undefined {
    const { top: before, bottom } = this.wanted;
    const isAtTheBeginning = before.line === 0 && before.character === 0;
    this.handle = this.handle && changes.reduce(after, this.handle);
    if (isAtTheBeginning || !changes.some(({ start }) => order(start, before) <= 0)) {
      return undefined;
    }
    const top = changes.reduce(after, before);
    const lines = top.line - before.line;
    // What changes in sight moves what is below it, as in any text: the last line is counted from the first.
    this.wanted = { top, bottom: { line: bottom.line + lines, character: bottom.character } };
    const wrapped = Math.ceil(changes.reduce((sum, { text }) => sum + text.length, 0) / NARROW);
    this.changed = [...this.recent(now), { at: now, came: Math.max(lines, 0) + wrapped, went: Math.max(-lines, 0) }];
    if (now - this.scrolled < SCROLLING_MS) {
      return undefined;
    }
    if (this.handle !== undefined) {
      return { show: this.handle, as: "top" };
    }
    this.learning = now;
    return { show: this.wanted.bottom, as: "bottom" };
  }

  /** Between where the view stays when lines come or go above it, and where it was sent then. */
  private isEcho(top: Position, now: number): boolean {
    const recent = this.recent(now);
    const left = this.wanted.top.line - top.line;
    const came = recent.reduce((sum, change) => sum + change.came, 0);
    const went = recent.reduce((sum, change) => sum + change.went, 0);
    return recent.length > 0 && left >= -went && left <= came;
  }

  private recent(now: number) {
    return this.changed.filter(({ at }) => now - at < ECHO_MS);
  }
}

/** Where a position is after a change. Inside of what was replaced it keeps its line, as far as there are lines. */
function after(place: Position, { start, end, text }: Change): Position {
  const inserted = text.split(/\r\n?|\n/);
  const last = start.line + inserted.length - 1;
  if (order(end, place) > 0) {
    return order(start, place) < 0 && place.line > last ? { line: last, character: 0 } : place;
  }
  const line = place.line + last - end.line;
  if (place.line !== end.line) {
    return { line, character: place.character };
  }
  const before = (inserted.length === 1 ? start.character : 0) + (inserted.at(-1) ?? "").length;
  return { line, character: before + place.character - end.character };
}

function order(one: Position, other: Position): number {
  return one.line - other.line || one.character - other.character;
}
