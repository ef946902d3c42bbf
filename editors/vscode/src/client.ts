// The connection to the server: standard LSP by vscode-languageclient, and what kaizodo adds to it.

import { homedir } from "node:os";
import * as vscode from "vscode";
import {
  type CodeAction,
  CodeActionRequest,
  type CodeActionParams,
  type Command,
  DidChangeConfigurationNotification,
  ExecuteCommandRequest,
  LanguageClient,
  type LanguageClientOptions,
  ResponseError,
  State,
  type StaticFeature,
} from "vscode-languageclient/node";
import { serverSettings } from "./config.js";
import type { RunEvent } from "./events.js";
import type { Sections } from "./folds.js";
import type { SavedFilter, SavedPage } from "./saved.js";
import { EditorModels } from "./models.js";
import { columnOf } from "./panel.js";
import { openSetting } from "./settings.js";
import { SCHEME } from "./uri.js";
import type { NextProvider } from "./who.js";

/** Documents that the server is told about: what people write in, and the panels, whose edits this confirms. */
export const SELECTOR = ["file", "untitled", "vscode-notebook-cell", "vscode-userdata", SCHEME].map((scheme) => ({
  scheme,
}));

export interface Listener {
  progress(value: unknown): void;
  show(uri: vscode.Uri): Promise<void>;
  ended(): void;
  /** Who will be asked from now on. */
  provider(next: NextProvider): void;
  /** A server is there: the first, or one that follows another. */
  began(): void;
}

const abilities: StaticFeature = {
  fillClientCapabilities: (capabilities) => {
    // "userSettings": what decides where text goes is taken from the user's own settings alone, see config.ts.
    const kaizodo = { events: true, models: true, provider: true, userSettings: true };
    capabilities.experimental = { ...(capabilities.experimental as object | undefined), kaizodo };
    // An answer is inserted where its reader has said so, and undone by one key: VS Code's own question would be a second
    // one, in a list where nothing is ticked yet.
    delete capabilities.workspace?.workspaceEdit?.changeAnnotationSupport;
  },
  initialize: () => undefined,
  getState: () => ({ kind: "static" }),
  clear: () => undefined,
};

/** The chat models of the model server in use; nothing where no server is asked. */
export interface ServerModels {
  host: string | null;
  /** What a run would ask. */
  model: string | null;
  /** `runs_at` is the host that a model runs on, if it is not this server. */
  models: { name: string; runs_at: string | null }[];
}

export class Client {
  private readonly client: LanguageClient;
  private readonly editorModels: EditorModels;

  constructor(command: string, key: string | undefined, log: vscode.LogOutputChannel, listener: Listener) {
    const options: LanguageClientOptions = {
      documentSelector: SELECTOR,
      outputChannel: log,
      initializationOptions: serverSettings,
      middleware: {
        handleWorkDoneProgress: (token, value, next) => {
          next(token, value);
          listener.progress(value);
        },
        provideCodeActions: async (document, range, context, token, next) => {
          const found = await next(document, range, context, token);
          return context.only === undefined ? found?.map(underNoHeading) : found;
        },
        executeCommand: (name, args) => this.execute(name, args as unknown[]).catch(tell),
        workspace: { configuration: ({ items }) => items.map(() => serverSettings()) },
        window: {
          showDocument: async (params, token, next) => {
            const uri = vscode.Uri.parse(params.uri);
            if (uri.scheme !== SCHEME) {
              const viewColumn = params.takeFocus === true ? columnOf(uri) : undefined;
              if (viewColumn === undefined) {
                return next(params, token);
              }
              const to = this.client.protocol2CodeConverter;
              const place = params.selection === undefined ? {} : { selection: to.asRange(params.selection) };
              await vscode.window.showTextDocument(uri, { viewColumn, ...place });
              return { success: true };
            }
            try {
              await listener.show(uri);
              return { success: true };
            } catch (error) {
              log.error(error instanceof Error ? error : String(error));
              return { success: false };
            }
          },
        },
      },
    };
    // Not the workspace's folder: nothing that lies there has a say in how the server starts.
    const run = { command, args: ["lsp"], options: { cwd: homedir(), env: environment(key) } };
    this.client = new LanguageClient("kaizodo", "Kaizodo", run, options);
    this.client.registerFeature(abilities);
    this.client.onNotification("kaizodo/provider", (next: NextProvider) => listener.provider(next));
    this.editorModels = new EditorModels(this.client);
    this.client.onDidChangeState(({ newState }) => {
      if (newState === State.Stopped) {
        this.editorModels.stopAll();
        listener.ended();
      } else if (newState === State.Running) {
        listener.began();
      }
    });
  }

  start(): Promise<void> {
    return this.client.start();
  }

