// A panel's text as a document of the reader's own.

import * as vscode from "vscode";
import type { Client } from "./client.js";
import { runOf } from "./uri.js";

/** Opens a panel's text beside, in an untitled document that can be changed and saved like any other. */
export async function copyPanel(client: Client, panel: vscode.Uri): Promise<void> {
  const content = await textOf(client, panel);
  const document = await vscode.workspace.openTextDocument({ language: "markdown", content });
  await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preview: false });
}

/** What the server has; where it knows nothing of the panel, what an earlier one has left in the editor. */
async function textOf(client: Client, panel: vscode.Uri): Promise<string> {
  try {
    return (await client.sections(panel)).text;
  } catch (error) {
    const run = runOf(panel);
    const left = vscode.workspace.textDocuments.find(({ uri }) => run !== undefined && runOf(uri) === run);
    if (left === undefined) {
      throw error;
    }
    return left.getText();
  }
}
