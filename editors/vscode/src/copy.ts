// A panel's text as a document of the reader's own.

import * as vscode from "vscode";

/** Opens the text beside, in an untitled document that can be changed and saved like any other. */
export async function openCopy(text: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument({ language: "markdown", content: text });
  await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preview: false });
}
