// @ts-check
/** One run on the page: its head, a bar of its sections, the views in two columns, the focus below them. */

import { button, element, setSentence, setText } from "./dom.js";
import { PaneView } from "./pane.js";
import { keepPlace } from "./place.js";
import { QuestionField } from "./question.js";
import { fill, isAlive, showHidden, statusOf, totalOf, wordsFor } from "./shared.js";
import { language, words } from "./words.js";

/**
 * @typedef {import("./shared.js").Run} Run
 * @typedef {import("./shared.js").Pane} Pane
 *
 * @typedef {object} RunActions
 * @property {(branch: string) => Promise<void>} stop
 * @property {() => Promise<void>} stopAll
 * @property {(branch: string, withMarks: boolean) => Promise<void>} retry
 * @property {(branch: string, line: number, mark: "keep" | "drop" | undefined) => Promise<void>} mark
 * @property {(branch: string | undefined, question: string) => Promise<string>} ask gives the branch of the new section
 * @property {(text: string) => Promise<void>} copy
 * @property {() => Promise<void>} copyAll
 *
 * @typedef {{ id: string, title: string, hasDocument: boolean }} About
 * @typedef {{ title: string, description: string }} Blank
 */

const grid = wordsFor(language);

/** How long, once a reopened run begins to appear, its states are taken for old ones and not announced. */
const REPLAY_WINDOW_MS = 1000;

export class RunView {
  #root;
  #announcer;
  #actions;
  #title = element("h2", "run-title");
  #facts = element("p", "run-facts");
  #notes = element("p", "run-notes");
  #bar = element("nav", "bar");
  #chips = element("div", "chips");
  #count = element("span", "count");
  #views = element("div", "views");
  #focus = element("div", "focus-place");
  #further = element("div", "further");
  #total = element("p", "total");
  #askAll = element("div", "ask-all");
  #stopAll;
  #retryFailed;
  #copyAll;
  /** @type {PaneView[]} */
  #panes = [];
  /** @type {Map<string, HTMLButtonElement>} */
  #chipOf = new Map();
  /** @type {QuestionField | undefined} */
  #question;
  #run = "";
  #who = "";
  /** A section that was asked for here: the keyboard goes to it when it comes. */
  #expected = "";
  #ended = true;
  /** Until then, in the page's time, no state is announced. */
  #quietUntil = Infinity;

