// The API key: kept in the editor's secret storage, and handed to the server by its environment alone.

import * as vscode from "vscode";

const NAME = "kaizodo.apiKey";

/** What has the key: a server that is started with it. */
export interface KeyUser {
  /** Answers are being written with it. */
  isBusy(): boolean;
  /** Gives it the key that is stored now. */
  restart(): Promise<void>;
}

/** The key that the server was given: where it is changed, also in another window, the server gets the new one. */
export class Key implements vscode.Disposable {
  private given: string | undefined;
  /** How many changes of this window's own are under way. */
  private own = 0;
  /** A change of another window that waits for answers. */
  private isDue = false;
  private readonly changes: vscode.Disposable;

  constructor(
    private readonly secrets: vscode.SecretStorage,
    private readonly user: KeyUser,
  ) {
    this.changes = secrets.onDidChange(({ key }) => key === NAME && void this.follow());
  }

  /** The key for a server that is started now. */
  async give(): Promise<string | undefined> {
    this.given = await storedKey(this.secrets);
    return this.given;
  }

  /** Asks for a key, and gives it to the server. Tells whether there is a new one. */
  async set(): Promise<boolean> {
    return this.change(() => setKey(this.secrets));
  }

  /** Forgets the key; the server, too. */
  async forget(): Promise<boolean> {
    return this.change(() => forgetKey(this.secrets));
  }

  /** Some answers have ended: what has waited for them may be done. */
  settle(): void {
    if (this.isDue && !this.user.isBusy()) {
      void this.follow();
    }
  }

  dispose(): void {
    this.changes.dispose();
  }

  private async change(change: () => Promise<boolean>): Promise<boolean> {
    this.own += 1;
    try {
      const changed = await change();
      if (changed) {
        await this.user.restart();
      }
      return changed;
    } finally {
      this.own -= 1;
      // Another window may have changed the key while this one was asked for.
      void this.follow();
    }
  }

  /** What is written here with the old key is not cut by another window. */
  private async follow(): Promise<void> {
    this.isDue = this.user.isBusy();
    if (this.own === 0 && !this.isDue && (await this.storedNow()) !== this.given) {
      await this.user.restart();
    }
  }

  /** A store that fails now is told when a key is needed. */
  private async storedNow(): Promise<string | undefined> {
    try {
      return await this.secrets.get(NAME);
    } catch {
      return this.given;
    }
  }
}

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
