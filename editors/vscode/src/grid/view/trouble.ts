/// <reference lib="dom" />
/** What stopped the answers, once for all of them, with a button for each thing that the reader can do. */

import type { Run } from "../core/fold.js";
import { type Step, type Trouble, troubleOf } from "../core/trouble.js";
import { showHidden } from "../core/visible.js";
import type { Words } from "../core/words.js";
import { element } from "./dom.js";

export class TroubleView {
  readonly root = element("aside", "trouble");
  private shown = "";

  constructor(
    private readonly words: Words,
    private readonly act: (step: Step) => void,
  ) {
    this.root.setAttribute("aria-label", words.inTheWay);
    this.root.hidden = true;
  }

  /** Shows what is in the way; gives it, since the sections that it stopped need not say it again. */
  render(run: Run): Trouble | undefined {
    const trouble = troubleOf(run);
    const key = JSON.stringify(trouble ?? "");
    if (key !== this.shown) {
      this.shown = key;
      this.root.hidden = trouble === undefined;
      this.root.replaceChildren(...(trouble === undefined ? [] : this.parts(run, trouble)));
    }
    return trouble;
  }

  private parts({ panes }: Run, { message, branches, steps }: Trouble): HTMLElement[] {
    const titles = panes.filter(({ branch }) => branches.includes(branch)).map(({ title }) => title);
    const said = element("p", "trouble-text");
    said.append(element("strong", "", showHidden(titles.join(" · "))), element("span", "", showHidden(message)));
    const buttons = element("div", "trouble-steps");
    steps.forEach((step, i) => {
      const made = element("button", i === 0 ? "write" : "head-button", this.name(step));
      made.type = "button";
      made.dataset["step"] = step;
      made.addEventListener("click", () => this.act(step));
      buttons.append(made);
    });
    return [said, buttons];
  }

  private name(step: Step): string {
    const { words } = this;
    switch (step) {
      case "set_key":
        return words.setKey;
      case "choose_who":
        return words.chooseWho;
      case "choose_model":
        return words.chooseModel;
      case "raise_cost":
        return words.openSetting;
      case "retry_failed":
        return words.retryFailed;
    }
  }
}
