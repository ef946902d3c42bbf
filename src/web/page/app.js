// @ts-check
/** The page: the text above, the run that it shows, earlier runs beside it. What it shows stands in its address. */

import { Announcer } from "./announcer.js";
import { ask, askJson, hasToken, keepToken, pathOf, redeem, sentence, whenTokenIsRefused } from "./api.js";
import { Composer } from "./composer.js";
import { byId, element, button, icon, setText } from "./dom.js";
import { Follower } from "./follow.js";
import { History } from "./history.js";
import { watchReader } from "./place.js";
import { RunView } from "./run-view.js";
import { empty, fold, isAlive, readEvent, release } from "./shared.js";
import { Scrolled } from "./scrolled.js";
import { changeLanguage, language, words } from "./words.js";

/** At most this part of the time is spent on drawing: a costly frame is followed by a longer pause. */
const SHARE = 1 / 4;
/** What is missing before events that have come is given up after this. */
const GAP_MS = 5000;

class App {
  #announcer = new Announcer(byId("said"));
  #banner = byId("banner");
  #view;
  #composer;
  #history;
  #scrolled = new Scrolled();
  /** @type {import("./choice.js").Offer | undefined} */
  #offer;
  /** @type {Follower | undefined} */
  #follower;
  #run = empty;
  /** @type {import("./run-view.js").About} */
  #about = { id: "", title: "", hasDocument: false };
  #alive = false;
  #drawing = false;
  #restUntil = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #gap;

