// What the model says in the tests, and the notes that it is asked about.

export const NOTES = [
  "テストがときどき落ちる。",
  "CI では再実行で通ることが多い。",
  "原因はまだ分からない。",
  "",
  "A second paragraph.",
  "",
].join("\n");

const NAMES = ["depth", "breadth", "structure", "time"];

/** The same change for every perspective. */
export const each = (odd) => Object.fromEntries(NAMES.map((name) => [name, odd]));

/** Every perspective says `lines` lines, one each `delay_ms`; `odd` changes some. */
export function script(lines, delay_ms, odd = {}) {
  const chunks = (name) => Array.from({ length: lines }, (_, n) => `- ${name} ${n + 1} を考える\n`);
  return Object.fromEntries(NAMES.map((name) => [name, { chunks: chunks(name), delay_ms, ...odd[name] }]));
}
