// @ts-check
/** Which perspectives are asked, and whether a focus is written. The choice is kept in the tab. */

import { button, element, setText } from "./dom.js";
import { words } from "./words.js";

/**
 * @typedef {{ name: string, title: string, description: string, set?: string }} Perspective
 * @typedef {"auto" | "ask" | "off"} FocusMode
 * @typedef {{ name: string, perspectives: string[], focus: FocusMode }} PerspectiveSet
 * @typedef {{ perspectives: Perspective[], sets: PerspectiveSet[], focus: FocusMode }} Offer The first
 *   set is what is asked where nothing else is said; `focus` goes for it and for a choice that is no set.
 */

const KEY = "kaizodo.choice";

export class Choice {
  #root;
  #chosen;
  #summary = element("summary", "choice-summary");
  #body = element("div", "choice-body");
  #focusBox;
  /** @type {Offer} */
  #offer = { perspectives: [], sets: [], focus: "auto" };
  /** @type {string[]} */
  #names = [];
  /** The set that was chosen as a whole: it may ask several models. @type {string | undefined} */
  #set;
  /** Nothing as long as the reader wants what the settings say: then they decide. @type {boolean | undefined} */
  #focus;

  /**
   * @param {HTMLElement} root
   * @param {() => void} chosen
   */
  constructor(root, chosen) {
    this.#root = root;
    this.#chosen = chosen;
    const details = element("details", "choice");
    details.append(this.#summary, this.#body);
    this.#focusBox = checkbox(words.writeFocus, words.focusHint, false, (on) => {
      this.#focus = on === this.#focusOfSettings ? undefined : on;
      this.#changed();
    });
    root.replaceChildren(details);
    this.#tell();
  }

  /** @param {Offer} offer */
  show(offer) {
    this.#offer = offer;
    const kept = read();
    const known = new Set(offer.perspectives.map(({ name }) => name));
    const names = (kept.names ?? []).filter((name) => known.has(name));
    this.#names = names.length > 0 ? names : this.#default.filter((name) => known.has(name));
    this.#focus = kept.focus;
    this.#set = kept.set;
    this.#build();
    this.#tell();
  }

  get #default() {
    return this.#offer.sets[0]?.perspectives ?? [];
  }

  get isEmpty() {
    return this.#offer.perspectives.length > 0 && this.#names.length === 0;
  }

  /** Those that are asked, in their order. */
  get perspectives() {
    return this.#offer.perspectives.filter(({ name }) => this.#names.includes(name));
  }

  get hasFocus() {
    return this.#writesFocus && this.#names.length > 1;
  }

  get #writesFocus() {
    return this.#focus ?? this.#focusOfSettings;
  }

  /** Whether the settings have the focus of what is chosen written by itself. */
  get #focusOfSettings() {
    return (this.#wholeSet ?? this.#offer).focus === "auto";
  }

  /** The set that is asked by its name: chosen as a whole, and not the default one. */
  get #wholeSet() {
    return this.#offer.sets.slice(1).find((set) => set.name === this.#set && this.#isOf(set.perspectives));
  }

  /** @param {string[]} set */
  #isOf(set) {
    const names = this.perspectives.map(({ name }) => name);
    return names.length === set.length && names.every((name) => set.includes(name));
  }

  /** What of it a request says: nothing that the settings say already. */
  request() {
    const names = this.perspectives.map(({ name }) => name);
    const chosen = this.#wholeSet;
    const isDefault = this.#isOf(this.#default);
    return {
      ...(chosen ? { set: chosen.name } : isDefault || names.length === 0 ? {} : { perspectives: names }),
      ...(this.#focus === undefined ? {} : { focus: this.#focus ? "auto" : "off" }),
    };
  }

  #build() {
    const { perspectives, sets } = this.#offer;
    const inSets = new Set(sets.flatMap((set) => set.perspectives));
    const rest = perspectives.filter(({ name }) => !inSets.has(name)).map(({ name }) => name);
    const groups = [...sets, ...(rest.length > 0 ? [{ name: "", perspectives: rest }] : [])];
    const focus = element("div", "choice-focus");
    focus.append(this.#focusBox);
    this.#body.replaceChildren(...groups.map((group) => this.#group(group)), focus);
  }

  /** @param {{ name: string, perspectives: string[] }} set */
  #group(set) {
    const made = element("fieldset", "choice-set");
    const title = setTitle(set.name);
    const legend = element("legend", "", title);
    const only = button("quiet-button only", words.onlyThese, () => {
      this.#names = set.perspectives.slice();
      this.#set = set.name;
      this.#changed();
      this.#build();
      this.#root.querySelector("summary")?.focus();
    }, { name: `${words.onlyThese}: ${title}` });
    const list = element("div", "choice-list");
    list.append(...set.perspectives.flatMap((name) => this.#box(name) ?? []));
    made.append(legend, list, only);
    return made;
  }

  /** @param {string} name */
  #box(name) {
    const perspective = this.#offer.perspectives.find((one) => one.name === name);
    if (perspective === undefined) {
      return undefined;
    }
    const { title, description } = perspective;
    return checkbox(title, description, this.#names.includes(name), (on) => {
      this.#set = undefined;
      this.#names = on ? [...this.#names, name] : this.#names.filter((one) => one !== name);
      this.#changed();
    });
  }

  #changed() {
    const kept = { names: this.#names, set: this.#set, ...(this.#focus === undefined ? {} : { focus: this.#focus }) };
    sessionStorage.setItem(KEY, JSON.stringify(kept));
    this.#tell();
    this.#chosen();
  }

  #tell() {
    const titles = this.perspectives.map(({ title }) => title);
    const all = [...titles, ...(this.hasFocus ? [words.focus] : [])];
    const names = element("span", "choice-names");
    setText(names, all.join(" · "));
    this.#summary.replaceChildren(element("span", "choice-label", words.views), names);
    const box = this.#focusBox.querySelector("input");
    if (box !== null) {
      box.checked = this.#writesFocus;
    }
  }
}

/** The built-in sets go by what they are for; one of the user's own by its name.
 *
 * @param {string} name
 */
function setTitle(name) {
  /** @type {Record<string, string>} */
  const titles = {
    "": words.others,
    default: words.setDefault,
    review: words.setReview,
    decide: words.setDecide,
    readers: words.setReaders,
    premortem: words.setPremortem,
  };
  return Object.hasOwn(titles, name) ? (titles[name] ?? name) : name;
}

/**
 * @param {string} title
 * @param {string} description
 * @param {boolean} on
 * @param {(on: boolean) => void} changed
 */
function checkbox(title, description, on, changed) {
  const made = element("label", "check");
  const box = element("input", "");
  box.type = "checkbox";
  box.checked = on;
  box.addEventListener("change", () => changed(box.checked));
  const text = element("span", "check-text", title);
  text.append(element("span", "check-description", description));
  made.append(box, text);
  return made;
}

/** @returns {{ names?: string[], focus?: boolean, set?: string }} */
function read() {
  try {
    const { names, focus, set } = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
    return {
      ...(Array.isArray(names) ? { names: names.filter((name) => typeof name === "string") } : {}),
      ...(typeof focus === "boolean" ? { focus } : {}),
      ...(typeof set === "string" ? { set } : {}),
    };
  } catch {
    return {};
  }
}
