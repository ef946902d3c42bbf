// Markdown as VS Code's built-in preview renders it.
//
// Read in VS Code 1.139.1 (`markdown-language-features`, `markdown-math` and `mermaid-markdown-features` of code-server
// 4.139.1): markdown-it with HTML on; linkify for whole addresses only; links of `vscode:` and any `data:image` let
// through besides what markdown-it lets through, which includes `command:`; KaTeX with maths fences; `::: mermaid`
// containers; fences whose first word has `mermaid` in it. Front matter stands at a document's start only, and a panel
// begins with its title.

import katex from "@vscode/markdown-it-katex";
import container from "markdown-it-container";
import MarkdownIt from "markdown-it";

export function preview(Engine = MarkdownIt) {
  const md = new Engine({
    html: true,
    linkify: true,
    highlight: (text, info) => (/\bmermaid\b/i.test(info) ? `<pre class="mermaid">${md.utils.escapeHtml(text)}</pre>` : ""),
  });
  md.linkify.set({ fuzzyLink: false });
  md.use(katex.default ?? katex, { enableFencedBlocks: true, globalGroup: true, macros: {} });
  md.use(container, "mermaid", { validate: (info) => info.trim().split(" ")[0].toLowerCase() === "mermaid" });
  md.renderer.rules.container_mermaid_open = () => '<div class="mermaid">';
  const validate = md.validateLink;
  md.validateLink = (link) => validate(link) || /^vscode(-insiders)?:/i.test(link) || /^data:image\/.*?;/.test(link);
  return md;
}

/** What a document is made of, without its words: its blocks, links, images and HTML. */
export function structure(md, text) {
  const words = /^(text|text_special|softbreak|hardbreak|code_inline|inline|em_|strong_|s_)/;
  const walk = (tokens) => tokens.flatMap((t) => [...(words.test(t.type) ? [] : [`${t.type} ${t.tag}`]), ...walk(t.children ?? [])]);
  return walk(md.parse(text, {}));
}

/** What is live in a document as it is parsed, but for addresses that were made links of. */
export function live(md, text) {
  const found = [];
  const walk = (tokens) => {
    for (const t of tokens) {
      if (/^(image|html_|math_|container_)/.test(t.type) || (t.type === "link_open" && t.markup !== "linkify")) {
        found.push(`${t.type} ${t.attrGet("href") ?? t.content}`);
      }
      walk(t.children ?? []);
    }
  };
  const env = {};
  walk(md.parse(text, env));
  return [...found, ...Object.keys(env.references ?? {}).map((name) => `definition ${name}`)];
}

/** Characters that hide text or turn it round. */
export const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u061c\u180e\ufeff\u{e0000}-\u{e007f}]/u;

/** Links whose text is not their target, or hides some of it. */
export function disguised(md, text) {
  const found = [];
  for (const { children } of md.parse(text, {})) {
    (children ?? []).forEach((t, i) => {
      if (t.type === "link_open") {
        const [href, shown] = [t.attrGet("href"), children[i + 1].content];
        const honest = [href, decodeURI(href)].some((target) => target === shown || target === `mailto:${shown}`);
        if (!honest || hidden.test(shown)) {
          found.push(`${shown} leads to ${href}`);
        }
      }
    });
  }
  return found;
}
