// @ts-check
/** The reader's marks on the items of an answer: keep this, drop that, and the answer written anew with them. */

import { button, element, setDisabled } from "./dom.js";
import { fill } from "./shared.js";
import { words } from "./words.js";

/**
 * @typedef {"keep" | "drop" | "comment"} Mark
 * @typedef {ReadonlyMap<number, Mark>} MarksOf by the line of an item, from 0
 */

/** What an answer's items are. One inside of another is not marked by itself unless it is a list's. */
const ITEMS = ["li[data-lines]", ...["p", "pre", "h3", "h4", "h5", "h6"].map((tag) => `${tag}[data-lines]:not(li *, blockquote *)`)];

/** The marks of a run, from its events. */
export class Marks {
  /** @type {Map<string, Map<number, Mark>>} */
  #all = new Map();
  /** The sections that have ended, whose next text is another answer. @type {Set<string>} */
  #ended = new Set();

  /** @param {Record<string, any>} event */
  take({ event, branch, item, mark, text }) {
    if (typeof branch !== "string") {
      return;
    }
    if (event === "marked" && Number.isSafeInteger(item?.line)) {
      const of = new Map(this.#all.get(branch));
      of.delete(item.line);
      if (mark === "keep" || mark === "drop" || mark === "comment") {
        of.set(item.line, mark);
      }
      this.#all.set(branch, of);
    } else if (event === "branch_ended") {
      this.#ended.add(branch);
    } else if (event === "retracted" || (event === "delta" && text !== "" && this.#ended.delete(branch))) {
      this.#all.delete(branch);
    }
  }

  /** @param {string} branch @returns {MarksOf} */
  of(branch) {
    return this.#all.get(branch) ?? NONE;
  }
}

/** @type {MarksOf} */
const NONE = new Map();

/** Shows an answer's marks, and lets the reader set them. */
export class Marking {
  /** What stands below the answer while its items are marked. */
  root = element("div", "marking");
  #answer;
  #set;
  #on = false;
  /** @type {MarksOf} */
  #marks = NONE;
  #rewrite;

  /**
   * @param {HTMLElement} answer
   * @param {string} title of the section
   * @param {(line: number, mark: "keep" | "drop" | undefined) => Promise<void>} set
   * @param {() => void} rewrite
   * @param {() => void} done
   */
  constructor(answer, title, set, rewrite, done) {
    this.#answer = answer;
    this.#set = set;
    this.#rewrite = button("main-button", words.rewrite, rewrite, { name: fill(words.rewriteNamed, { title }) });
    this.root.append(element("p", "marking-hint", words.markHint), this.#rewrite, button("quiet-button", words.close, done));
    this.root.hidden = true;
  }

  get isOn() {
    return this.#on;
  }

  /** @param {boolean} on */
  turn(on) {
    this.#on = on;
    this.root.hidden = !on;
    this.show(this.#marks);
    if (on) {
      this.#answer.querySelector("button")?.focus();
    }
  }

  /** Shows marks on an answer that is there in whole.
   *
   * @param {MarksOf} marks
   */
  show(marks) {
    this.#marks = marks;
    setDisabled(this.#rewrite, marks.size === 0);
    for (const item of this.#answer.querySelectorAll(ITEMS.join())) {
      const line = Number.parseInt(/** @type {HTMLElement} */ (item).dataset["lines"] ?? "", 10);
      const mark = marks.get(line);
      item.classList.toggle("marked-keep", mark === "keep");
      item.classList.toggle("marked-drop", mark === "drop");
      item.classList.toggle("marked-comment", mark === "comment");
      this.#offer(item, line, mark);
    }
  }

  /**
   * @param {Element} item
   * @param {number} line
   * @param {Mark | undefined} mark
   */
  #offer(item, line, mark) {
    const there = item.querySelector(":scope > .item-marks");
    if (!this.#on) {
      there?.remove();
      return;
    }
    if (there === null) {
      const text = (item.textContent ?? "").trim().slice(0, 40);
      const made = element("span", "item-marks");
      made.setAttribute("role", "group");
      made.setAttribute("aria-label", text);
      for (const kind of /** @type {const} */ (["keep", "drop"])) {
        const press = button(kind, words[kind], () => {
          void this.#set(line, this.#marks.get(line) === kind ? undefined : kind);
        });
        press.dataset["mark"] = kind;
        made.append(press);
      }
      // Before a list that stands in the item.
      item.insertBefore(made, item.querySelector(":scope > ul, :scope > ol"));
    }
    for (const press of item.querySelectorAll(":scope > .item-marks > button")) {
      press.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (press).dataset["mark"] === mark));
    }
  }
}
