// Folds the views of a panel once their focus is complete, for a reader who has not gone to one of them.

import * as vscode from "vscode";
import { foldsViews } from "./config.js";
import { isInView, linesToFold, type Sections } from "./folds.js";
import type { Run } from "./runs.js";
import { runOf } from "./uri.js";

/** How long a panel may take to be as far as the server, in milliseconds, and how often that is looked at. */
const BEHIND_MS = 5_000;
const LOOK_MS = 100;

export interface Panels {
  /** A panel as the server has it. */
  sections(uri: vscode.Uri): Promise<Sections | undefined>;
  run(id: string): Run | undefined;
}

/**
 * VS Code folds in the editor that has the focus and in no other, and taking the focus from somebody who types is out
 * of the question. So a panel is folded at once where it is in front, else when its reader first goes to it.
 */
export class Folding implements vscode.Disposable {
  /** Runs whose focus is complete and whose views are to be folded. */
  private readonly due = new Set<string>();
  /** Runs whose reader has scrolled to a view: a focus that grows above it may take it out of sight by then. */
  private readonly read = new Set<string>();
  private readonly looking = new Set<string>();
  private readonly subscriptions = vscode.Disposable.from(
    vscode.window.onDidChangeActiveTextEditor((editor) => void this.fold(editor)),
    vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => void this.look(textEditor)),
  );

  constructor(private readonly panels: Panels) {}

  /** The focus of this run is complete. */
  complete(run: string): void {
    if (foldsViews()) {
      this.due.add(run);
      void this.fold(vscode.window.activeTextEditor);
    }
  }

  /** A section of this run is asked anew: what is not folded by now stays open. */
  forget(run: string): void {
    this.due.delete(run);
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private async fold(editor: vscode.TextEditor | undefined): Promise<void> {
    const run = editor && runOf(editor.document.uri);
    if (editor === undefined || run === undefined || !this.due.has(run)) {
      return;
    }
    for (const end = Date.now() + BEHIND_MS; Date.now() < end; ) {
      // What brought the reader here may still move the cursor.
      await pause();
      const there = await this.sections(editor, run);
      if (there === undefined || !this.due.has(run) || vscode.window.activeTextEditor !== editor) {
        return;
      }
      const lines = this.read.has(run) ? [] : linesToFold(there, editor.document.getText(), placeIn(editor));
      if (lines !== undefined) {
        this.due.delete(run);
        if (lines.length > 0) {
          await vscode.commands.executeCommand("editor.fold", { levels: 1, direction: "down", selectionLines: lines });
        }
        return;
      }
    }
  }

  /** Sees whether the reader of a panel that is not folded yet has scrolled to a view. */
  private async look(editor: vscode.TextEditor): Promise<void> {
    const run = runOf(editor.document.uri);
    if (run === undefined || placeIn(editor).top === 0 || this.read.has(run) || this.looking.has(run)) {
      return;
    }
    this.looking.add(run);
    try {
      await pause();
      const there = await this.sections(editor, run);
      if (there !== undefined && isInView(there, placeIn(editor))) {
        this.read.add(run);
      }
    } finally {
      this.looking.delete(run);
    }
  }

  /** The panel's views as the server has them; nothing for a run without a focus. */
  private async sections({ document }: vscode.TextEditor, id: string): Promise<Sections | undefined> {
    const run = this.panels.run(id);
    if (run === undefined || !run.sections.some(({ role }) => role === "focus")) {
      return undefined;
    }
    const views = run.sections.filter(({ role }) => role === "view").map(({ branch }) => branch);
    const there = await this.panels.sections(document.uri).catch(() => undefined);
    return there && { ...there, sections: there.sections.filter(({ branch }) => views.includes(branch)) };
  }
}

function placeIn({ selection, visibleRanges }: vscode.TextEditor) {
  return { top: visibleRanges[0]?.start.line ?? 0, cursor: selection.end.line };
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}
