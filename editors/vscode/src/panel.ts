// The panel beside the source: opened without taking the focus, and kept at its end for a reader who is there.

import * as vscode from "vscode";
import type { View } from "./config.js";
import { aliveLines } from "./cut.js";
import { type Look, type Reader, read } from "./follow.js";
import { type Change, Hold, type Move } from "./hold.js";
import { runOf, SCHEME } from "./uri.js";

const PREVIEW = "vscode.markdown.preview.editor";

/** Shows a panel in the column beside the source; the focus stays where it is, unless the reader goes there. */
export async function showBeside(uri: vscode.Uri, view: Exclude<View, "grid">, preserveFocus = true): Promise<void> {
  const options = { viewColumn: columnBeside(), preserveFocus, preview: false };
  if (view === "preview") {
    await vscode.commands.executeCommand("vscode.openWith", uri, PREVIEW, options);
  } else {
    await vscode.window.showTextDocument(uri, options);
  }
}

/** Closes the panels of a column that has this one, but not those that the reader has pinned or that are to `stay`. */
export async function closeOthers(panel: vscode.Uri, stay: (run: string) => boolean): Promise<void> {
  const { all } = vscode.window.tabGroups;
  const column = all.find(({ tabs }) => tabs.some((tab) => uriOf(tab)?.toString() === panel.toString()));
  const others = column?.tabs.filter((tab) => {
    const uri = uriOf(tab);
    const run = uri && runOf(uri);
    return run !== undefined && !tab.isPinned && !stay(run);
  });
  await vscode.window.tabGroups.close(others ?? [], true);
}

/** How long a preview may take until it hears of changes, in milliseconds. */
const PREVIEW_STARTS_MS = 10_000;

/**
 * Draws previews anew that were shown a moment ago: VS Code's preview misses what changes before its own script has
 * started, and after a short run nothing follows that would bring it.
 */
export async function settlePreview(shownAt: number): Promise<void> {
  const left = PREVIEW_STARTS_MS - (Date.now() - shownAt);
  for (let wait = 1_000; wait <= left; wait *= 2) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    await vscode.commands.executeCommand("markdown.preview.refresh");
  }
}

/** How often a text is tried to be cut, and the wait between, in milliseconds: the last server's edits may be under way. */
const CUTS = 10;
const CUT_AGAIN_MS = 100;

/** Says in a run's panels that what is alive there was cut off. A server that knows more of it gives the text anew. */
export async function cutText(run: string, message: string): Promise<void> {
  for (let left = CUTS; left > 0 && !(await vscode.workspace.applyEdit(cutsOf(run, message))); left -= 1) {
    await new Promise((resolve) => setTimeout(resolve, CUT_AGAIN_MS));
  }
}

function cutsOf(run: string, message: string): vscode.WorkspaceEdit {
  const edit = new vscode.WorkspaceEdit();
  for (const document of vscode.workspace.textDocuments.filter(({ uri }) => runOf(uri) === run)) {
    for (const line of aliveLines(document.getText())) {
      edit.replace(document.uri, document.lineAt(line).range, `⚠ ${message}`);
    }
  }
  return edit;
}

/** The column that has panels already, so that each run does not open one more, also one from a panel; else the next one. */
function columnBeside(): vscode.ViewColumn {
  const { activeTab, viewColumn: active } = vscode.window.tabGroups.activeTabGroup;
  if (activeTab !== undefined && isPanel(activeTab)) {
    return active;
  }
  const withPanels = vscode.window.tabGroups.all.find(
    (group) => group.viewColumn !== active && group.tabs.some(isPanel),
  );
  return withPanels?.viewColumn ?? vscode.ViewColumn.Beside;
}

/** The column that has a document; else one that shows no panel, so that the panel stays in sight. */
export function columnOf(uri: vscode.Uri): vscode.ViewColumn | undefined {
  const groups = vscode.window.tabGroups.all;
  const has = ({ input }: vscode.Tab) =>
    input instanceof vscode.TabInputText && input.uri.toString() === uri.toString();
  const withIt = groups.find(({ tabs }) => tabs.some(has));
  return (withIt ?? groups.find(({ activeTab }) => activeTab === undefined || !isPanel(activeTab)))?.viewColumn;
}

