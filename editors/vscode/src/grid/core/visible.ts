/** Making characters that hide text or turn it round visible, as the panel does. */

/**
 * Controls (but for tab and line end), line separators that Markdown does not know, bidirectional
 * controls (CVE-2021-42574) and what Unicode calls default-ignorable. The server has the same
 * table (`panel/sanitize/visible.rs`).
 */
const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;

/** Letters and marks of scripts whose words are written with joiners: from Hebrew to Mongolian. */
const JOINED =
  /[\u0590-\u10ff\u1700-\u18af\u1900-\u1cff\ua800-\ua95f\ua980-\uaaff\uabc0-\uabff\ufb1d-\ufdff\ufe70-\ufefc\u{10a00}-\u{11fff}\u{1e900}-\u{1eeff}]/u;

const EMOJI = /[©®‼⁉™ℹ\u2190-\u2bff〰〽㊗㊙\u{1f000}-\u{1faff}]/u;

const HAN = /[々〇\u3400-\u9fff\uf900-\ufaff\u{20000}-\u{3ffff}]/u;

/** Text with its hidden characters shown by their number: `U+202E`. */
export function showHidden(text: string): string {
  let shownTo = 0;
  return text.replace(HIDDEN, (c: string, at: number) => {
    const before = at === shownTo ? "" : lastCharacter(text.slice(Math.max(0, at - 2), at));
    if (belongs(c, before)) {
      return c;
    }
    shownTo = at + c.length;
    return `⟨U+${hex(c)}⟩`;
  });
}

/**
 * Whether a hidden character is one that writing behind another needs: one joiner or selector, where
 * a word or an emoji is written with it.
 */
function belongs(c: string, before: string): boolean {
  const code = c.codePointAt(0) ?? 0;
  if (before === "") {
    return false;
  }
  if (code === 0x200c) {
    return JOINED.test(before);
  }
  if (code === 0x200d) {
    return JOINED.test(before) || EMOJI.test(before) || before === "\ufe0f";
  }
  if (code === 0xfe0e || code === 0xfe0f) {
    return EMOJI.test(before) || /[0-9#*]/.test(before);
  }
  if (code >= 0xfe00 && code <= 0xfe0d) {
    return before > "\u007f" && !/\s/u.test(before) && before.search(HIDDEN) < 0;
  }
  if (code >= 0x180b && code <= 0x180f && code !== 0x180e) {
    return /[\u1820-\u18aa]/.test(before);
  }
  return code >= 0xe0100 && code <= 0xe01ef && HAN.test(before);
}

function lastCharacter(text: string): string {
  return [...text].at(-1) ?? "";
}

/**
 * A sentence of the program or of a server, cut where it names a command or a setting between backticks: every second
 * piece is such a name. One piece where the backticks are no pairs.
 */
export function namesIn(sentence: string): string[] {
  const pieces = sentence.split("`");
  const arePairs = pieces.length % 2 === 1 && pieces.every((piece, i) => i % 2 === 0 || piece !== "");
  return arePairs ? pieces : [sentence];
}

/** HTML that shows the text as it is typed, hidden characters included. */
export function toHtml(text: string): string {
  return showHidden(text)
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;");
}

function hex(c: string): string {
  return (c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
}
