// @ts-check
/** Earlier runs beside the page: found by their words, pinned, deleted, opened again. */

import { ask, askJson, pathOf, sentence } from "./api.js";
import { button, byId, element, setText } from "./dom.js";
import { fill, showHidden } from "./shared.js";
import { language, words } from "./words.js";

/**
 * @typedef {{ run: string, title: string, at: string, outcome: string | null, alive: boolean, pinned: boolean,
 *   perspectives: string[], snippet?: string }} Entry
 */

/** So many at a time. */
const PAGE = 30;
/** More than this the server does not list at once. */
const MOST = 1000;
/** So often a list with a run that goes on is looked at anew. */
const LIVE_MS = 3000;
/** A search begins once nobody has typed for so long. */
const TYPING_MS = 250;

export class History {
  #list = element("ul", "runs");
  #problem = element("p", "problem");
  #none = element("p", "none");
  #search = element("input", "search");
  #pinned = element("input", "");
  #more;
  #shown = "";
  #opened;
  #removed;
  /** @type {string | undefined} */
  #next;
  /** So many are looked at anew: those that the reader has asked for. */
  #wanted = PAGE;
  /** Of the last look: what comes of an earlier one is not shown. */
  #look = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #typing;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #live;

  /**
   * @param {HTMLElement} root
   * @param {{ opened: (run: string) => void, removed: (run: string) => void }} told
   */
  constructor(root, { opened, removed }) {
    this.#opened = opened;
    this.#removed = removed;
    const title = element("h2", "history-title", words.history);
    title.id = "history-title";
    root.setAttribute("aria-labelledby", title.id);
    this.#search.type = "search";
    this.#search.placeholder = words.search;
    this.#search.setAttribute("aria-label", words.search);
    this.#search.autocomplete = "off";
    this.#search.addEventListener("input", () => {
      clearTimeout(this.#typing);
      this.#typing = setTimeout(() => void this.#loadOthers(), TYPING_MS);
    });
    this.#pinned.type = "checkbox";
    this.#pinned.addEventListener("change", () => void this.#loadOthers());
    const only = element("label", "check only-pinned");
    only.append(this.#pinned, element("span", "", words.onlyPinned));
    this.#problem.setAttribute("role", "alert");
    this.#none.setAttribute("role", "status");
    this.#more = button("quiet-button more", words.more, () => void this.#add());
    this.#more.hidden = true;
    setText(this.#problem, "");
    setText(this.#none, "");
    root.append(title, this.#search, only, this.#problem, this.#none, this.#list, this.#more);
  }

  /** @param {string} run the one that the page shows */
  show(run) {
    this.#shown = run;
    for (const link of this.#list.querySelectorAll("a")) {
      this.#markShown(link);
    }
  }

  /** Looks anew at what there is. */
  async refresh() {
    await this.#load(undefined);
  }

  async #loadOthers() {
    this.#wanted = PAGE;
    await this.refresh();
  }

  async #add() {
    // Said first: a look that overtakes this one brings them, too.
    this.#wanted = Math.min(this.#list.childElementCount + PAGE, MOST);
    await this.#load(this.#next);
  }

  /** @param {string | undefined} before */
  async #load(before) {
    const look = (this.#look += 1);
    const asked = new URLSearchParams({ limit: String(before === undefined ? this.#wanted : PAGE) });
    const query = this.#search.value.trim();
    if (query !== "") {
      asked.set("query", query);
    }
    if (this.#pinned.checked) {
      asked.set("pinned", "true");
    }
    if (before !== undefined) {
      asked.set("before", before);
    }
    try {
      const { runs, next } = await askJson(`/v1/runs?${asked}`);
      if (look !== this.#look) {
        return;
      }
      setText(this.#problem, "");
      this.#next = next;
      this.#more.hidden = next === undefined || next === null;
      const entries = /** @type {Entry[]} */ (runs).map((entry) => this.#entry(entry));
      if (before === undefined) {
        this.#replace(entries);
        const nothing = query === "" && !this.#pinned.checked ? words.noRuns : words.noneFound;
        setText(this.#none, entries.length === 0 ? nothing : "");
      } else {
        this.#list.append(...entries);
        entries[0]?.querySelector("a")?.focus();
      }
    } catch (error) {
      if (look === this.#look) {
        setText(this.#problem, sentence(error));
      }
    }
    if (look === this.#look) {
      this.#lookLater();
    }
  }

  /** A list with a run that goes on is looked at again, also where one look has failed. */
  #lookLater() {
    clearTimeout(this.#live);
    const goesOn = this.#list.querySelector('[data-look="live"]') !== null;
    this.#live = goesOn ? setTimeout(() => document.hidden || void this.refresh(), LIVE_MS) : undefined;
  }

  /**
   * Puts others in the list's place; the keyboard stays at the run where it was.
   *
   * @param {HTMLLIElement[]} entries
   */
  #replace(entries) {
    const { activeElement } = document;
    const at = this.#list.contains(activeElement) ? activeElement?.closest("li") : null;
    const which = at === null || at === undefined ? -1 : [...at.querySelectorAll("a, button")].indexOf(/** @type {Element} */ (activeElement));
    this.#list.replaceChildren(...entries);
    if (at !== null && at !== undefined) {
      const again = entries.find(({ dataset }) => dataset["run"] === at.dataset["run"]);
      const target = again?.querySelectorAll("a, button")[which];
      if (target instanceof HTMLElement) {
        target.focus();
      } else {
        this.#search.focus();
      }
    }
  }

  /** @param {Entry} entry */
  #entry(entry) {
    const title = showHidden(entry.title);
    const link = element("a", "run-link");
    link.href = `#run=${encodeURIComponent(entry.run)}`;
    link.dataset["run"] = entry.run;
    link.addEventListener("click", (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.shiftKey) {
        event.preventDefault();
        this.#opened(entry.run);
      }
    });
    const state = stateOf(entry);
    const facts = element("span", "run-link-facts", [when(entry.at), state.text].filter(Boolean).join(" · "));
    link.append(element("span", "run-link-title", title), facts);
    if (entry.snippet !== undefined) {
      link.append(element("span", "run-link-snippet", showHidden(entry.snippet)));
    }
    this.#markShown(link);
    const pin = button("pin", "", () => void this.#act(() => setPinned(entry.run, !entry.pinned)), {
      name: fill(entry.pinned ? words.unpinNamed : words.pinNamed, { title }),
      sign: "pin",
    });
    pin.setAttribute("aria-pressed", String(entry.pinned));
    const remove = button("bin", "", () => this.#askToRemove(entry.run, title), {
      name: fill(words.removeNamed, { title }),
      sign: "bin",
    });
    // A run that goes on is ended first.
    remove.hidden = entry.alive;
    const made = element("li", "run-entry");
    made.dataset["run"] = entry.run;
    made.dataset["look"] = state.look;
    made.append(link, pin, remove);
    return made;
  }

  /** @param {HTMLAnchorElement} link */
  #markShown(link) {
    if (link.dataset["run"] === this.#shown) {
      link.setAttribute("aria-current", "true");
    } else {
      link.removeAttribute("aria-current");
    }
  }

  /** @param {() => Promise<unknown>} act */
  async #act(act) {
    try {
      await act();
      await this.refresh();
    } catch (error) {
      setText(this.#problem, sentence(error));
    }
  }

  /**
   * @param {string} run
   * @param {string} title
   */
  #askToRemove(run, title) {
    const dialog = /** @type {HTMLDialogElement} */ (byId("dialog"));
    const text = element("p", "dialog-text", fill(words.removeQuestion, { title }));
    text.id = "dialog-title";
    const remove = button("main-button danger", words.remove, () => {
      dialog.close();
      void this.#act(async () => {
        await ask(pathOf(run), { method: "DELETE" });
        this.#removed(run);
      });
    });
    const keep = button("quiet-button", words.cancel, () => dialog.close());
    const acts = element("div", "dialog-acts");
    acts.append(keep, remove);
    dialog.setAttribute("aria-labelledby", text.id);
    dialog.replaceChildren(text, acts);
    dialog.showModal();
    keep.focus();
  }
}

/**
 * @param {string} run
 * @param {boolean} pinned
 */
async function setPinned(run, pinned) {
  await ask(`${pathOf(run)}/pin`, { method: "POST", body: { pinned } });
}

/** @param {Entry} entry @returns {{ look: string, text: string }} */
function stateOf({ outcome, alive }) {
  if (alive) {
    return { look: "live", text: words.running };
  }
  switch (outcome) {
    case "done":
      return { look: "done", text: "" };
    case "partial":
      return { look: "partial", text: words.partial };
    case "cancelled":
      return { look: "stopped", text: words.cancelled };
    default:
      return { look: "partial", text: words.lost };
  }
}

/** The time of a day, or the day, or the day with its year. @param {string} at */
function when(at) {
  const [time, now] = [new Date(at), new Date()];
  if (Number.isNaN(time.getTime())) {
    return "";
  }
  if (time.toDateString() === now.toDateString()) {
    return time.toLocaleTimeString(language, { hour: "numeric", minute: "2-digit" });
  }
  const year = time.getFullYear() === now.getFullYear() ? {} : { year: /** @type {const} */ ("numeric") };
  return time.toLocaleDateString(language, { ...year, month: "short", day: "numeric" });
}
