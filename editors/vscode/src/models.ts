// The editor's own language models, asked by the server where the settings say `provider: "editor"`
// (PROTOCOL.md, "Models of the editor's own").

import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";

interface Ask {
  id: string;
  model: string | null;
  system: string;
  user: string;
  /** Of a question about an answer: all that was said after the system message, that answer included. */
  messages?: { role: string; content: string }[];
}

/** Answers the server's prompts with the editor's models until it is disposed of. */
export class EditorModels implements vscode.Disposable {
  private readonly asked = new Map<string, vscode.CancellationTokenSource>();
  private readonly subscriptions: vscode.Disposable;

  constructor(private readonly client: LanguageClient) {
    this.subscriptions = vscode.Disposable.from(
      client.onRequest("kaizodo/model/ask", (ask: Ask) => this.answer(ask)),
      client.onNotification("kaizodo/model/cancel", ({ id }: { id: string }) => this.asked.get(id)?.cancel()),
    );
  }

  /** Stops every model: the server that asked is gone, and the next one gives the same ids to other prompts. */
  stopAll(): void {
    for (const stop of this.asked.values()) {
      stop.cancel();
    }
    this.asked.clear();
  }

  dispose(): void {
    this.stopAll();
    this.subscriptions.dispose();
  }

  private async answer(ask: Ask): Promise<{ finish: string }> {
    const stop = new vscode.CancellationTokenSource();
    this.asked.set(ask.id, stop);
    try {
      const model = await find(ask.model);
      const justification = vscode.l10n.t("Looks at the selected text from several perspectives.");
      const answer = await model.sendRequest(said(ask), { justification }, stop.token);
      for await (const text of answer.text) {
        if (stop.token.isCancellationRequested) {
          break;
        }
        await this.client.sendNotification("kaizodo/model/delta", { id: ask.id, text });
      }
      return { finish: "stop" };
    } finally {
      if (this.asked.get(ask.id) === stop) {
        this.asked.delete(ask.id);
      }
      stop.dispose();
    }
  }
}

/** What a model is told, in order; the system message is told as the user's, since the editor knows no other kind. */
function said({ system, user, messages }: Ask): vscode.LanguageModelChatMessage[] {
  const turns = [{ role: "user", content: system }, ...(messages ?? [{ role: "user", content: user }])];
  return turns.map(({ role, content }) =>
    role === "assistant" ? vscode.LanguageModelChatMessage.Assistant(content) : vscode.LanguageModelChatMessage.User(content),
  );
}

/** The model of this name, else the editor's first; its id, family and name are all taken for names. */
async function find(name: string | null): Promise<vscode.LanguageModelChat> {
  const models = await vscode.lm.selectChatModels();
  const found = name === null ? models[0] : models.find((m) => [m.id, m.family, m.name].includes(name));
  if (found === undefined) {
    throw new Error(
      name === null
        ? vscode.l10n.t("This editor provides no language model. Install an extension that does, such as GitHub Copilot, or change the setting kaizodo.provider.")
        : vscode.l10n.t("This editor has no language model named {0}. The command “Kaizodo: Choose the Editor's Language Model” lists the ones it has.", name),
    );
  }
  return found;
}

/** Lets the user pick a model of the editor, and makes it the one that answers. */
export async function chooseModel(): Promise<void> {
  const models = await vscode.lm.selectChatModels();
  if (models.length === 0) {
    const message = vscode.l10n.t("This editor provides no language model. Install an extension that does, such as GitHub Copilot, or change the setting kaizodo.provider.");
    await vscode.window.showInformationMessage(message);
    return;
  }
  const items = models.map((model) => ({ label: model.name, description: `${model.vendor} · ${model.id}`, model }));
  const picked = await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Editor model to use") });
  if (picked !== undefined) {
    const config = vscode.workspace.getConfiguration("kaizodo");
    await config.update("provider", "editor", vscode.ConfigurationTarget.Global);
    await config.update("model", picked.model.id, vscode.ConfigurationTarget.Global);
  }
}
