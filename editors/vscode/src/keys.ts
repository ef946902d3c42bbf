// The API key: kept in the editor's secret storage, and handed to the server by its environment alone.

import * as vscode from "vscode";

const NAME = "kaizodo.apiKey";

/** The stored key; `undefined` where there is none, or where the store fails, which the user is told. */
export async function storedKey(secrets: vscode.SecretStorage): Promise<string | undefined> {
  try {
    return await secrets.get(NAME);
  } catch {
    tellFailure();
    return undefined;
  }
}

/** Asks for a key and stores it. Tells whether there is a new one. */
export async function setKey(secrets: vscode.SecretStorage): Promise<boolean> {
  const key = await vscode.window.showInputBox({
    title: vscode.l10n.t("Set API Key"),
    prompt: vscode.l10n.t("Saved in the editor's secret storage and passed to the Kaizodo server as OPENAI_API_KEY."),
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) =>
      /^[\x21-\x7e]*$/.test(text.trim()) ? undefined : vscode.l10n.t("A key cannot contain spaces or non-ASCII characters."),
  });
  if (!key?.trim()) {
    return false;
  }
  try {
    await secrets.store(NAME, key.trim());
  } catch {
    tellFailure();
    return false;
  }
  return true;
}

/** Forgets the stored key. Tells whether it is gone. */
export async function forgetKey(secrets: vscode.SecretStorage): Promise<boolean> {
  try {
    await secrets.delete(NAME);
  } catch {
    tellFailure();
    return false;
  }
  void vscode.window.showInformationMessage(vscode.l10n.t("API key deleted."));
  return true;
}

/** Without the store's own error: nothing that it says is known to hold no key. */
function tellFailure(): void {
  void vscode.window.showErrorMessage(
    vscode.l10n.t(
      "The editor's secret storage is not available here. Instead, set OPENAI_API_KEY in the environment from which you start the editor.",
    ),
  );
}
