/**
 * Rendering a text that grows: blocks that can no longer change are rendered once.
 *
 * The parser itself says where its top-level blocks begin. What is appended later can change none
 * but the last (link definitions, which could, are off), so everything before it is settled. A
 * line without its end may still turn out to belong to the block before: `*` may become `**bold**`.
 */

import type { Markdown } from "./markdown.js";

export interface Rendered {
  /** HTML of the blocks that have settled since the last call. */
  settled: string;
  /** HTML of the block that may still change. */
  open: string;
}

export class GrowingText {
  /** How many UTF-16 units of the text are settled. */
  private offset = 0;
  /** How many lines of it are. */
  private settledLines = 0;

  constructor(private readonly md: Markdown) {}

  /** The rest of a text that begins with all texts given before. */
  render(text: string): Rendered {
    const rest = text.slice(this.offset);
    const tokens = this.md.parse(rest, { line: this.settledLines });
    const complete = rest.split(lineEnd).length - 1;
    const begins = tokens.map(
      ({ level, nesting, map }) => level === 0 && nesting >= 0 && (map?.[0] ?? 0) < complete,
    );
    const first = begins.lastIndexOf(true);
    const line = tokens[first]?.map?.[0] ?? 0;
    if (line === 0) {
      return { settled: "", open: this.md.renderer.render(tokens, this.md.options, {}) };
    }
    this.offset += lineOffset(rest, line);
    this.settledLines += line;
    return {
      settled: this.md.renderer.render(tokens.slice(0, first), this.md.options, {}),
      open: this.md.renderer.render(tokens.slice(first), this.md.options, {}),
    };
  }
}

/** What ends a line for the parser. */
const lineEnd = /\r\n?|\n/;

/** Where a line begins. */
function lineOffset(text: string, line: number): number {
  const ends = new RegExp(lineEnd, "g");
  for (let i = 0; i < line; i += 1) {
    if (ends.exec(text) === null) {
      return text.length;
    }
  }
  return ends.lastIndex;
}
