// What is in front: the panel that is the active editor. Commands act on its run.

import * as vscode from "vscode";
import type { Runs } from "./runs.js";
import { panelOf, runOf, SCHEME } from "./uri.js";

/** A run's panel, a document of another kind that kaizodo made (a preview), or anything else. */
export type InFront =
  | { kind: "run"; run: string; panel: vscode.Uri }
  | { kind: "other"; panel: vscode.Uri }
  | undefined;

export class Front implements vscode.Disposable {
  private told: string | undefined;
  private readonly subscriptions = vscode.Disposable.from(
    vscode.window.tabGroups.onDidChangeTabs(() => this.update()),
    vscode.window.tabGroups.onDidChangeTabGroups(() => this.update()),
  );

  constructor(
    private readonly runs: Runs,
    /** The run whose grid is the active editor: its tab does not tell. */
    private readonly gridRun: () => string | undefined,
  ) {}

  now(): InFront {
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    if (input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom) {
      const panel = input.uri;
      const run = runOf(panel);
      return run !== undefined ? { kind: "run", run, panel } : panel.scheme === SCHEME ? { kind: "other", panel } : undefined;
    }
    const run = input instanceof vscode.TabInputWebview ? this.gridRun() : undefined;
    return run === undefined ? undefined : { kind: "run", run, panel: panelOf(run) };
  }

  /** Tells menus and keys what is in front: `alive` and `over` are a run's, `other` is none. */
  update(): void {
    const front = this.now();
    const alive = front?.kind === "run" && this.runs.get(front.run)?.alive === true;
    const tell = front?.kind === "run" ? (alive ? "alive" : "over") : front?.kind;
    if (tell !== this.told) {
      this.told = tell;
      void vscode.commands.executeCommand("setContext", "kaizodo.front", tell);
    }
  }

  dispose(): void {
    this.subscriptions.dispose();
  }
}
