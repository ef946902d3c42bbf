// The connection to the server: standard LSP by vscode-languageclient, and what kaizodo adds to it.

import { homedir } from "node:os";
import * as vscode from "vscode";
import {
  type CodeAction,
  CodeActionRequest,
  type CodeActionParams,
  CloseAction,
  type Command,
  type DynamicFeature,
  DidChangeConfigurationNotification,
  ExecuteCommandRequest,
  type ErrorHandler,
  LanguageClient,
  type LanguageClientOptions,
  ResponseError,
  type ShowDocumentParams,
  type ShowDocumentResult,
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

/** How long a server that was killed may take to end, in milliseconds. */
const KILLED_MS = 2_000;

class OwnClient extends LanguageClient {
  /** Nobody wants its server any more: one that answers only now is ended, none takes its place, and nothing is told. */
  isStopped = false;

  /** Ends a server that has not answered, and what it may still say. */
  kill(): void {
    const server = this.serverProcess;
    server?.stdin?.destroy();
    server?.stdout?.destroy();
    server?.kill("SIGKILL");
  }

  // Not initialized here: the constructor above this one registers features.
  declare private features: (StaticFeature | DynamicFeature<unknown>)[] | undefined;

  override registerFeature(feature: StaticFeature | DynamicFeature<unknown>): void {
    (this.features ??= []).push(feature);
    super.registerFeature(feature);
  }

  /** Gives back what its features have registered, such as the names of commands. */
  clearFeatures(): void {
    this.features?.forEach((feature) => feature.clear());
  }

  override error(message: string, data?: unknown, show?: boolean | "force"): void {
    super.error(message, data, this.isStopped ? false : show);
  }
}

export class Client {
  private readonly client: OwnClient;
  private readonly editorModels: EditorModels;
  /** Decides whether a server that has ended comes back. */
  private readonly failures: ErrorHandler;
  private started: Promise<void> | undefined;
  /** Its server has answered, and its listener knows. */
  private hasBegun = false;

  constructor(command: string, key: string | undefined, private readonly log: vscode.LogOutputChannel, listener: Listener) {
    const options: LanguageClientOptions = {
      documentSelector: SELECTOR,
      outputChannel: log,
      initializationOptions: serverSettings,
      errorHandler: {
        error: (...failure) => this.failures.error(...failure),
        closed: () => (this.client.isStopped ? { action: CloseAction.DoNotRestart, handled: true } : this.failures.closed()),
      },
      initializationFailedHandler: () => false,
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
              return params.external === true ? next(params, token) : this.showSource(uri, params);
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
    this.client = new OwnClient("kaizodo", "Kaizodo", run, options);
    this.failures = this.client.createDefaultErrorHandler();
    this.client.registerFeature(abilities);
    this.client.onNotification("kaizodo/provider", (next: NextProvider) => listener.provider(next));
    this.editorModels = new EditorModels(this.client);
    this.client.onDidChangeState(({ newState }) => {
      if (newState === State.Stopped && this.hasBegun) {
        this.editorModels.stopAll();
        listener.ended();
      } else if (newState === State.Running && this.client.isStopped) {
        void this.end();
      } else if (newState === State.Running) {
        this.hasBegun = true;
        listener.began();
      }
    });
  }

  /** Its server has ended, and is not started again. */
  get isGone(): boolean {
    return this.client.state === State.Stopped || this.client.state === State.StartFailed;
  }

  start(): Promise<void> {
    this.started = this.client.start();
    return this.started;
  }

  /** Ends the server: one that does not answer is killed, and that is no failure. */
  async stop(): Promise<void> {
    this.client.isStopped = true;
    this.editorModels.dispose();
    await this.end();
  }

  private async end(): Promise<void> {
    if (this.client.state === State.Starting) {
      this.client.kill();
    }
    // Start-up is waited for, though the client is stopped: its features register commands after the server has answered,
    // and only then can they be cleared.
    const late = new Promise((resolve) => setTimeout(resolve, KILLED_MS));
    await Promise.race([this.started?.catch(() => undefined), late]);
    if (this.client.needsStop()) {
      await this.client.stop().catch((error: unknown) => this.log.warn(String(error)));
    }
    this.client.clearFeatures();
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

  /** Shows a text that was asked about; the user is told where it is gone. */
  private async showSource(uri: vscode.Uri, { takeFocus, selection }: ShowDocumentParams): Promise<ShowDocumentResult> {
    const viewColumn = takeFocus === true ? columnOf(uri) : undefined;
    const place = selection === undefined ? {} : { selection: this.client.protocol2CodeConverter.asRange(selection) };
    try {
      await vscode.window.showTextDocument(uri, {
        preserveFocus: takeFocus !== true,
        ...(viewColumn === undefined ? {} : { viewColumn }),
        ...place,
      });
      return { success: true };
    } catch (error) {
      this.log.warn(String(error));
      const name = uri.scheme === "file" ? uri.fsPath : uri.path;
      tell(vscode.l10n.t("{0} could not be opened. It may have been moved or deleted.", name));
      return { success: false };
    }
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
