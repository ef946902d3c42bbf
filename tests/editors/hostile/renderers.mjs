// What other Markdown renderers than VS Code's make of a panel: commonmark.js, micromark with GFM, and GitHub's own cmark-gfm where it is installed.

import { spawnSync } from "node:child_process";
import { Parser } from "commonmark";
import MarkdownIt from "markdown-it";
import MarkdownIt12 from "markdown-it-12";
import MarkdownIt15 from "markdown-it-15";
import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";
import { disguised, live, preview } from "./preview.mjs";

const plain = /^\/?(h[1-6]|p|ul|ol|li|pre|code|em|strong|del|blockquote|hr|br|a|table|thead|tbody|tr|th|td|input)$/;
const known = /^(href="[^"]*"|class="(language-[^"]*|contains-task-list|task-list-item)"|start="\d+"|align="(left|right|center)"|type="checkbox"|disabled=""|checked="")$/;
const characters = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&#x27;": "'", "&amp;": "&" };
const text = (html) => html.replace(/&(lt|gt|quot|#39|#x27|amp);/g, (entity) => characters[entity]);

function decoded(address) {
  try {
    return decodeURI(address);
  } catch {
    return address;
  }
}

/** What is live in a page that a renderer wrote, and its first two kinds of headings. */
function inHtml(html) {
  const found = [];
  for (const [tag, name, attributes] of html.matchAll(/<([^>\s/]*\/?[^>\s/]*)([^>]*)>/g)) {
    const odd = (attributes.match(/[^\s=/]+(="[^"]*")?/g) ?? []).filter((attribute) => !known.test(attribute));
    if (!plain.test(name.replace(/\/$/, "")) || odd.length > 0) {
      found.push(tag);
    }
  }
  for (const [, href, shown] of html.matchAll(/<a href="([^"]*)"[^>]*>(.*?)<\/a>/gs)) {
    const target = text(href);
    const honest = [target, decoded(target)].some((address) => [address, address.replace(/^mailto:/, "")].includes(text(shown)));
    // GitHub's renderers make links of mail and chat addresses, too, which load nothing.
    if (!/^(https?|mailto|xmpp):/i.test(target) || !honest) {
      found.push(`${shown} leads to ${href}`);
    }
  }
  return { found, headings: [...html.matchAll(/<h[12]>(.*?)<\/h[12]>/gs)].map(([, heading]) => text(heading)) };
}

/** The same in a tree of CommonMark's reference parser, which makes no links of bare addresses. */
function inTree(tree) {
  const [found, headings] = [[], []];
  const walker = tree.walker();
  for (let event = walker.next(); event; event = walker.next()) {
    const { type, level, destination, literal, firstChild } = event.node;
    if (event.entering && ["html_inline", "html_block", "image", "link"].includes(type)) {
      found.push(`${type} ${destination ?? literal}`);
    }
    if (event.entering && type === "heading" && level < 3) {
      headings.push(firstChild.literal);
    }
  }
  return { found, headings };
}

function inPreview(md, panel) {
  const tokens = md.parse(panel, {});
  const headings = tokens.flatMap((token, i) => (/^h[12]$/.test(token.tag) && token.nesting === 1 ? [tokens[i + 1].content] : []));
  return { found: [...live(md, panel), ...disguised(md, panel)], headings };
}

const options = { allowDangerousHtml: true, allowDangerousProtocol: true, extensions: [gfm()], htmlExtensions: [gfmHtml()] };
const extensions = ["table", "strikethrough", "autolink", "tasklist", "footnotes"].flatMap((name) => ["-e", name]);

function cmark(panel) {
  const { status, stdout, error } = spawnSync("cmark-gfm", ["--unsafe", ...extensions], { input: panel, encoding: "utf8", timeout: 30_000 });
  if (status !== 0) {
    throw error ?? new Error(`cmark-gfm ended with ${status}`);
  }
  return stdout;
}

const previews = { "markdown-it 12": MarkdownIt12, "markdown-it 14": MarkdownIt, "markdown-it 15": MarkdownIt15 };
const parser = new Parser();

/** Name → what of a panel is live there, and its first two kinds of headings. */
export const renderers = {
  ...Object.fromEntries(
    Object.entries(previews).map(([name, engine]) => {
      const md = preview(engine);
      return [name, (panel) => inPreview(md, panel)];
    }),
  ),
  "commonmark.js": (panel) => inTree(parser.parse(panel)),
  micromark: (panel) => inHtml(micromark(panel, options)),
  ...(spawnSync("cmark-gfm", ["--version"]).status === 0 ? { "cmark-gfm": (panel) => inHtml(cmark(panel)) } : {}),
};