  constructor() {
    this.#composer = new Composer((run) => this.#started(run), () => this.#showBlank());
    this.#view = new RunView(byId("run"), this.#announcer, {
      stop: (branch) => this.#post("cancel", { branch }),
      stopAll: () => this.#across(() => this.#post("cancel", {})),
      retry: async (branch, marks) => this.#post("retry", { branch, ...(marks ? { marks } : {}) }),
      mark: async (branch, line, mark) => this.#post("mark", { branch, line, ...(mark === undefined ? {} : { mark }) }),
      ask: async (branch, question) => this.#askOn(branch, question),
      copy: (text) => this.#copy(text),
      copyAll: () => this.#across(() => this.#copyAll()),
    });
    this.#history = new History(byId("history"), {
      opened: (run) => this.#go(run),
      removed: (run) => {
        if (run === this.#about.id) {
          this.#go("");
        }
      },
    });
    window.addEventListener("hashchange", () => void this.#takeAddress());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) {
        void this.#lookWho();
        void this.#history.refresh();
      }
    });
    window.addEventListener("pagehide", () => this.#scrolled.keep(this.#about.id));
  }

  /** Asks the server for what the page needs, and shows what its address says. */
  async begin() {
    await this.#useTicket();
    this.#useToken();
    if (!hasToken()) {
      return;
    }
    this.#readAddress();
    await Promise.all([this.#lookWho(), this.#lookChoice(), this.#history.refresh()]);
  }

  /** Another address in the same tab: what it says is shown. A page that waits for a token begins anew with it. */
  async #takeAddress() {
    const waits = !byId("token").hidden;
    const isLetIn = (await this.#useTicket()) || this.#useToken();
    if (!waits || !isLetIn) {
      this.#readAddress();
      return;
    }
    if (location.hash === "") {
      history.replaceState(null, "", addressOf(this.#about.id));
    }
    location.reload();
  }

  /** An address that opens the page once. A tab that has the token already is none the worse for an old one. */
  async #useTicket() {
    const said = new URLSearchParams(location.hash.slice(1));
    const ticket = said.get("ticket");
    if (ticket === null) {
      return false;
    }
    said.delete("ticket");
    history.replaceState(null, "", said.size === 0 ? location.pathname : `#${said}`);
    // It is used up in any case: others may have seen it.
    try {
      await redeem(ticket);
      return true;
    } catch (refusal) {
      if (!hasToken()) {
        askForToken(sentence(refusal));
      }
      return false;
    }
  }

  #useToken() {
    const said = new URLSearchParams(location.hash.slice(1));
    if (!said.has("token")) {
      return false;
    }
    const isKept = keepToken(location.hash);
    history.replaceState(null, "", addressOf(said.get("run") ?? ""));
    return isKept;
  }

  #readAddress() {
    const run = new URLSearchParams(location.hash.slice(1)).get("run") ?? "";
    if (run !== this.#about.id || run === "") {
      this.#show(run);
    }
  }

  /** @param {string} run as the reader has chosen it */
  #go(run) {
    if (run === this.#about.id) {
      this.#view.focus();
      return;
    }
    history.pushState(null, "", addressOf(run));
    this.#show(run);
    this.#closeHistory();
    this.#view.focus();
    this.#view.reveal();
  }

  /** @param {string} run */
  #started(run) {
    history.pushState(null, "", addressOf(run));
    this.#show(run, { isNew: true });
    this.#view.reveal();
    void this.#history.refresh();
  }

  /**
   * @param {string} run without one, the empty page
   * @param {{ isNew?: boolean }} [how]
   */
  #show(run, { isNew = false } = {}) {
    this.#follower?.close();
    this.#follower = undefined;
    clearTimeout(this.#gap);
    this.#gap = undefined;
    this.#run = empty;
    this.#alive = false;
    this.#about = { id: run, title: "", hasDocument: false };
    this.#history.show(run);
    this.#tell("");
    this.#titleOfTab();
    if (run === "") {
      this.#showBlank();
      return;
    }
    this.#view.open(run, isNew);
    this.#scrolled.restore(run);
    this.#follower = new Follower(run, {
      events: (events) => this.#take(events),
      connected: (connected) => this.#tell(connected ? "" : words.connectionLost),
      refused: (refusal) => this.#refused(refusal),
    });
  }

  #showBlank() {
    if (this.#about.id !== "" || this.#offer === undefined) {
      return;
    }
    const { perspectives, hasFocus } = this.#composer.choice;
    this.#view.showBlank(perspectives, hasFocus ? { title: words.focus, description: words.focusHint } : undefined);
  }

  /** @param {readonly unknown[]} events */
  #take(events) {
    for (const event of /** @type {Record<string, unknown>[]} */ (events)) {
      if (event["event"] === "run_started") {
        this.#about = { ...this.#about, ...aboutIn(event) };
      }
    }
    this.#run = fold(this.#run, events.flatMap((event) => readEvent(event) ?? []));
    this.#watchGap();
    const alive = this.#run.panes.some(isAlive);
    if (alive !== this.#alive) {
      this.#alive = alive;
      void this.#history.refresh();
    }
    this.#titleOfTab();
    this.#drawSoon();
  }

  #watchGap() {
    if (this.#run.held.length === 0) {
      clearTimeout(this.#gap);
      this.#gap = undefined;
      return;
    }
    this.#gap ??= setTimeout(() => {
      this.#gap = undefined;
      this.#run = release(this.#run);
      this.#drawSoon();
    }, GAP_MS);
  }

  #drawSoon() {
    if (!this.#drawing) {
      this.#drawing = true;
      requestAnimationFrame(() => this.#draw());
    }
  }

  #draw() {
    const before = performance.now();
    if (before < this.#restUntil) {
      requestAnimationFrame(() => this.#draw());
      return;
    }
    this.#drawing = false;
    this.#view.render(this.#run, this.#about);
    this.#scrolled.drawn();
    this.#restUntil = before + (performance.now() - before) / SHARE;
  }

  /** A tab that is not looked at says how far its run is. */
  #titleOfTab() {
    const { panes } = this.#run;
    const over = panes.filter((pane) => !isAlive(pane)).length;
    const state = panes.length === 0 ? "" : over < panes.length ? `${over}/${panes.length} ` : "✓ ";
    const title = this.#about.title === "" ? "kaizodo" : `${this.#about.title} – kaizodo`;
    if (document.title !== state + title) {
      document.title = state + title;
    }
  }

  /** @param {string} text what stands across the page; empty where all is well */
  #tell(text) {
    setText(this.#banner, text);
  }

  /** @param {import("./api.js").Refusal} refusal */
  #refused(refusal) {
    const back = button("quiet-button", words.runGone, () => this.#go(""));
    this.#view.giveUp();
    this.#tell(refusal.message);
    this.#banner.append(" ", back);
  }

  /**
   * @param {string} what
   * @param {Record<string, unknown>} body
   */
  async #post(what, body) {
    await ask(`${pathOf(this.#about.id)}/${what}`, { method: "POST", body });
  }

  /**
   * @param {string | undefined} branch
   * @param {string} question
   */
  async #askOn(branch, question) {
    const body = { question, ...(branch === undefined ? {} : { branch }) };
    const made = await askJson(`${pathOf(this.#about.id)}/ask`, { method: "POST", body });
    return String(made.branch);
  }

  /** @param {string} text */
  async #copy(text) {
    await navigator.clipboard.writeText(text);
    this.#announcer.say("", words.copied);
  }

  async #copyAll() {
    const response = await ask(`${pathOf(this.#about.id)}?clean=true`, { accept: "text/markdown" });
    await this.#copy(await response.text());
  }

  /** Does what belongs to no section; what goes wrong is said across the page.
   *
   * @param {() => Promise<void>} act
   */
  async #across(act) {
    try {
      await act();
    } catch (error) {
      this.#tell(sentence(error));
    }
  }

  async #lookWho() {
    try {
      const { answered_by: who } = await askJson("/v1/status");
      this.#composer.tellWho(String(who));
      this.#view.tellWho(this.#composer.who);
    } catch {
      // The page says so where something is asked for.
    }
  }

  async #lookChoice() {
    try {
      this.#offer = await askJson("/v1/perspectives");
      if (this.#offer !== undefined) {
        this.#composer.choice.show(this.#offer);
        this.#showBlank();
      }
    } catch (error) {
      this.#tell(sentence(error));
    }
  }

  #closeHistory() {
    const aside = byId("history");
    if (aside.popover !== null && aside.matches(":popover-open")) {
      aside.hidePopover();
    }
  }
}

