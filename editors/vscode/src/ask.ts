// The action from a command: the server says what fits the selection, or the paragraph at the cursor.

import * as vscode from "vscode";
import type { CodeAction, Command } from "vscode-languageclient/node";
import type { Client } from "./client.js";

const KIND = vscode.CodeActionKind.RefactorRewrite.append("kaizodo");

/** Runs the default action. */
export async function askAt(client: Client, editor: vscode.TextEditor): Promise<void> {
  const [first] = await actionsAt(client, editor, KIND.append("default"));
  await run(client, first);
}

/** Shows what the default action would send. */
export async function previewAt(client: Client, editor: vscode.TextEditor): Promise<void> {
  const [first] = await actionsAt(client, editor, KIND.append("default"));
  await run(client, first && { ...first, command: "kaizodo.preview" });
}

/** Runs the one that the user chooses of all. */
export async function chooseAt(client: Client, editor: vscode.TextEditor): Promise<void> {
  const commands = await actionsAt(client, editor, KIND);
  const items = commands.map((command) => ({ label: command.title, command }));
  const placeHolder = vscode.l10n.t("How to look at it");
  const chosen = items.length > 0 ? await vscode.window.showQuickPick(items, { placeHolder }) : undefined;
  if (items.length === 0 || chosen !== undefined) {
    await run(client, chosen?.command);
  }
}

async function actionsAt(
  client: Client,
  { document, selection }: vscode.TextEditor,
  only: vscode.CodeActionKind,
): Promise<Command[]> {
  const context = { diagnostics: [], only, triggerKind: vscode.CodeActionTriggerKind.Invoke };
  const found = (await client.actions(document, selection, context)) ?? [];
  return found.flatMap((action) => commandOf(action) ?? []);
}

function commandOf(action: Command | CodeAction): Command | undefined {
  return typeof action.command === "string" ? (action as Command) : action.command;
}

async function run(client: Client, command: Command | undefined): Promise<void> {
  if (command === undefined) {
    void vscode.window.showInformationMessage(vscode.l10n.t("There is no text to look at here. Select some first."));
    return;
  }
  await client.execute(command.command, command.arguments ?? []);
}
