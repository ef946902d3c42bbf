// Answers that are long enough to meet the bounds of what is held back, by chance and the same each time.

import { random } from "../shared/random.mjs";

/** What each construct may begin with, in the answer's own words or the Markdown's. */
const constructs = {
  addresses: ["https://good.com/", "http://", "HTTPS://g.co/", "ftp://", "//", "https:\\//", "<https://", "https://e.test/]", "https://e.test/>", "https://e.test/\u3000"],
  "names that GitHub links": ["www.", "www.g.co/", "www.x.test/", "me@", "me@x.test", "mailto:", "mailto:me@x.test", "xmpp:", "xmpp:me@x.test/", "@"],
  code: ["`", "``", "```", "````", "`x`", "`x`*", "**`x`", "a`", "| `a", "- ```\n"],
  fences: ["```\n", "```rust ", "~~~ ", "~~~~", "    ~~~\n", "  ```\n", "```\n  ", "- - - - - - ```\n", `${" ".repeat(1015)}~~~\n`, "```md\n```~\n"],
  links: ["[", "![", "[a](", "![a](", "[a]: ", "[^1]: ", "[a][", "[![", "[a](<", "\\["],
  HTML: ["<", "<!--", "<p ", "</", "<?", "<![CDATA[", "<a href='", "<command:", "text\n<", "- <"],
  entities: ["&", "&#", "&#x", "&lt", "&amp;&", "&#0", "\\&", "&#x202e", "[&", "`&"],
  emphasis: ["*", "**", "_", "__", "~~", "***", "*_", "**[", "~~`", "a*"],
  tables: ["|", "a|b\n", "a|b\n-|-\n", "-|", ":-", "|`a|", "a | b\n--|--\n|", "- a|b\n", "|\\|", "> |"],
  "starts of lines": ["- ", "> ", "* ", "1. ", "123456789) ", "# ", "## ", "text\n", "> > > > > > > > ", "- - - - - - - - - - - - - - ", "=", "\t", " "],
  "maths and containers": ["$", "$$", "$$\n", ":::", "::: mermaid\n", "```mermaid\n", "$`", "::", "\\$", "a$"],
};

const payloads = [
  "<img src=http://SINK/x>", "![a](http://SINK/y)", "[a](command:b)", "<!--", "</p>", "<https://x.y/z>", "<command:x>", "[a]: command:x", "&lt;&#x202e;", "$x$",
  "\n## own\n", "\n# own\n", "\n---\n", "\n===\n", "\n|-|\n", "www.x.test/<img src=x>", "https://e.test/]<img src=x>", "https://e.test/><img src=x>",
  "me@x.test<img src=x>", "xmpp:me@x.test/<img src=x>", "https://аpple.com", "//xn--pple-43d.com", "https://a.b/%E2%80%AEx", "```b```<img src=x>", "\n```\n<img src=x>\n",
  "~~~\n<img src=x>", "[^1]", ":::mermaid\n",
];
const fillers = [
  "a", "a", " ", "\t", "`", "*", "_", "-", "~", "#", "@", "&", "/", ".", ":", "|", "\\", "<", "[", "]", "(", ")", ">", "=", "+", "1", "\u3000", "深", "。", "a ", "a`",
  "`a", "a@", "/a", "//", "- ", "> ", "a.", "*a", "%41", "%E2%80%8B", "\u200b", "!", "![", "](", "x y ", "||", "www.",
];
/** Bytes, characters or marks at which something is decided at the latest, and some between. */
const bounds = [1024, 1024, 1024, 512, 64, 32, 999, 16];
const seams = ["", "", "`", "``", "```", "\n", " ", "]", ">", ")", ".", ";", "|", "~", "*", "\\", "/", "://", "@", "\n\n", "b"];

const bytes = (text) => Buffer.byteLength(text);

/** Examples of each construct, which go on until three bytes about a bound and then end in one thing or another. */
export function examples(count) {
  const next = random(34);
  const at = (n) => Math.floor(next() * n);
  const one = (list) => list[at(list.length)];
  const long = (openers) => {
    const [opener, filler] = [one(openers), one(fillers)];
    const length = one(bounds) + at(7) - 3 - (next() < 0.8 ? bytes(opener.split("\n").at(-1)) : 0);
    const fill = filler.repeat(Math.max(0, Math.ceil(length / bytes(filler))));
    return opener + fill.slice(0, filler.length === 1 ? undefined : length) + one(seams) + (next() < 0.8 ? one(payloads) : "");
  };
  const short = (openers) => Array.from({ length: 1 + at(8) }, () => one([...openers, ...fillers, ...seams, ...payloads])).join("");
  const example = (openers) => Array.from({ length: 1 + at(3) }, () => (next() < 0.6 ? long(openers) : short(openers))).join("");
  return Object.entries(constructs).map(([name, openers]) => [name, Array.from({ length: count }, () => example(openers))]);
}
