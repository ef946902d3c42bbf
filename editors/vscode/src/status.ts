// The status item while a run is alive: how many sections are over, and a click that stops.

import * as vscode from "vscode";
import { type Run, tally } from "./runs.js";

export class Status implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem("kaizodo.status", vscode.StatusBarAlignment.Left, 1);
  private running = false;

  constructor() {
    this.item.name = vscode.l10n.t("Kaizodo");
    // It tells of all runs, so it stops them all.
    this.item.command = { command: "kaizodo.stop", title: vscode.l10n.t("Stop All"), arguments: ["all"] };
  }

  show(alive: readonly Run[]): void {
    const running = alive.length > 0;
    if (running !== this.running) {
      this.running = running;
      void vscode.commands.executeCommand("setContext", "kaizodo.running", running);
    }
    if (!running) {
      this.item.hide();
      return;
    }
    const { over, all } = tally(alive);
    this.item.text = `$(loading~spin) ${vscode.l10n.t("Kaizodo {0}/{1} · stop", over, all)}`;
    this.item.tooltip = alive
      .flatMap((run) => run.sections)
      .map(({ title, outcome }) => `${title} ${outcome === undefined ? "…" : mark(outcome)}`)
      .join(" · ");
    this.item.accessibilityInformation = {
      label: vscode.l10n.t("Kaizodo: {0} of {1} sections have finished. Click to stop.", over, all),
      role: "button",
    };
    this.item.show();
  }

  dispose(): void {
    this.item.dispose();
  }
}

/** The sign of a section's end, as in the server's own progress. */
export function mark(outcome: string): string {
  return { done: "✓", cancelled: "■", on_demand: "–" }[outcome] ?? "✗";
}
