// Where a view of a text must be, so that what is read there stays in place while text above it changes. Pure.

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

/** What to reveal: at the top of the view, or at its bottom by the least scrolling. */
export interface Move {
  show: Position;
  as: "top" | "bottom";
}

/** How long a reader who scrolls is left alone, in milliseconds. */
const SCROLLING_MS = 300;
/** How long the editor may take to report what a change, or our own move, did to its view, in milliseconds. */
const ECHO_MS = 100;
/** The narrowest wrapping that is assumed, in characters. */
const NARROW = 20;

/**
 * What one view should show, in the text as it is now. The editor keeps a margin of some rows (for its sticky lines) above
 * what it reveals at the top and below what it reveals at the bottom; the two are equal, and it does not tell how many rows
 * they are. To find out, the last row in sight is revealed at the bottom: the view moves down by the margin. Revealing at
 * the top what is then the first row brings back the view of before, at once and after every later change.
 */
export class Hold {
  private wanted: Sight;
  private reported: Sight;
  private scrolledAt: number;
  /** What to reveal at the top, once it is known. */
  private target: Position | undefined;
  private probedAt = Number.NEGATIVE_INFINITY;
  private restoredAt = Number.NEGATIVE_INFINITY;
  /** Recent changes above: how many rows they added at most, and how many lines they removed. */
  private recent: { at: number; added: number; removed: number }[] = [];

  constructor(sight: Sight, now: number) {
    this.wanted = sight;
    this.reported = sight;
    this.scrolledAt = now;
  }

  /** The editor reports what is in sight: the reader has scrolled, unless it is what changes and our moves have done. */
  look(sight: Sight, now: number): Move | undefined {
    const isSame = order(sight.top, this.reported.top) === 0;
    this.reported = sight;
    const isBelow = order(sight.bottom, this.wanted.bottom) >= 0 && order(sight.top, this.wanted.top) >= 0;
    if (now - this.probedAt < ECHO_MS && isBelow) {
      this.probedAt = Number.NEGATIVE_INFINITY;
      this.restoredAt = now;
      this.target = sight.top;
      return { show: sight.top, as: "top" };
    }
    if (!isSame && !this.isEcho(sight.top, now)) {
      this.wanted = sight;
      const isRestored = now - this.restoredAt < ECHO_MS;
      this.restoredAt = Number.NEGATIVE_INFINITY;
      if (!isRestored) {
        this.target = undefined;
        this.scrolledAt = now;
      }
    }
    return undefined;
  }

  /** The text has changed, by these changes in this order: what to reveal, if anything. */
  change(changes: readonly Change[], now: number): Move | undefined {
    const { top: before, bottom } = this.wanted;
    const isAtTheTop = before.line === 0 && before.character === 0;
    this.target = this.target && changes.reduce(after, this.target);
    if (isAtTheTop || !changes.some(({ start }) => order(start, before) <= 0)) {
      return undefined;
    }
    const top = changes.reduce(after, before);
    const lines = top.line - before.line;
    // What changes in sight moves what is below it, as in any text: the last line is counted from the first.
    this.wanted = { top, bottom: { line: bottom.line + lines, character: bottom.character } };
    const wrapped = Math.ceil(changes.reduce((sum, { text }) => sum + text.length, 0) / NARROW);
    this.recent.push({ at: now, added: Math.max(lines, 0) + wrapped, removed: Math.max(-lines, 0) });
    if (now - this.scrolledAt < SCROLLING_MS) {
      return undefined;
    }
    if (this.target !== undefined) {
      return { show: this.target, as: "top" };
    }
    this.probedAt = now;
    return { show: this.wanted.bottom, as: "bottom" };
  }

  /** Whether the first row reported is between where recent changes have left the view and where it was sent. */
  private isEcho(top: Position, now: number): boolean {
    this.recent = this.recent.filter(({ at }) => now - at < ECHO_MS);
    const above = this.wanted.top.line - top.line;
    const added = this.recent.reduce((sum, change) => sum + change.added, 0);
    const removed = this.recent.reduce((sum, change) => sum + change.removed, 0);
    return this.recent.length > 0 && above >= -removed && above <= added;
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
