// Activation: commands, and a look-out for the first selection. Everything else is loaded when it is first used.

import { performance } from "node:perf_hooks";
import * as vscode from "vscode";
import type { App } from "./app.js";

const KIND = vscode.CodeActionKind.RefactorRewrite.append("kaizodo");
const SCHEMES = ["file", "untitled", "vscode-notebook-cell", "vscode-userdata"];

let app: App | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const began = performance.now();
  const load = async (): Promise<App> => {
    const { createApp } = await import("./app.js");
    return (app ??= createApp(context, took));
  };
  const command = (name: string, act: (app: App, argument: unknown) => Promise<void>): vscode.Disposable =>
    vscode.commands.registerCommand(name, async (argument: unknown) => act(await load(), argument));
  context.subscriptions.push(
    command("kaizodo.ask", (app) => app.ask()),
    command("kaizodo.choose", (app) => app.choose()),
    command("kaizodo.showPreview", (app) => app.preview()),
    command("kaizodo.stop", (app, argument) => app.stop(argument === "all")),
    command("kaizodo.retrySection", (app) => app.retrySection()),
    command("kaizodo.copyPanel", (app) => app.copyPanel()),
    command("kaizodo.setApiKey", (app) => app.setApiKey()),
    command("kaizodo.forgetApiKey", (app) => app.forgetApiKey()),
    vscode.commands.registerCommand("kaizodo.chooseModel", async () => (await import("./models.js")).chooseModel()),
    command("kaizodo.restart", (app) => app.restart()),
    command("kaizodo.showLog", (app) => app.showLog()),
    firstSelection(load),
  );
  const took = performance.now() - began;
}

export async function deactivate(): Promise<void> {
  await app?.stopClient();
  app?.dispose();
}

/** Starts the server at the first selection. From then on the client's own provider gives the actions. */
function firstSelection(load: () => Promise<App>): vscode.Disposable {
  const provider: vscode.CodeActionProvider = {
    provideCodeActions: async (document, range, context) => {
      if (range.isEmpty && context.triggerKind === vscode.CodeActionTriggerKind.Automatic) {
        return [];
      }
      const client = await (await load()).client().catch(() => undefined);
      registration.dispose();
      return client?.editorActions(document, range, context) ?? [];
    },
  };
  const selector = SCHEMES.map((scheme) => ({ scheme }));
  const registration = vscode.languages.registerCodeActionsProvider(selector, provider, {
    providedCodeActionKinds: [KIND],
  });
  return registration;
}
