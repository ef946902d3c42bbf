// Which lines of a panel are folded once its focus is complete. Pure.

/** A panel as the server has it: its text, and the lines of sections' headings. */
export interface Sections {
  text: string;
  sections: readonly { branch: string; line: number }[];
}

/** Where the reader of a panel is: the first line in sight, and the line of the cursor. */
export interface Place {
  top: number;
  cursor: number;
}

/** Whether a reader is in one of these sections, or below them. */
export function isInView({ sections }: Sections, { top, cursor }: Place): boolean {
  const first = Math.min(...sections.map(({ line }) => line));
  return top >= first || cursor >= first;
}

/**
 * The headings of these sections: none for a reader who is in one of them, nothing where the editor shows a text that
 * is not as far as the server's, whose lines are then others.
 */
export function linesToFold(views: Sections, shown: string, place: Place): number[] | undefined {
  if (isInView(views, place)) {
    return [];
  }
  const lines = views.sections.map(({ line }) => line);
  const last = Math.max(-1, ...lines) + 1;
  const upTo = (all: string) => all.split(/\r\n?|\n/).slice(0, last).join("\n");
  return upTo(shown) === upTo(views.text) ? lines : undefined;
}
