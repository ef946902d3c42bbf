// A short text to try the action on.

import * as vscode from "vscode";

const EN = `Our tests fail now and then. On the build server they usually pass when somebody starts them again, so that is
what everybody does. We do not know the cause yet. Should we stop and look for it before the release in two weeks?
`;

const JA = `テストがときどき落ちる。CI では、もう一度走らせるとたいてい通るので、みんなそうしている。
原因はまだ分からない。二週間後のリリースの前に、手を止めて調べるべきだろうか。
`;

/** Opens the example with all of its text selected. */
export async function openExample(): Promise<void> {
  const content = vscode.env.language.startsWith("ja") ? JA : EN;
  const document = await vscode.workspace.openTextDocument({ language: "markdown", content });
  const editor = await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.One, preview: false });
  const last = document.lineAt(document.lineCount - 1).range.end;
  editor.selection = new vscode.Selection(new vscode.Position(0, 0), last);
}
