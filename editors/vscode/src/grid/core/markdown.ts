/**
 * Markdown of a model as HTML that only shows: nothing in it can be followed, loaded or run.
 *
 * HTML is text, images stay as typed, a link is its text and its true target, and headings stand
 * below the page's own.
 */

import MarkdownIt from "markdown-it";
import { toHtml } from "./visible.js";

export type Markdown = InstanceType<typeof MarkdownIt>;

/** Where in an answer a text that is parsed begins: then its blocks say which lines of the answer they are (`data-lines`). */
export interface Place {
  line?: number;
}

/** The page's own headings are the title and one for each pane. */
const OWN_HEADINGS = 2;

export function inertMarkdown(): Markdown {
  // Answers are lists of one-line items: a line end is one.
  const md = new MarkdownIt({ html: false, linkify: false, typographer: false, breaks: true });
  // A definition would be invisible, and one that comes late would change blocks above it.
  md.disable(["reference"]);
  md.inline.ruler.before("escape", "math", math);
  Object.assign(md.renderer.rules, inertRules());
  md.core.ruler.push("fit_into_the_page", ({ tokens, env, src }) => {
    const { line } = env as Place;
    const lines = src.split("\n");
    for (const token of tokens) {
      if (token.type === "heading_open" || token.type === "heading_close") {
        token.tag = `h${Math.min(6, Number(token.tag.slice(1)) + OWN_HEADINGS)}`;
      } else if (token.type === "th_open" || token.type === "td_open") {
        // The page's policy lets no style in that stands at an element.
        const side = /^text-align:(left|center|right)$/.exec(String(token.attrGet("style") ?? ""))?.[1];
        token.attrs = side === undefined ? null : [["class", side]];
      }
      if (line !== undefined && token.map !== null && token.nesting >= 0) {
        const [first, end] = token.map;
        let last = Math.max(first, end - 1);
        // The last item of a list has the blank lines behind it.
        while (last > first && lines[last]?.trim() === "") {
          last -= 1;
        }
        token.attrSet("data-lines", `${line + first}-${line + last}`);
      }
    }
  });
  return md;
}

/**
 * A formula is shown as it is written, as code is: `$…$`, `$$…$$`, `\\(…\\)`, `\\[…\\]`. One dollar begins a formula where
 * a character follows it, and ends it behind a character and before none of a number: `$5 and $10` is money.
 */
const FORMULA = /\$\$(?!\$)(?:\\[^]|[^\\$])+?\$\$|\$(?![\s$])(?:\\.|[^\\$\n])*?(?<!\s)\$(?![\d$])|\\\((?:\\(?!\))[^]|[^\\]){1,2000}?\\\)|\\\[(?:\\(?!\])[^]|[^\\]){1,2000}?\\\]/y;

type InlineRule = Parameters<Markdown["inline"]["ruler"]["push"]>[1];

const math: InlineRule = (state, silent) => {
  const { pos, posMax, src } = state;
  if (src[pos] !== "$" && src[pos] !== "\\") {
    return false;
  }
  FORMULA.lastIndex = pos;
  const found = FORMULA.exec(src)?.[0];
  if (found === undefined || pos + found.length > posMax) {
    return false;
  }
  if (!silent) {
    const token = state.push("math", "code", 0);
    token.content = found;
  }
  state.pos += found.length;
  return true;
};

function inertRules(): Markdown["renderer"]["rules"] {
  /** Of the links that are open at this point of the rendering. */
  const targets: string[] = [];
  const text: Rule = (tokens, i) => toHtml(tokens[i]?.content ?? "");
  return {
    text,
    text_special: text,
    code_inline: (tokens, i) => `<code>${toHtml(tokens[i]?.content ?? "")}</code>`,
    math: (tokens, i) => `<code class="math">${toHtml(tokens[i]?.content ?? "")}</code>`,
    code_block: (tokens, i) => pre(tokens[i]?.content ?? "", "", linesOf(tokens[i])),
    fence: (tokens, i) => pre(tokens[i]?.content ?? "", tokens[i]?.info.trim() ?? "", linesOf(tokens[i])),
    image: (tokens, i) => {
      const typed = `![${tokens[i]?.content ?? ""}](${tokens[i]?.attrGet("src") ?? ""})`;
      return `<span class="typed">${toHtml(typed)}</span>`;
    },
    link_open: (tokens, i) => {
      // `<https://…>` shows its target by itself.
      targets.push(tokens[i]?.info === "auto" ? "" : String(tokens[i]?.attrGet("href") ?? ""));
      return '<span class="link">';
    },
    link_close: () => {
      const target = targets.pop() ?? "";
      return target === "" ? "</span>" : `</span> <span class="target">⟨${toHtml(target)}⟩</span>`;
    },
    table_open: (tokens, i) => `<div class="table"><table${linesOf(tokens[i])}>\n`,
    table_close: () => "</table></div>\n",
  };
}

type Rule = NonNullable<Markdown["renderer"]["rules"][string]>;

function linesOf(token: Parameters<Rule>[0][number] | undefined): string {
  const lines = token?.attrGet("data-lines");
  return lines === undefined || lines === null ? "" : ` data-lines="${lines}"`;
}

function pre(code: string, info: string, lines: string): string {
  const label = info === "" ? "" : `<span class="info">${toHtml(info)}</span>`;
  return `<pre${lines}>${label}<code>${toHtml(code)}</code></pre>\n`;
}
