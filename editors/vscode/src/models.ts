// The editor's own language models, asked by the server where the settings say `provider: "editor"`
// (PROTOCOL.md, "Models of the editor's own").

import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";

interface Ask {
  id: string;
  model: string | null;
  system: string;
  user: string;
}

/** Answers the server's prompts with the editor's models until it is disposed of. */
export function answerWithModels(client: LanguageClient): vscode.Disposable {
  const asked = new Map<string, vscode.CancellationTokenSource>();
  return vscode.Disposable.from(
    client.onRequest("kaizodo/model/ask", async (ask: Ask) => {
      const stop = new vscode.CancellationTokenSource();
      asked.set(ask.id, stop);
      try {
        const model = await find(ask.model);
        const said = [ask.system, ask.user].map((text) => vscode.LanguageModelChatMessage.User(text));
        const justification = vscode.l10n.t("Looks at the selected text from several perspectives.");
        const answer = await model.sendRequest(said, { justification }, stop.token);
        for await (const text of answer.text) {
          if (stop.token.isCancellationRequested) {
            break;
          }
          await client.sendNotification("kaizodo/model/delta", { id: ask.id, text });
        }
        return { finish: "stop" };
      } finally {
        asked.delete(ask.id);
        stop.dispose();
      }
    }),
    client.onNotification("kaizodo/model/cancel", ({ id }: { id: string }) => asked.get(id)?.cancel()),
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
