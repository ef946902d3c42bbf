// Where the server is: the setting, else the program that came with the extension, else PATH.

import { constants } from "node:fs";
import { access, chmod, stat } from "node:fs/promises";
import * as path from "node:path";
import * as vscode from "vscode";
import { openSetting } from "./settings.js";

const PROGRAM = process.platform === "win32" ? "kaizodo.exe" : "kaizodo";

/** No server was found; the message says what to do. */
export class MissingServer extends Error {}

export async function findServer(extensionPath: string): Promise<string> {
  // The user's own value only: a workspace must not name a program.
  const set = vscode.workspace.getConfiguration("kaizodo").inspect<string>("server.path")?.globalValue;
  if (set) {
    if (await isProgram(set)) {
      return set;
    }
    throw new MissingServer(
      vscode.l10n.t("The setting kaizodo.server.path points to {0}, which cannot be run.", set),
    );
  }
  const bundled = path.join(extensionPath, "bin", PROGRAM);
  if (await makeProgram(bundled)) {
    return bundled;
  }
  for (const folder of (process.env["PATH"] ?? "").split(path.delimiter).filter(path.isAbsolute)) {
    const found = path.join(folder, PROGRAM);
    if (await isProgram(found)) {
      return found;
    }
  }
  throw new MissingServer(
    vscode.l10n.t(
      "The program kaizodo was not found. Install it with “cargo install --path .” in its repository, or enter its path in the setting kaizodo.server.path.",
    ),
  );
}

/** Tells the user that there is no server, with a way to mend it. */
export async function tellMissing(error: MissingServer): Promise<void> {
  const settings = vscode.l10n.t("Open Settings");
  if ((await vscode.window.showErrorMessage(error.message, settings)) === settings) {
    await openSetting("kaizodo.server.path");
  }
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

/** Some ways to unpack an extension lose the mark that a file is a program. */
async function makeProgram(file: string): Promise<boolean> {
  if (await isProgram(file)) {
    return true;
  }
  try {
    await chmod(file, 0o755);
    return await isProgram(file);
  } catch {
    return false;
  }
}