/** @param {string} run without one, the empty page */
function addressOf(run) {
  return run === "" ? location.pathname : `#run=${encodeURIComponent(run)}`;
}

/** @param {Record<string, unknown>} started */
function aboutIn({ title, source }) {
  const uri = String(/** @type {{ uri?: unknown } | undefined} */ (source)?.uri ?? "");
  // A text that was typed here or piped is of no document.
  return { title: String(title ?? ""), hasDocument: !uri.startsWith("kaizodo:") };
}

/** Beside the page where there is room, else over it. */
function placeHistory() {
  const wide = window.matchMedia("(min-width: 1100px)");
  const place = () => {
    byId("history").popover = wide.matches ? null : "auto";
  };
  wide.addEventListener("change", place);
  place();
  const open = byId("history-button");
  open.replaceChildren(icon("history"), element("span", "", words.history));
}

function offerLanguages() {
  const others = /** @type {const} */ ([["ja", "日本語"], ["en", "English"]]);
  const choices = others.map(([code, name]) => {
    const made = button("language", name, () => changeLanguage(code));
    made.lang = code;
    made.setAttribute("aria-pressed", String(code === language));
    return made;
  });
  const group = byId("languages");
  group.setAttribute("aria-label", words.language);
  group.replaceChildren(...choices);
}

/** Without a token the page can ask for nothing: it says where one is to be had. */
function askForToken(why = "") {
  const root = byId("token");
  if (!root.hidden) {
    return;
  }
  const field = element("input", "token-field");
  field.type = "text";
  field.autocomplete = "off";
  field.spellcheck = false;
  field.setAttribute("aria-label", words.tokenLabel);
  field.placeholder = "http://127.0.0.1:4649/#token=…";
  const problem = element("p", "problem");
  problem.setAttribute("role", "alert");
  setText(problem, why);
  const open = () => {
    if (keepToken(field.value)) {
      location.reload();
    } else {
      setText(problem, words.tokenWrong);
      field.focus();
    }
  };
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) {
      open();
    }
  });
  const line = element("div", "token-line");
  line.append(field, button("main-button", words.tokenOpen, open));
  root.replaceChildren(element("h2", "", words.tokenTitle), element("p", "", words.tokenText), line, problem);
  root.hidden = false;
  byId("page").inert = true;
  field.focus();
}

document.documentElement.lang = language;
byId("tagline").textContent = words.tagline;
byId("skip").textContent = words.skip;
byId("skip").addEventListener("click", () => byId("run-title").focus());
watchReader();
placeHistory();
offerLanguages();
whenTokenIsRefused(askForToken);
const address = new URLSearchParams(location.hash.slice(1));
const given = address.has("ticket") || (address.has("token") && keepToken(location.hash));
const app = new App();
if (given || hasToken()) {
  void app.begin();
} else {
  askForToken();
}