  async stop(): Promise<void> {
    this.editorModels.dispose();
    if (this.client.needsStop()) {
      await this.client.stop();
    }
  }

  execute(command: string, args: unknown[]): Promise<unknown> {
    return this.client.sendRequest(ExecuteCommandRequest.type, { command, arguments: args });
  }

  /** What a command about the editor's selection takes. */
  argument({ document, selection }: vscode.TextEditor): object {
    const { code2ProtocolConverter: to } = this.client;
    const { uri, version } = to.asVersionedTextDocumentIdentifier(document);
    return { uri, version, range: to.asRange(selection) };
  }

  /** The actions that fit a range, as the server gives them. */
  async actions(document: vscode.TextDocument, range: vscode.Range, context: vscode.CodeActionContext) {
    return this.client.sendRequest(CodeActionRequest.type, await this.actionParams(document, range, context));
  }

  /** The same as the editor's own objects. */
  async editorActions(document: vscode.TextDocument, range: vscode.Range, context: vscode.CodeActionContext) {
    const found: (Command | CodeAction)[] | null = await this.actions(document, range, context);
    const actions = found === null ? [] : await this.client.protocol2CodeConverter.asCodeActionResult(found);
    return context.only === undefined ? actions.map(underNoHeading) : actions;
  }

  async eventsFrom(run: string, from: number): Promise<RunEvent[]> {
    const { events } = await this.client.sendRequest<{ events: RunEvent[] }>("kaizodo/run/events", { run, from });
    return events;
  }

  /** A panel as the server has it. */
  async sections(uri: vscode.Uri): Promise<Sections> {
    return this.client.sendRequest<Sections>("workspace/textDocumentContent", {
      uri: this.client.code2ProtocolConverter.asUri(uri),
    });
  }

  /** The answers of a run as Markdown to be copied and saved; of one section, its answer alone. */
  async textOf(run: string, branch?: string): Promise<string> {
    const what = branch === undefined ? { run } : { run, branch };
    return (await this.client.sendRequest<{ text: string }>("kaizodo/run/text", what)).text;
  }

  async models(): Promise<ServerModels> {
    return this.client.sendRequest<ServerModels>("kaizodo/models", {});
  }

  /** The saved runs that fit, the newest first, as many as the server looks at in one go. */
  async saved(filter: SavedFilter): Promise<SavedPage> {
    return this.client.sendRequest<SavedPage>("kaizodo/journal/list", filter);
  }

  async settingsChanged(): Promise<void> {
    const settings = { kaizodo: serverSettings() };
    await this.client.sendNotification(DidChangeConfigurationNotification.type, { settings });
  }

  private async actionParams(
    document: vscode.TextDocument,
    range: vscode.Range,
    context: vscode.CodeActionContext,
  ): Promise<CodeActionParams> {
    const { code2ProtocolConverter: to } = this.client;
    return {
      textDocument: to.asTextDocumentIdentifier(document),
      range: to.asRange(range),
      context: await to.asCodeActionContext(context),
    };
  }
}

/** In the editor's menu the kind decides the heading, and *Rewrite* is not what is done: by this one it is none of those. */
function underNoHeading<T extends vscode.Command | vscode.CodeAction>(action: T): T {
  if (action instanceof vscode.CodeAction && action.kind !== undefined) {
    const rest = action.kind.value.replace(/^refactor\.rewrite\./, "");
    action.kind = vscode.CodeActionKind.Empty.append(rest);
  }
  return action;
}

/** Says what the server says when something cannot be done. */
export function tell(error: unknown): void {
  void tellWithSetting(error instanceof Error ? error.message : String(error), settingOf(error));
}

async function tellWithSetting(message: string, setting: string | undefined): Promise<void> {
  const open = vscode.l10n.t("Open Setting");
  if (setting === undefined) {
    await vscode.window.showErrorMessage(message);
    return;
  }
  // A setting that does what it is there for is no error.
  if ((await vscode.window.showWarningMessage(message, open)) === open) {
    await openSetting(`kaizodo.${setting}`);
  }
}

/** The setting that the server says is the reason, by its name here: `never_send` is `neverSend`. */
function settingOf(error: unknown): string | undefined {
  const data = error instanceof ResponseError ? (error.data as { setting?: unknown } | undefined) : undefined;
  const name = data?.setting;
  return typeof name === "string" ? name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()) : undefined;
}

function environment(key: string | undefined): NodeJS.ProcessEnv {
  // The server speaks the editor's language.
  const locale = vscode.env.language.startsWith("ja") ? "ja_JP.UTF-8" : "en_US.UTF-8";
  return { ...process.env, LC_ALL: locale, ...(key === undefined ? {} : { OPENAI_API_KEY: key }) };
}
