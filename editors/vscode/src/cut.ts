// Which lines of a panel say that a section is still alive. Pure.

/** A state in italics, or the wait for another attempt. That a focus is older than a view begins like the latter. */
const ALIVE = /^(_… .*_|↻ (\d|もう一度|Retried|Retrying).*)$/u;

/** The numbers of these lines, the last ones of their sections. */
export function aliveLines(text: string): number[] {
  const found: number[] = [];
  let last = true; // nothing but blank lines stands between here and the section's end
  for (const [at, line] of [...text.split(/\r\n?|\n/).entries()].reverse()) {
    if (last && ALIVE.test(line)) {
      found.unshift(at);
    }
    last = line === "" ? last : line.startsWith("## ");
  }
  return found;
}
