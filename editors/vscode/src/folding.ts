// Folds the views of a panel once their focus is complete, for a reader who is not in one of them.

import * as vscode from "vscode";
import { foldsViews } from "./config.js";
import { linesToFold, type Sections } from "./folds.js";
import type { Run } from "./runs.js";
import { runOf } from "./uri.js";

/** How long a panel may take to be as far as the server, in milliseconds, and how often that is looked at. */
const BEHIND_MS = 5_000;
const LOOK_MS = 100;

/**
 * VS Code folds in the editor that has the focus and in no other, and taking the focus from somebody who types is out
 * of the question. So a panel is folded at once where it is in front, else when its reader first goes to it.
 */
export class Folding implements vscode.Disposable {
  /** Runs whose focus is complete and whose views are to be folded, with the branches of these. */
  private readonly due = new Map<string, readonly string[]>();
  private readonly subscription = vscode.window.onDidChangeActiveTextEditor((editor) => void this.fold(editor));

  constructor(private readonly sections: (uri: vscode.Uri) => Promise<Sections | undefined>) {}

  /** The focus of this run is complete. */
  complete({ id, sections }: Run): void {
    if (foldsViews()) {
      this.due.set(id, sections.filter(({ role }) => role === "view").map(({ branch }) => branch));
      void this.fold(vscode.window.activeTextEditor);
    }
  }

  /** A section of this run is asked anew: what is not folded by now stays open. */
  forget(run: string): void {
    this.due.delete(run);
  }

  dispose(): void {
    this.subscription.dispose();
  }

  private async fold(editor: vscode.TextEditor | undefined): Promise<void> {
    const run = editor && runOf(editor.document.uri);
    if (editor === undefined || run === undefined || !this.due.has(run)) {
      return;
    }
    for (const end = Date.now() + BEHIND_MS; Date.now() < end; ) {
      // What brought the reader here may still move the cursor.
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      const there = await this.sections(editor.document.uri).catch(() => undefined);
      const views = this.due.get(run);
      if (there === undefined || views === undefined || vscode.window.activeTextEditor !== editor) {
        return;
      }
      const { document, selection, visibleRanges } = editor;
      const top = visibleRanges[0]?.start.line ?? 0;
      const lines = linesToFold(there, views, document.getText(), { top, cursor: selection.end.line });
      if (lines !== undefined) {
        this.due.delete(run);
        if (lines.length > 0) {
          await vscode.commands.executeCommand("editor.fold", { levels: 1, direction: "down", selectionLines: lines });
        }
        return;
      }
    }
  }
}
