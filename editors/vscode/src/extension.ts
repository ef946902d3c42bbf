// Activation: commands, and a look-out for the first selection. Everything else is loaded when it is first used.

import { performance } from "node:perf_hooks";
import * as vscode from "vscode";
import type { App } from "./app.js";
import type { Entry } from "./history.js";
import { lostPanels, rememberPanels } from "./restore.js";
import { Status } from "./status.js";
import { SCHEME } from "./uri.js";

const KIND = vscode.CodeActionKind.RefactorRewrite.append("kaizodo");
const SCHEMES = ["file", "untitled", "vscode-notebook-cell", "vscode-userdata"];

let app: App | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const began = performance.now();
  // The editor keeps what it was told while extensions are started anew.
  for (const told of ["kaizodo.running", "kaizodo.front"]) {
    void vscode.commands.executeCommand("setContext", told, undefined);
  }
  const status = new Status();
  const load = async (): Promise<App> => {
    const { createApp } = await import("./app.js");
    return (app ??= createApp(context, status, took));
  };
  const command = (name: string, act: (app: App, argument: unknown) => Promise<void>): vscode.Disposable =>
    vscode.commands.registerCommand(name, async (argument: unknown) => act(await load(), argument));
  context.subscriptions.push(
    status,
    command("kaizodo.look", (app) => app.look()),
    command("kaizodo.tryExample", async (app) => {
      await (await import("./example.js")).openExample();
      await app.look();
    }),
    command("kaizodo.choose", (app) => app.choose()),
    command("kaizodo.showPreview", (app) => app.preview()),
    command("kaizodo.stop", (app, argument) => app.stop(argument === "all")),
    command("kaizodo.retrySection", (app) => app.retrySection()),
    command("kaizodo.copyPanel", (app) => app.copyPanel()),
    command("kaizodo.askOn", (app, argument) => app.work.askOn(argument)),
    command("kaizodo.askAll", (app, argument) => app.work.askAll(argument)),
    command("kaizodo.lookCloser", (app, argument) => app.work.lookCloser(argument)),
    command("kaizodo.insertAnswer", (app, argument) => app.work.insert(argument)),
    command("kaizodo.copySection", (app, argument) => app.work.copySection(argument)),
    command("kaizodo.copyAll", (app, argument) => app.work.copyAll(argument)),
    command("kaizodo.compareRuns", (app, argument) => app.work.compare(argument)),
    command("kaizodo.saveAs", (app, argument) => app.work.saveAs(argument)),
    command("kaizodo.retryWith", (app, argument) => app.work.retryWith(argument)),
    command("kaizodo.keepItem", (app, argument) => app.marks.toggle(argument, "keep")),
    command("kaizodo.dropItem", (app, argument) => app.marks.toggle(argument, "drop")),
    command("kaizodo.commentItem", (app, argument) => app.marks.comment(argument)),
    command("kaizodo.showAsText", (app) => app.switchTo("text")),
    command("kaizodo.showAsPreview", (app) => app.switchTo("preview")),
    command("kaizodo.showAsGrid", (app) => app.switchTo("grid")),
    command("kaizodo.reopenLast", (app) => app.reopenLast()),
    command("kaizodo.openInBrowser", (app) => app.openInBrowser()),
    command("kaizodo.history", (app) => app.history.pick()),
    command("kaizodo.olderRuns", async (app) => app.history.older()),
    command("kaizodo.openRun", (app, argument) => app.history.open(argument)),
    command("kaizodo.pinRun", (app, argument) => app.history.pin(argument, true)),
    command("kaizodo.unpinRun", (app, argument) => app.history.pin(argument, false)),
    command("kaizodo.deleteRun", (app, argument) => app.history.delete(argument)),
    command("kaizodo.searchHistory", (app) => app.history.search()),
    command("kaizodo.chooseHistoryScope", (app) => app.history.chooseScope()),
    command("kaizodo.setApiKey", (app) => app.setApiKey()),
    command("kaizodo.forgetApiKey", (app) => app.forgetApiKey()),
    vscode.commands.registerCommand("kaizodo.menu", async () => (await import("./choose.js")).showMenu(status.who)),
    vscode.commands.registerCommand("kaizodo.chooseWho", async () => (await import("./choose.js")).chooseWho()),
    vscode.commands.registerCommand("kaizodo.openSettings", async () => (await import("./choose.js")).openSettings()),
    command("kaizodo.nameModel", (app) => app.nameModel()),
    vscode.commands.registerCommand("kaizodo.chooseModel", async () => (await import("./models.js")).chooseModel()),
    command("kaizodo.restart", (app) => app.server.restart()),
    command("kaizodo.showLog", (app) => app.showLog()),
    historyTree(load),
    firstSelection(load),
    rememberPanels(context.workspaceState),
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
      // For the panels of an earlier window, until the client is there.
      provideTextDocumentContent: async (uri) => (await load()).textOf(uri),
    }),
    vscode.window.registerWebviewPanelSerializer("kaizodo.grid", {
      deserializeWebviewPanel: async (page, state) => (await load()).restore(page, state),
    }),
  );
  const lost = lostPanels(context.workspaceState);
  if (lost.panels.length > 0) {
    void load().then((app) => app.bringBack(lost));
  }
  const took = performance.now() - began;
}

export async function deactivate(): Promise<void> {
  await app?.server.stop();
  app?.dispose();
}

/** Starts the server at the first selection. From then on the client's own provider gives the actions. */
function firstSelection(load: () => Promise<App>): vscode.Disposable {
  const provider: vscode.CodeActionProvider = {
    provideCodeActions: async (document, range, context) => {
      if (range.isEmpty && context.triggerKind === vscode.CodeActionTriggerKind.Automatic) {
        return [];
      }
      const client = await (await load()).server.quietly();
      if (client === undefined) {
        // Nobody has asked for anything yet: who asks is told.
        return [];
      }
      registration.dispose();
      return client.editorActions(document, range, context);
    },
  };
  const selector = SCHEMES.map((scheme) => ({ scheme }));
  const registration = vscode.languages.registerCodeActionsProvider(selector, provider, {
    providedCodeActionKinds: [KIND],
  });
  return registration;
}

/** The tree of earlier runs: what is in it is loaded when it is first looked at. */
function historyTree(load: () => Promise<App>): vscode.Disposable {
  const changed = new vscode.EventEmitter<undefined>();
  let loaded: App | undefined;
  const view: vscode.TreeView<Entry> = vscode.window.createTreeView<Entry>("kaizodo.history", {
    showCollapseAll: true,
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getTreeItem: async (node) => (await load()).history.getTreeItem(node),
      getChildren: async (node) => {
        if (loaded === undefined) {
          loaded = await load();
          loaded.history.shownIn(view);
          loaded.history.onDidChangeTreeData(() => changed.fire(undefined));
        }
        return loaded.history.getChildren(node);
      },
    },
  });
  return vscode.Disposable.from(view, changed);
}
