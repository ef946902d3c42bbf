// Choosing who answers, and the menu of the status item. What is chosen is written where the setting belongs: in a remote
// window that is its machine.

import * as vscode from "vscode";
import type { ServerModels } from "./client.js";
import { pickModel } from "./pick_model.js";
import { openSetting } from "./settings.js";

/** OpenAI's own server: named, so that no other one that the server's own settings or the environment name is asked. */
const OPENAI = "https://api.openai.com/v1";

type Provider = "auto" | "openai" | "server" | "local" | "editor" | "worksheet";

/** Lets the user choose who answers, and asks for what that needs. */
export async function chooseWho(): Promise<void> {
  const items: (vscode.QuickPickItem & { provider: Provider })[] = [
    { provider: "auto", label: vscode.l10n.t("Automatic"), detail: vscode.l10n.t("Your own server or API key if you have set one up; otherwise, a model server running on this computer; otherwise, the worksheet (questions for you to answer).") },
    { provider: "openai", label: "OpenAI", detail: vscode.l10n.t("api.openai.com, with your API key.") },
    { provider: "server", label: vscode.l10n.t("Another server…"), detail: vscode.l10n.t("Any server compatible with OpenAI's Chat Completions API, by its URL.") },
    { provider: "local", label: vscode.l10n.t("A model on this computer"), detail: "Ollama, LM Studio, llama.cpp, vLLM" },
    { provider: "editor", label: vscode.l10n.t("A language model provided by the editor"), detail: vscode.l10n.t("For example, one from GitHub Copilot.") },
    { provider: "worksheet", label: vscode.l10n.t("No model: the worksheet"), detail: vscode.l10n.t("Questions for you to answer. Nothing is sent.") },
  ];
  const picked = await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Choose Provider"), matchOnDetail: true });
  if (picked === undefined) {
    return;
  }
  switch (picked.provider) {
    case "editor":
      await vscode.commands.executeCommand("kaizodo.chooseModel");
      return;
    case "server":
      await nameServer();
      return;
    case "openai":
      await set({ provider: "openai", baseUrl: OPENAI, model: undefined });
      await vscode.commands.executeCommand("kaizodo.setApiKey");
      return;
    default:
      await set({ provider: picked.provider, baseUrl: undefined, model: undefined });
  }
}

async function nameServer(): Promise<void> {
  const baseUrl = await vscode.window.showInputBox({
    title: vscode.l10n.t("Another server…"),
    prompt: vscode.l10n.t("The base URL of the server, for example http://127.0.0.1:11434. Do not include the API key."),
    value: config().get<string>("baseUrl", ""),
    ignoreFocusOut: true,
    validateInput: (text) => (/^https?:\/\/[^\s/]/.test(text.trim()) ? undefined : vscode.l10n.t("The URL must begin with http:// or https://.")),
  });
  if (baseUrl?.trim()) {
    await set({ provider: "openai", baseUrl: baseUrl.trim(), model: undefined });
    // By its command, which has the server's list.
    await vscode.commands.executeCommand("kaizodo.nameModel");
  }
}

/** Lets the user choose the model of the server, or type its name; without one, the server's first is asked. */
export async function nameModel(recent: readonly string[], list: Promise<ServerModels>): Promise<void> {
  const model = await pickModel({
    title: vscode.l10n.t("Choose Model"),
    byDefault: vscode.l10n.t("The server's first model"),
    current: String(config().inspect("model")?.globalValue ?? ""),
    recent,
    list,
  });
  if (model !== undefined) {
    await set({ model: model || undefined });
  }
}

/** What can be done from the status item. */
export async function showMenu(who: string): Promise<void> {
  const item = (icon: string, label: string, command: string) => ({ label: `$(${icon}) ${label}`, command });
  const items = [
    item("organization", vscode.l10n.t("Choose Provider…"), "kaizodo.chooseWho"),
    item("chip", vscode.l10n.t("Choose Model…"), "kaizodo.nameModel"),
    item("key", vscode.l10n.t("Set API Key…"), "kaizodo.setApiKey"),
    item("eye", vscode.l10n.t("Preview What Would Be Sent"), "kaizodo.showPreview"),
    item("history", vscode.l10n.t("Find an Earlier Run…"), "kaizodo.history"),
    item("settings-gear", vscode.l10n.t("Settings"), "kaizodo.openSettings"),
    item("output", vscode.l10n.t("Show Log"), "kaizodo.showLog"),
  ];
  const picked = await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Kaizodo"), placeHolder: who });
  if (picked !== undefined) {
    await vscode.commands.executeCommand(picked.command);
  }
}

/** Opens all settings of the extension, where they are: of a remote window, most are on a page of their own. */
export async function openSettings(): Promise<void> {
  await openSetting(undefined);
}

function config(): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration("kaizodo");
}

async function set(values: Record<string, string | undefined>): Promise<void> {
  for (const [key, value] of Object.entries(values)) {
    if (config().inspect(key)?.globalValue !== value) {
      await config().update(key, value, vscode.ConfigurationTarget.Global);
    }
  }
}
