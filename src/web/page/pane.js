// @ts-check
/** One section on the page: its state, its answer at its natural height, and what can be done with it. */

import { sentence } from "./api.js";
import { button, element, setDisabled, setSentence, setText } from "./dom.js";
import { GrowingAnswer, reachWide } from "./inert.js";
import { Marking } from "./marks.js";
import { QuestionField } from "./question.js";
import { fill, isAlive, showHidden, statusOf, wordsFor } from "./shared.js";
import { language, words } from "./words.js";

/**
 * @typedef {import("./shared.js").Pane} Pane
 * @typedef {import("./shared.js").Status} Status
 *
 * @typedef {object} PaneActions
 * @property {(branch: string) => Promise<void>} stop
 * @property {(branch: string, withMarks: boolean) => Promise<void>} retry
 * @property {(branch: string, line: number, mark: "keep" | "drop" | undefined) => Promise<void>} mark
 * @property {(branch: string, question: string) => Promise<() => void>} ask gives what brings its answer into sight
 * @property {(text: string) => Promise<void>} copy
 */

const grid = wordsFor(language);

export class PaneView {
  root = element("section", "pane");
  #heading = element("h3", "title");
  #state = element("span", "state");
  #answer = new GrowingAnswer();
  #reason = element("p", "reason");
  #call = element("div", "call");
  #callText = element("span", "call-text");
  #facts = element("p", "facts");
  #problem = element("p", "problem");
  #actions;
  #run;
  #title;
  #who = "";
  /** @type {QuestionField | undefined} */
  #question;
  /** @type {Pane} */
  #pane;
  /** @type {Pane | undefined} */
  #shown;
  #stop;
  #retry;
  #ask;
  #copy;
  #mark;
  #marking;
  #write;

