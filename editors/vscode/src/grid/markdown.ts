/**
 * Markdown of a model as HTML that only shows: nothing in it can be followed, loaded or run.
 *
 * HTML is text, images stay as typed, a link is its text and its true target, and headings stand
 * below the page's own.
 */

import MarkdownIt from "markdown-it";
import { toHtml } from "./visible.js";

export type Markdown = InstanceType<typeof MarkdownIt>;

/** The page's own headings are the title and one for each pane. */
const OWN_HEADINGS = 2;

export function inertMarkdown(): Markdown {
  // Answers are lists of one-line items: a line end is one.
  const md = new MarkdownIt({ html: false, linkify: false, typographer: false, breaks: true });
  // A definition would be invisible, and one that comes late would change blocks above it.
  md.disable(["reference"]);
  Object.assign(md.renderer.rules, inertRules());
  md.core.ruler.push("fit_into_the_page", ({ tokens }) => {
    for (const token of tokens) {
      if (token.type === "heading_open" || token.type === "heading_close") {
        token.tag = `h${Math.min(6, Number(token.tag.slice(1)) + OWN_HEADINGS)}`;
      } else if (token.type === "th_open" || token.type === "td_open") {
        // The page's policy lets no style in that stands at an element.
        const side = /^text-align:(left|center|right)$/.exec(String(token.attrGet("style") ?? ""))?.[1];
        token.attrs = side === undefined ? null : [["class", side]];
      }
    }
  });
  return md;
}

function inertRules(): Markdown["renderer"]["rules"] {
  /** Of the links that are open at this point of the rendering. */
  const targets: string[] = [];
  const text: Rule = (tokens, i) => toHtml(tokens[i]?.content ?? "");
  return {
    text,
    text_special: text,
    code_inline: (tokens, i) => `<code>${toHtml(tokens[i]?.content ?? "")}</code>`,
    code_block: (tokens, i) => pre(tokens[i]?.content ?? "", ""),
    fence: (tokens, i) => pre(tokens[i]?.content ?? "", tokens[i]?.info.trim() ?? ""),
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
    table_open: () => '<div class="table"><table>\n',
    table_close: () => "</table></div>\n",
  };
}

type Rule = NonNullable<Markdown["renderer"]["rules"][string]>;

function pre(code: string, info: string): string {
  const label = info === "" ? "" : `<span class="info">${toHtml(info)}</span>`;
  return `<pre>${label}<code>${toHtml(code)}</code></pre>\n`;
}
