/// <reference lib="dom" />
/** The bar that stays in sight: where each section is, and how far. */

import type { Pane } from "../core/fold.js";
import { statusOf } from "../core/status.js";
import { showHidden } from "../core/visible.js";
import { fill, type Words } from "../core/words.js";
import { element } from "./dom.js";

/** Sections beyond have no key. */
const KEYS = 9;

interface Chip {
  readonly button: HTMLButtonElement;
  readonly number: number;
  shown: Pane | undefined;
}

export class SectionBar {
  readonly root = element("nav", "sections");
  private readonly list = element("div", "chips");
  private readonly chips = new Map<string, Chip>();

  constructor(
    private readonly words: Words,
    private readonly language: string,
    private readonly goTo: (branch: string) => void,
    /** Stands at the end of the bar. */
    tail: HTMLElement,
  ) {
    this.root.setAttribute("aria-label", words.sections);
    this.root.append(this.list, tail);
  }

  /** Shows how far a section is; one that is new stands behind all others, where its key is. */
  render(pane: Pane): void {
    const chip = this.chips.get(pane.branch) ?? this.add(pane);
    const before = chip.shown;
    chip.shown = pane;
    if (before === pane || (before !== undefined && before.state.kind === "writing" && pane.state.kind === "writing")) {
      return;
    }
    const { look } = statusOf(pane, this.words, this.language);
    const named = { title: showHidden(pane.title), state: stateWord(pane, this.words), n: chip.number };
    chip.button.dataset["look"] = look;
    chip.button.setAttribute("aria-label", fill(this.words.section, named));
    chip.button.title = fill(chip.number > KEYS ? this.words.section : this.words.sectionKey, named);
  }

  /** Says which section stands alone. */
  showAlone(branch: string | undefined): void {
    for (const [each, { button }] of this.chips) {
      if (each === branch) {
        button.setAttribute("aria-current", "true");
      } else {
        button.removeAttribute("aria-current");
      }
    }
  }

  private add(pane: Pane): Chip {
    const button = element("button", "chip");
    button.type = "button";
    const place = element("span", "sign-place");
    place.setAttribute("aria-hidden", "true");
    place.append(element("span", "sign"));
    button.append(place, element("span", "chip-title", showHidden(pane.title)));
    button.addEventListener("click", () => this.goTo(pane.branch));
    const chip: Chip = { button, number: this.chips.size + 1, shown: undefined };
    if (chip.number <= KEYS) {
      button.setAttribute("aria-keyshortcuts", String(chip.number));
    }
    this.chips.set(pane.branch, chip);
    this.list.append(button);
    return chip;
  }
}

/** The state without counts, which change all the time. */
function stateWord({ state }: Pane, words: Words): string {
  switch (state.kind) {
    case "gathering":
      return words.sayGathering;
    case "on_demand":
      return words.unasked;
    case "thinking":
      return words.sayThinking;
    case "writing":
      return words.sayWriting;
    case "retrying":
      return words.sayRetrying;
    case "broken":
      return state.outcome === "failed" ? words.failed : words.incomplete;
    default:
      return words[state.kind];
  }
}
