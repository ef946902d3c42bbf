// Whether a reader wants to be kept at the end of a panel that grows. Pure.

export interface Look {
  /** The first and the last line in sight. */
  top: number;
  bottom: number;
  /** The line of the cursor. */
  cursor: number;
  lines: number;
  /** This view was moved for the reader a moment ago. */
  moved: boolean;
}

export interface Reader {
  top: number;
  following: boolean;
}

/**
 * A reader is at the end who has the last line in sight and has gone there: a panel that fits into the window is no
 * reason to scroll away from its beginning. One who scrolls up is left alone, even if a move that was under way then
 * brings them to the end once more.
 */
export function read(before: Reader | undefined, look: Look): Reader {
  const last = look.lines - 1;
  const wentThere = look.top > 0 || (last > 0 && look.cursor === last);
  if (look.bottom >= last && wentThere) {
    return { top: look.top, following: before?.following === true || !look.moved };
  }
  const up = before !== undefined && look.top < before.top;
  return { top: look.top, following: (before?.following ?? false) && !up };
}