  /**
   * @param {HTMLElement} root
   * @param {import("./announcer.js").Announcer} announcer
   * @param {RunActions} actions
   */
  constructor(root, announcer, actions) {
    this.#root = root;
    this.#announcer = announcer;
    this.#actions = actions;
    this.#stopAll = button("stop", grid.stopAll, () => void actions.stopAll(), { name: grid.stopAll, sign: "stop" });
    this.#copyAll = button("copy", grid.copyAll, () => void actions.copyAll(), { name: grid.copyAll, sign: "copy" });
    this.#retryFailed = button("retry", grid.retryFailed, () => this.#askFailed(), { name: grid.retryFailed, sign: "retry" });
    this.#bar.setAttribute("aria-label", words.sections);
    this.#title.tabIndex = -1;
    this.#title.id = "run-title";
    const acts = element("div", "bar-acts");
    acts.append(this.#count, this.#retryFailed, this.#stopAll);
    this.#bar.append(this.#chips, acts);
    const about = element("div", "run-about");
    about.append(this.#title, this.#facts, this.#notes);
    const head = element("header", "run-head");
    head.append(about, this.#copyAll);
    root.setAttribute("aria-labelledby", this.#title.id);
    root.replaceChildren(head, this.#bar, this.#views, this.#focus, this.#further, this.#total, this.#askAll);
  }

  /**
   * The places of the answers, before there is a run.
   *
   * @param {readonly Blank[]} views
   * @param {Blank | undefined} focus
   */
  showBlank(views, focus) {
    this.#clear("");
    setText(this.#title, words.answers);
    setText(this.#facts, words.blank);
    this.#views.dataset["count"] = String(views.length);
    this.#views.replaceChildren(...views.map((view) => blank(view, "view")));
    this.#focus.replaceChildren(...(focus === undefined ? [] : [blank(focus, "focus")]));
    this.#chips.replaceChildren(...[...views, ...(focus === undefined ? [] : [focus])].map(({ title }) => chip(title)));
  }

  /**
   * Makes room for a run; the places stay until its first event says what stands there. What another run has left in
   * them can only be read: its buttons would act on this one.
   *
   * @param {string} run
   * @param {boolean} isNew asked for here just now: all of its states are said, also one that came before the first look
   */
  open(run, isNew) {
    this.#clear(run);
    this.#quietUntil = isNew ? 0 : Infinity;
    this.#ended = !isNew;
    this.#setInert(true);
  }

  /** Empties the places that wait for a run, where it does not come. */
  giveUp() {
    if (this.#panes.length > 0) {
      return;
    }
    setText(this.#title, words.answers);
    setText(this.#facts, "");
    for (const place of [this.#chips, this.#views, this.#focus]) {
      place.replaceChildren();
    }
  }

  /** @param {boolean} inert */
  #setInert(inert) {
    for (const place of [this.#chips, this.#views, this.#focus]) {
      place.inert = inert;
    }
  }

  /** @param {string} who will be asked by a question or a retry */
  tellWho(who) {
    this.#who = who;
    this.#panes.forEach((pane) => pane.tellWho(who));
    this.#question?.tellWho(who);
  }

  focus() {
    this.#title.focus({ preventScroll: true });
  }

  /** Brings the answers into sight where less than half of the window shows them. */
  reveal() {
    if (this.#views.getBoundingClientRect().top > window.innerHeight / 2) {
      this.#root.scrollIntoView({ block: "start" });
    }
  }

  /**
   * @param {Run} run
   * @param {About} about
   */
  render(run, about) {
    keepPlace(
      this.#panes.map(({ answer }) => answer),
      () => this.#change(run, about),
    );
    this.#showExpected();
  }

  #showExpected() {
    const expected = this.#panes.find(({ branch }) => branch === this.#expected);
    if (expected !== undefined) {
      this.#expected = "";
      expected.focus();
    }
  }

  /**
   * @param {Run} run
   * @param {About} about
   */
  #change(run, about) {
    const first = this.#panes.length === 0;
    if (first && run.panes.length > 0) {
      this.#begin(run);
    }
    setText(this.#title, showHidden(about.title) || words.answers);
    const facts = [when(run.at), run.provider, about.hasDocument ? run.origin : ""];
    setText(this.#facts, showHidden(facts.filter(Boolean).join(" · ")));
    setSentence(this.#notes, run.notes.map((note) => `⚠ ${showHidden(note)}`).join("\n"));
    run.panes.forEach((pane, i) => {
      const shown = this.#panes.find(({ branch }) => branch === pane.branch) ?? this.#add(pane, run.panes[i - 1], run);
      const status = shown.render(pane);
      this.#renderChip(pane);
      if (status !== undefined && !this.#isQuiet()) {
        this.#announcer.say(showHidden(pane.title), showHidden(status.spoken));
      }
    });
    this.#renderWhole(run);
    if (this.#quietUntil === Infinity) {
      this.#quietUntil = performance.now() + REPLAY_WINDOW_MS;
    }
  }

  #isQuiet() {
    return performance.now() < this.#quietUntil;
  }

  /** @param {string} run */
  #clear(run) {
    this.#run = run;
    this.#panes = [];
    this.#chipOf.clear();
    this.#question = undefined;
    this.#expected = "";
    this.#ended = true;
    this.#quietUntil = Infinity;
    this.#further.replaceChildren();
    this.#askAll.replaceChildren();
    setSentence(this.#notes, "");
    setText(this.#count, "");
    this.#stopAll.hidden = true;
    this.#copyAll.hidden = true;
    this.#retryFailed.hidden = true;
    setText(this.#total, "");
    this.#setInert(false);
  }

  /** @param {Run} run */
  #begin(run) {
    this.#setInert(false);
    this.#chips.replaceChildren();
    this.#views.replaceChildren();
    this.#focus.replaceChildren();
    const views = run.panes.filter(({ role }) => role === "view");
    this.#views.dataset["count"] = String(views.length);
    run.panes.filter(({ role }) => role !== "follow_up").forEach((pane) => this.#add(pane, undefined, run));
  }

  /**
   * @param {Pane} pane
   * @param {Pane | undefined} above the one that it stands below, for a section that the run did not begin with
   * @param {Run} run
   */
  #add(pane, above, run) {
    const made = new PaneView(pane, this.#run, run.lang, {
      ...this.#actions,
      ask: (branch, question) => this.#askOn(branch, question),
    });
    made.tellWho(this.#who);
    const from = this.#panes.find(({ branch }) => branch === pane.after);
    const before = this.#panes.find(({ branch }) => branch === above?.branch);
    this.#panes.push(made);
    if (pane.role === "follow_up") {
      const thread = from?.root.parentElement ?? this.#further;
      if (before?.root.parentElement === thread) {
        before.root.after(made.root);
      } else {
        thread.append(made.root);
      }
    } else {
      const thread = element("div", `thread ${pane.role}-thread`);
      thread.append(made.root);
      (pane.role === "focus" ? this.#focus : this.#views).append(thread);
    }
    const entry = chip(showHidden(pane.title));
    entry.disabled = false;
    entry.addEventListener("click", () => made.focus());
    this.#chipOf.set(pane.branch, entry);
    const inOrder = run.panes.flatMap(({ branch, role }) => (role === "focus" ? [] : (this.#chipOf.get(branch) ?? [])));
    const focus = run.panes.flatMap(({ branch, role }) => (role === "focus" ? (this.#chipOf.get(branch) ?? []) : []));
    this.#chips.replaceChildren(...inOrder, ...focus);
    return made;
  }

  #askFailed() {
    this.#panes.filter(({ isBroken }) => isBroken).forEach((pane) => pane.retry());
  }

  /**
   * @param {string | undefined} from
   * @param {string} question
   */
  async #askOn(from, question) {
    const asked = await this.#actions.ask(from, question);
    return () => {
      this.#expected = asked;
      this.#showExpected();
    };
  }

  /** @param {Pane} pane */
  #renderChip(pane) {
    const entry = this.#chipOf.get(pane.branch);
    if (entry !== undefined) {
      const { look, text } = statusOf(pane, grid, language);
      entry.dataset["look"] = look;
      entry.classList.toggle("alive", isAlive(pane));
      entry.title = showHidden(text);
    }
  }

  /** @param {Run} run */
  #renderWhole(run) {
    const all = run.panes.length;
    const over = run.panes.filter((pane) => !isAlive(pane)).length;
    const alive = over < all;
    setText(this.#count, alive ? fill(words.titleOver, { over, all }) : "");
    if (!alive && document.activeElement === this.#stopAll) {
      this.focus();
    }
    this.#stopAll.hidden = !alive;
    const answered = run.panes.some(({ text }) => text !== "");
    // One has a button of its own.
    this.#retryFailed.hidden = alive || failedIn(run).length < 2;
    setText(this.#total, showHidden(totalOf(run, grid, language)));
    // Only there may a page write to the clipboard.
    this.#copyAll.hidden = !answered || !window.isSecureContext;
    if (!alive && answered && all > 1) {
      this.#offerQuestion();
    }
    if (all === 0) {
      return;
    }
    if (!alive && !this.#ended && !this.#isQuiet()) {
      this.#announcer.say("", grid.allOver);
    }
    this.#ended = !alive;
  }

  #offerQuestion() {
    if (this.#question === undefined) {
      const send = (/** @type {string} */ question) => this.#askOn(undefined, question);
      this.#question = new QuestionField(words.askAll, this.#run, send, undefined);
      this.#question.tellWho(this.#who);
      this.#askAll.replaceChildren(this.#question.root);
    }
  }
}

/** The sections that ended without a complete answer, but for a focus that had too little to read.
 *
 * @param {Run} run
 */
function failedIn({ panes }) {
  return panes.filter(({ state }) => state.kind === "broken" && state.failure !== "too_few_views");
}

/** @param {string} title */
function chip(title) {
  const made = element("button", "chip");
  made.type = "button";
  made.disabled = true;
  const sign = element("span", "sign");
  sign.setAttribute("aria-hidden", "true");
  made.append(sign, element("span", "chip-title", title));
  return made;
}

/**
 * @param {Blank} section
 * @param {string} role
 */
function blank({ title, description }, role) {
  const pane = element("section", `pane blank ${role}`);
  const head = element("header", "head");
  head.append(element("h3", "title", title));
  pane.append(head, element("p", "description", description));
  return pane;
}

/** @param {string} at */
function when(at) {
  const time = new Date(at);
  const style = { dateStyle: /** @type {const} */ ("medium"), timeStyle: /** @type {const} */ ("short") };
  return Number.isNaN(time.getTime()) ? "" : time.toLocaleString(language, style);
}
