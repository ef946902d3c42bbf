// The action from a command: the server says what fits the selection, or the paragraph at the cursor.

import * as vscode from "vscode";
import type { CodeAction, Command } from "vscode-languageclient/node";
import { type Client, SELECTOR } from "./client.js";

const KIND = vscode.CodeActionKind.RefactorRewrite.append("kaizodo");

/** Runs the default action. */
export async function askAt(client: Client, editor: vscode.TextEditor): Promise<void> {
  await runFirst(client, editor, "kaizodo.run");
}

/** Shows what the default action would send. */
export async function previewAt(client: Client, editor: vscode.TextEditor): Promise<void> {
  await runFirst(client, editor, "kaizodo.preview");
}

/** Runs the one that the user chooses of all. */
export async function chooseAt(client: Client, editor: vscode.TextEditor): Promise<void> {
  const commands = await actionsAt(client, editor.document, editor.selection, KIND);
  if (commands.length === 0) {
    return hearWhyNot(client, editor, "kaizodo.run");
  }
  const items = commands.map((command) => ({ label: command.title, command }));
  const placeHolder = vscode.l10n.t("Perspectives to use");
  const chosen = await vscode.window.showQuickPick(items, { placeHolder });
  if (chosen !== undefined) {
    await client.execute(chosen.command.command, chosen.command.arguments ?? []);
  }
}

async function runFirst(client: Client, editor: vscode.TextEditor, name: "kaizodo.run" | "kaizodo.preview"): Promise<void> {
  const [first] = await actionsAt(client, editor.document, editor.selection, KIND.append("default"));
  if (first === undefined) {
    return hearWhyNot(client, editor, name);
  }
  await client.execute(name, first.arguments ?? []);
}

/** Nothing is offered here: the server, asked all the same, says why. Of other documents it knows nothing. */
async function hearWhyNot(
  client: Client,
  editor: vscode.TextEditor,
  name: "kaizodo.run" | "kaizodo.preview",
): Promise<void> {
  const { scheme } = editor.document.uri;
  const reason = whyUnreadable(scheme);
  if (reason !== undefined) {
    void vscode.window.showInformationMessage(reason);
    return;
  }
  await client.execute(name, [client.argument(editor)]);
}

function whyUnreadable(scheme: string): string | undefined {
  return SELECTOR.some((known) => known.scheme === scheme)
    ? undefined
    : vscode.l10n.t("Kaizodo cannot read this kind of document ({0}). Copy the text into a file or an untitled document.", scheme);
}

/** The commands of the server's actions of a kind in a range. */
export async function actionsAt(
  client: Client,
  document: vscode.TextDocument,
  range: vscode.Range,
  only: vscode.CodeActionKind,
): Promise<Command[]> {
  const context = { diagnostics: [], only, triggerKind: vscode.CodeActionTriggerKind.Invoke };
  const found = (await client.actions(document, range, context)) ?? [];
  return found.flatMap((action) => commandOf(action) ?? []);
}

function commandOf(action: Command | CodeAction): Command | undefined {
  return typeof action.command === "string" ? (action as Command) : action.command;
}
