// @ts-check
/** The text, which perspectives are asked about it, who is asked, and Start. What is typed is kept in the tab. */

import { askJson, sentence } from "./api.js";
import { button, byId, element, sends, setDisabled, setText } from "./dom.js";
import { inertElements } from "./inert.js";
import { Choice } from "./choice.js";
import { fill } from "./shared.js";
import { sendKeys, words } from "./words.js";

const KEY = "kaizodo.draft";

export class Composer {
  #text = /** @type {HTMLTextAreaElement} */ (byId("text"));
  #problem = byId("composer-problem");
  #who = byId("who");
  #choice;
  #started;
  #startButton;
  #previewButton;
  #starting = false;

  /**
   * @param {(run: string) => void} started
   * @param {() => void} chosen other perspectives were chosen
   */
  constructor(started, chosen) {
    this.#started = started;
    this.#choice = new Choice(byId("choice"), chosen);
    byId("text-label").textContent = words.task;
    this.#text.placeholder = words.taskHint;
    this.#text.value = sessionStorage.getItem(KEY) ?? "";
    this.#text.addEventListener("input", () => {
      sessionStorage.setItem(KEY, this.#text.value);
      setText(this.#problem, "");
    });
    this.#text.addEventListener("keydown", (event) => {
      if (sends(event)) {
        event.preventDefault();
        void this.#start();
      }
    });
    setText(this.#problem, "");
    this.tellWho("");
    this.#startButton = button("main-button start", words.start, () => void this.#start());
    this.#startButton.setAttribute("aria-keyshortcuts", "Control+Enter Meta+Enter");
    this.#previewButton = button("quiet-button", words.preview, () => void this.#preview());
    byId("composer-acts").replaceChildren(this.#previewButton, element("span", "keys", sendKeys), this.#startButton);
  }

  get choice() {
    return this.#choice;
  }

  /** @param {string} who will be asked */
  tellWho(who) {
    this.#who.textContent = who === "" ? words.asksUnknown : fill(words.asks, { who });
  }

  /** The sentence that says who will be asked. */
  get who() {
    return this.#who.textContent ?? "";
  }

  /** What is asked for; nothing, and the reader is told, where something is missing. */
  #request() {
    const text = this.#text.value;
    if (text.trim() === "") {
      setText(this.#problem, words.noText);
      this.#text.focus();
      return undefined;
    }
    if (this.#choice.isEmpty) {
      setText(this.#problem, words.noViews);
      return undefined;
    }
    return { text, ...this.#choice.request() };
  }

  async #start() {
    const body = this.#request();
    if (body === undefined || this.#starting) {
      return;
    }
    this.#starting = true;
    setDisabled(this.#startButton, true);
    setText(this.#problem, "");
    try {
      const { run } = await askJson("/v1/runs", { method: "POST", body });
      this.#started(String(run));
    } catch (error) {
      setText(this.#problem, sentence(error));
    } finally {
      this.#starting = false;
      setDisabled(this.#startButton, false);
    }
  }

  async #preview() {
    const body = this.#request();
    if (body === undefined) {
      return;
    }
    setText(this.#problem, "");
    try {
      const { document: text } = await askJson("/v1/preview", { method: "POST", body });
      show(String(text));
    } catch (error) {
      setText(this.#problem, sentence(error));
    }
  }
}

/** @param {string} text */
function show(text) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("dialog"));
  const body = element("div", "answer");
  body.append(inertElements(text));
  const title = element("h2", "dialog-title", words.previewTitle);
  title.id = "dialog-title";
  const head = element("header", "dialog-head");
  head.append(title, button("quiet-button", words.close, () => dialog.close()));
  const scroller = element("div", "dialog-body");
  scroller.tabIndex = 0;
  scroller.append(body);
  dialog.setAttribute("aria-labelledby", title.id);
  dialog.replaceChildren(head, scroller);
  dialog.showModal();
}
