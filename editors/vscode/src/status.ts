// The status item: who will be asked, with a menu; while a run is alive, how many sections are over, and a click that stops.

import * as vscode from "vscode";
import { type Run, tally } from "./runs.js";
import { hasKey } from "./keys.js";
import { type Asked, type Who, whoAnswers } from "./who.js";

const MENU = "kaizodo.menu";
/** The item tells of all runs, so it stops them all. */
const STOP_ALL = { command: "kaizodo.stop", title: "", arguments: ["all"] };

export class Status implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem("kaizodo.status", vscode.StatusBarAlignment.Left, 1);
  private running = false;
  private alive: readonly Run[] = [];
  /** Who was asked last by the settings of now. */
  private asked: Asked | undefined;
  private keyed = false;
  private readonly subscriptions: vscode.Disposable;

  constructor(private readonly secrets: vscode.SecretStorage) {
    this.item.name = vscode.l10n.t("Kaizodo");
    this.item.command = MENU;
    this.subscriptions = vscode.Disposable.from(
      this.item,
      secrets.onDidChange(() => void this.look()),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (["provider", "baseUrl", "model"].some((key) => change.affectsConfiguration(`kaizodo.${key}`))) {
          void this.look();
        }
      }),
    );
    this.render();
    void this.look();
  }

  /** Looks at settings and key: who was asked before may not be asked now. */
  async look(): Promise<void> {
    this.asked = undefined;
    this.keyed = await hasKey(this.secrets);
    this.render();
  }

  /** Who will be asked, in words. */
  get who(): string {
    return words(this.answers);
  }

  private get answers(): Who {
    return whoAnswers({ ...settings(), hasKey: this.keyed }, this.asked);
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
    this.subscriptions.dispose();
  }

  private render(): void {
    if (this.running) {
      this.renderRuns();
    } else {
      const { who } = this;
      const isHost = typeof this.answers.at !== "string";
      this.item.text = `$(eye) ${isHost ? who : `${vscode.l10n.t("Kaizodo")}: ${who}`}`;
      this.item.tooltip = vscode.l10n.t("Kaizodo asks: {0}. Click for the menu.", who);
      this.item.accessibilityInformation = { label: vscode.l10n.t("Kaizodo asks: {0}. Click for the menu.", who), role: "button" };
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

function settings() {
  const config = vscode.workspace.getConfiguration("kaizodo");
  const value = (key: string) => String(config.inspect(key)?.globalValue ?? "");
  return { provider: value("provider") || "auto", baseUrl: value("baseUrl"), model: value("model") };
}

function words({ model, at }: Who): string {
  return [model, typeof at === "string" ? wordOf(at) : at.host].filter(Boolean).join(" · ");
}

function wordOf(at: Extract<Who["at"], string>): string {
  switch (at) {
    case "auto":
      return vscode.l10n.t("Whatever is available");
    case "local":
      return vscode.l10n.t("A model on this computer");
    case "editor":
      return vscode.l10n.t("A language model provided by the editor");
    case "worksheet":
      return vscode.l10n.t("No model: the worksheet");
  }
}

/** The sign of a section's end, as in the server's own progress. */
export function mark(outcome: string): string {
  return { done: "✓", cancelled: "■", on_demand: "–" }[outcome] ?? "✗";
}