  /**
   * @param {Pane} pane
   * @param {string} run its name, under which a question's draft is kept
   * @param {string} answerLanguage
   * @param {PaneActions} actions
   */
  constructor(pane, run, answerLanguage, actions) {
    this.#pane = pane;
    this.#run = run;
    this.#actions = actions;
    const title = showHidden(pane.title);
    this.#title = title;
    this.root.classList.add(pane.role);
    this.root.dataset["branch"] = pane.branch;
    this.#heading.textContent = title;
    this.#heading.tabIndex = -1;
    this.#heading.id = `title-${pane.branch}`;
    this.root.setAttribute("aria-labelledby", this.#heading.id);

    const named = (/** @type {string} */ text) => ({ name: fill(text, { title }) });
    this.#stop = button("stop", grid.stop, () => this.#act(() => actions.stop(pane.branch), this.#stop), {
      ...named(grid.stopNamed),
      sign: "stop",
    });
    this.#retry = button("retry", grid.retry, () => this.#askAnew(this.#retry), { ...named(grid.retryNamed), sign: "retry" });
    this.#ask = button("ask", words.askOn, () => this.#openQuestion(), { ...named(words.askOnNamed), sign: "ask" });
    this.#ask.setAttribute("aria-expanded", "false");
    this.#copy = button("copy", grid.copy, () => void this.#act(() => actions.copy(this.#pane.text)), {
      ...named(grid.copyNamed),
      sign: "copy",
    });
    this.#mark = button("mark", words.mark, () => this.#turnMarking(!this.#marking.isOn), { ...named(words.markNamed), sign: "mark" });
    this.#mark.setAttribute("aria-expanded", "false");
    this.#marking = new Marking(
      this.#answer.root,
      title,
      (line, mark) => this.#act(() => actions.mark(pane.branch, line, mark)),
      () => this.#askAnew(this.#retry, true),
      () => this.#turnMarking(false),
    );
    this.#write = button("main-button", grid.write, () => this.#askAnew(this.#write), named(grid.writeNamed));

    const sign = element("span", "sign");
    sign.setAttribute("aria-hidden", "true");
    const status = element("p", "status");
    status.append(sign, this.#state);
    const head = element("header", "head");
    head.append(this.#heading, status, this.#stop);

    this.#answer.root.lang = answerLanguage;
    this.#problem.setAttribute("role", "alert");
    setText(this.#problem, "");
    this.#call.append(this.#callText, this.#write);
    const acts = element("div", "acts");
    acts.append(this.#ask, this.#mark, this.#retry, this.#copy);
    const foot = element("footer", "foot");
    foot.append(this.#facts, acts);
    this.root.append(head, this.#call, this.#answer.root, this.#reason, this.#marking.root, this.#problem, foot);
  }

  get branch() {
    return this.#pane.branch;
  }

  get role() {
    return this.#pane.role;
  }

  /** It ended without a complete answer, and may be asked again. */
  get isBroken() {
    const { state } = this.#pane;
    return state.kind === "broken" && state.failure !== "too_few_views";
  }

  retry() {
    this.#askAnew(this.#retry);
  }

  /** What grows. */
  get answer() {
    return this.#answer.root;
  }

  /** @param {string} who will be asked by a question or a retry */
  tellWho(who) {
    this.#who = who;
    this.#question?.tellWho(who);
  }

  /** Brings it into sight and the keyboard to it. */
  focus() {
    this.root.scrollIntoView({ block: "start" });
    this.#heading.focus({ preventScroll: true });
  }

  /**
   * Shows a pane's present state; gives its new status if it is of another kind than before.
   *
   * @param {Pane} pane
   * @returns {Status | undefined}
   */
  render(pane) {
    const before = this.#shown;
    if (pane === before) {
      return undefined;
    }
    this.#pane = pane;
    this.#shown = pane;
    // Another answer has its own items, also where it was there within a frame.
    if (this.#marking.isOn && (isAlive(pane) || pane.ends !== before?.ends)) {
      this.#turnMarking(false);
    }
    this.#answer.show(pane.text, pane.generation);
    if (!isAlive(pane)) {
      this.#marking.show(pane.marks);
      reachWide(this.#answer.root);
    }
    const status = statusOf(pane, grid, language);
    this.#renderState(pane, status);
    if (before?.state.kind !== pane.state.kind) {
      setText(this.#problem, "");
      return status;
    }
    return before.older.length < pane.older.length ? { ...status, spoken: status.call } : undefined;
  }

  /**
   * @param {Pane} pane
   * @param {Status} status
   */
  #renderState(pane, { look, text, reason, facts, call }) {
    const had = document.activeElement;
    const alive = isAlive(pane);
    const unasked = pane.state.kind === "on_demand";
    const { classList, dataset } = this.root;
    dataset["look"] = look;
    classList.toggle("alive", alive);
    classList.toggle("blank", pane.text === "");
    classList.toggle("old", pane.anew);
    this.#answer.root.setAttribute("aria-busy", String(alive));
    setText(this.#state, showHidden(text));
    // Below the answer, where reading ends.
    setSentence(this.#reason, showHidden(reason));
    setText(this.#callText, showHidden(call));
    this.#call.hidden = call === "";
    this.#write.lastElementChild?.replaceChildren(unasked ? grid.write : grid.retry);
    setText(this.#facts, showHidden(facts.join(" · ")));
    const answered = !alive && pane.text !== "";
    this.#stop.hidden = !alive;
    this.#retry.hidden = alive || unasked;
    this.#ask.hidden = !answered;
    this.#mark.hidden = !answered;
    this.#copy.hidden = !answered || !window.isSecureContext;
    if (alive) {
      setDisabled(this.#stop, false);
    } else {
      setDisabled(this.#retry, false);
      setDisabled(this.#write, false);
    }
    // What goes takes the keyboard with it, at once or at the next frame.
    if (this.root.contains(had) && had?.closest("[hidden]")) {
      this.#heading.focus({ preventScroll: true });
    }
  }

  /**
   * @param {HTMLButtonElement} pressed
   * @param {boolean} [withMarks]
   */
  #askAnew(pressed, withMarks = false) {
    void this.#act(() => this.#actions.retry(this.branch, withMarks), pressed);
  }

  /** @param {boolean} on */
  #turnMarking(on) {
    const hadFocus = this.#answer.root.contains(document.activeElement) || this.#marking.root.contains(document.activeElement);
    this.#marking.turn(on);
    this.#mark.setAttribute("aria-expanded", String(on));
    if (hadFocus && !on) {
      (this.#mark.hidden ? this.#heading : this.#mark).focus({ preventScroll: true });
    }
  }

  /**
   * Does what a button asks for; it cannot be pressed again until that has had an effect.
   *
   * @param {() => Promise<void>} act
   * @param {HTMLButtonElement} [pressed]
   */
  async #act(act, pressed) {
    setText(this.#problem, "");
    if (pressed !== undefined) {
      setDisabled(pressed, true);
    }
    try {
      await act();
    } catch (error) {
      setText(this.#problem, sentence(error));
      if (pressed !== undefined) {
        setDisabled(pressed, false);
      }
    }
  }

  #openQuestion() {
    if (this.#question === undefined) {
      const send = (/** @type {string} */ question) => this.#actions.ask(this.branch, question);
      const label = fill(grid.question, { title: this.#title });
      this.#question = new QuestionField(label, `${this.#run}.${this.branch}`, send, () => this.#closeQuestion());
      this.#question.tellWho(this.#who);
      this.root.append(this.#question.root);
      this.#ask.setAttribute("aria-expanded", "true");
    }
    this.#question.focus();
  }

  #closeQuestion() {
    const hadFocus = this.#question?.root.contains(document.activeElement);
    this.#question?.root.remove();
    this.#question = undefined;
    this.#ask.setAttribute("aria-expanded", "false");
    if (hadFocus) {
      this.#ask.focus();
    }
  }
}
