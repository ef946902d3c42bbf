// The status item: who will be asked, with a menu; while a run is alive, how many sections are over, and a click that stops.

import * as vscode from "vscode";
import { type Run, tally } from "./runs.js";
import { type Asked, type NextProvider, type Who, whoAnswers } from "./who.js";

const MENU = "kaizodo.menu";
/** How long to wait for a server to tell who will be asked, at most, in milliseconds. */
const TOLD_MS = 3000;
/** The item tells of all runs, so it stops them all. */
const STOP_ALL = { command: "kaizodo.stop", title: "", arguments: ["all"] };

export class Status implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem("kaizodo.status", vscode.StatusBarAlignment.Left, 1);
  private running = false;
  private alive: readonly Run[] = [];
  /** Who will be asked, as the server said last. */
  private next: NextProvider | undefined;
  /** Who was asked last, since the server said that. */
  private asked: Asked | undefined;
  /** Ends the wait for what the server tells. */
  private hasTold: () => void = () => undefined;

  constructor() {
    this.item.name = vscode.l10n.t("Kaizodo");
    this.item.command = MENU;
    this.render();
  }

  /** The server has told who will be asked from now on; nothing where it has stopped. */
  told(next: NextProvider | undefined): void {
    this.next = next;
    this.asked = undefined;
    this.render();
    if (next !== undefined) {
      this.hasTold();
    }
  }

  /** Who will be asked, in words; empty as long as it is not known. */
  get who(): string {
    return words(this.answers);
  }

  /** The same, once a server that was just started has told. */
  async soon(): Promise<string> {
    if (this.next === undefined) {
      await new Promise<void>((resolve) => {
        this.hasTold = resolve;
        setTimeout(resolve, TOLD_MS);
      });
    }
    return this.who;
  }

  private get answers(): Who {
    return whoAnswers(this.next, this.asked);
  }

  /** A run has told who is asked. */
  heard(asked: Asked): void {
    this.asked = asked;
    this.render();
  }

  show(alive: readonly Run[]): void {
    this.alive = alive;
    const running = alive.length > 0;
    if (running !== this.running) {
      this.running = running;
      void vscode.commands.executeCommand("setContext", "kaizodo.running", running);
      // Set once and not with each count: a command that is replaced while it is clicked does nothing.
      this.item.command = running ? STOP_ALL : MENU;
    }
    this.render();
  }

  dispose(): void {
    this.item.dispose();
  }

  private render(): void {
    if (this.running) {
      this.renderRuns();
    } else {
      const { who } = this;
      const isHost = typeof this.answers.at !== "string";
      const name = vscode.l10n.t("Kaizodo");
      this.item.text = `$(eye) ${isHost ? who : [name, who].filter(Boolean).join(": ")}`;
      const label = who === "" ? vscode.l10n.t("Kaizodo: click for the menu.") : vscode.l10n.t("Kaizodo asks: {0}. Click for the menu.", who);
      this.item.tooltip = label;
      this.item.accessibilityInformation = { label, role: "button" };
    }
    this.item.show();
  }

  private renderRuns(): void {
    const { over, all } = tally(this.alive);
    this.item.text = `$(loading~spin) ${vscode.l10n.t("Kaizodo {0}/{1} · stop", over, all)}`;
    const sections = this.alive.flatMap((run) => run.sections).map(({ title, outcome }) => `${title} ${outcome === undefined ? "…" : mark(outcome)}`);
    this.item.tooltip = [this.who, sections.join(" · ")].join("\n");
    this.item.accessibilityInformation = {
      label: vscode.l10n.t("Kaizodo: {0} of {1} sections have finished. Click to stop.", over, all),
      role: "button",
    };
  }
}

function words({ model, at }: Who): string {
  return [model, typeof at === "string" ? wordOf(at) : at.host].filter(Boolean).join(" · ");
}

function wordOf(at: Extract<Who["at"], string>): string {
  switch (at) {
    case "auto":
      return vscode.l10n.t("Automatic");
    case "local":
      return vscode.l10n.t("A model on this computer");
    case "editor":
      return vscode.l10n.t("A language model provided by the editor");
    case "worksheet":
      return vscode.l10n.t("No model: the worksheet");
    case "unknown":
      return "";
  }
}

/** The sign of a section's end, as in the server's own progress. */
export function mark(outcome: string): string {
  return { done: "✓", cancelled: "■", on_demand: "–" }[outcome] ?? "✗";
}
