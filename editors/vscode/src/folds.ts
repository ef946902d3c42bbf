// Which lines of a panel are folded once its focus is complete. Pure.

/** A panel as the server has it: its text, and the line of each section's heading. */
export interface Sections {
  text: string;
  sections: readonly { branch: string; line: number }[];
}

/** Where the reader of a panel is: the first line in sight, and the line of the cursor. */
export interface Place {
  top: number;
  cursor: number;
}

/**
 * The headings of the views: none for a reader who is in one of them, nothing where the editor is not as far as the
 * server, whose lines are then others.
 */
export function linesToFold(
  { text, sections }: Sections,
  views: readonly string[],
  shown: string,
  { top, cursor }: Place,
): number[] | undefined {
  const lines = sections.filter(({ branch }) => views.includes(branch)).map(({ line }) => line);
  const first = Math.min(...lines);
  if (lines.length === 0 || top >= first || cursor >= first) {
    return [];
  }
  const last = Math.max(...lines) + 1;
  const upTo = (all: string) => all.split(/\r\n?|\n/).slice(0, last).join("\n");
  return upTo(shown) === upTo(text) ? lines : undefined;
}
