/** Making characters that hide text or turn it round visible, as the panel does. */

/**
 * Controls (but for tab and line end), line separators that Markdown does not know, bidirectional
 * controls (CVE-2021-42574), zero-width characters and tag characters. Joiners stay: emoji
 * families and several scripts are written with them.
 */
const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** Text with its hidden characters shown by their number: `U+202E`. */
export function showHidden(text: string): string {
  return text.replace(HIDDEN, (c) => `⟨U+${hex(c)}⟩`);
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