function isPanel(tab: vscode.Tab): boolean {
  const { input } = tab;
  if (input instanceof vscode.TabInputWebview) {
    return input.viewType.endsWith("kaizodo.grid");
  }
  return uriOf(tab)?.scheme === SCHEME;
}

/** The document of a tab with its text or its preview. */
function uriOf({ input }: vscode.Tab): vscode.Uri | undefined {
  return input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom ? input.uri : undefined;
}

/** Whether the reader has pinned the tab of this page. */
export function isPinned(page: vscode.WebviewPanel): boolean {
  const group = vscode.window.tabGroups.all.find(({ viewColumn }) => viewColumn === page.viewColumn);
  const tabs = group?.tabs.filter(({ input, label }) => input instanceof vscode.TabInputWebview && label === page.title);
  return tabs?.some((tab) => tab.isPinned) ?? false;
}

/** For how long a look may be due to a move of ours, in milliseconds. */
const MOVE_MS = 250;

/** Keeps readers at the end of a panel at the end; for all others, keeps the lines that they read in place. */
export class Follower implements vscode.Disposable {
  private readonly readers = new WeakMap<vscode.TextEditor, Reader>();
  private readonly moves = new WeakMap<vscode.TextEditor, number>();
  private readonly holds = new WeakMap<vscode.TextEditor, Hold>();
  private readonly subscriptions = vscode.Disposable.from(
    vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => this.scroll(textEditor)),
    vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => this.look(textEditor)),
    vscode.workspace.onDidChangeTextDocument((event) => this.follow(event)),
  );

  dispose(): void {
    this.subscriptions.dispose();
  }

  private look(editor: vscode.TextEditor): void {
    const moved = Date.now() - (this.moves.get(editor) ?? 0) < MOVE_MS;
    const look = lookOf(editor, moved);
    if (look !== undefined) {
      this.readers.set(editor, read(this.readers.get(editor), look));
    }
  }

  private scroll(editor: vscode.TextEditor): void {
    const [top, bottom] = [editor.visibleRanges[0]?.start, editor.visibleRanges.at(-1)?.end];
    const hold = this.holds.get(editor);
    if (editor.document.uri.scheme === SCHEME && top !== undefined && bottom !== undefined) {
      reveal(editor, hold?.look({ top, bottom }, Date.now()));
      this.holds.set(editor, hold ?? new Hold({ top, bottom }, Date.now()));
    }
    this.look(editor);
  }

  private follow({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    if (document.uri.scheme !== SCHEME) {
      return;
    }
    const changes = contentChanges.map(({ range: { start, end }, text }): Change => ({ start, end, text }));
    const end = document.lineAt(document.lineCount - 1).range.end;
    for (const editor of vscode.window.visibleTextEditors.filter((each) => each.document === document)) {
      if (this.readers.get(editor)?.following) {
        // Whoever follows the end needs no hold; `scroll` makes a new one.
        this.holds.delete(editor);
        this.moves.set(editor, Date.now());
        editor.revealRange(new vscode.Range(end, end));
      } else {
        reveal(editor, this.holds.get(editor)?.change(changes, Date.now()));
      }
    }
  }
}

/** Scrolls an editor back to what was being read. */
function reveal(editor: vscode.TextEditor, move: Move | undefined): void {
  if (move === undefined) {
    return;
  }
  const { line, character } = move.show;
  const wraps = vscode.workspace.getConfiguration("editor", editor.document).get("wordWrap") !== "off";
  // In a line that is not wrapped, a later character would scroll sideways.
  const at = editor.document.validatePosition(new vscode.Position(line, wraps ? character : 0));
  const { AtTop, Default } = vscode.TextEditorRevealType;
  editor.revealRange(new vscode.Range(at, at), move.as === "top" ? AtTop : Default);
}

function lookOf({ document, visibleRanges, selection }: vscode.TextEditor, moved: boolean): Look | undefined {
  const [first, last] = [visibleRanges[0], visibleRanges.at(-1)];
  if (document.uri.scheme !== SCHEME || first === undefined || last === undefined) {
    return undefined;
  }
  const [top, bottom, cursor] = [first.start.line, last.end.line, selection.active.line];
  return { top, bottom, cursor, lines: document.lineCount, moved };
}
