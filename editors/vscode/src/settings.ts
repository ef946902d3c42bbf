// The way to the settings.

import * as vscode from "vscode";

/**
 * Opens the settings where this one is, or without one all that are the extension's: of a remote window, those of its
 * machine are on a page of their own.
 */
export async function openSetting(id: string | undefined): Promise<void> {
  const query = id === undefined ? "@ext:kaizodo.kaizodo" : `@id:${id}`;
  const page = vscode.env.remoteName === undefined ? "openSettings" : "openRemoteSettings";
  await vscode.commands.executeCommand(`workbench.action.${page}`, { query });
}
