// The settings that the server knows, as it is told them: only what the user has set, so that the server's own file
// (config.toml) keeps its say on the rest.

import * as vscode from "vscode";

/**
 * Settings that decide where text goes, at what cost, and what is kept, and what is in the menu: from the user alone,
 * whatever a workspace says.
 */
const MACHINE = [
  "offer",
  "provider",
  "baseUrl",
  "model",
  "effort",
  "extraBody",
  "headers",
  "query",
  "allowInsecureHosts",
  "context",
  "secrets",
  "neverSend",
  "schedule",
  "focus",
  "prices",
  "limits.runCost",
  "limits.selectionBytes",
  "limits.branchBytes",
  "limits.runBytes",
  "limits.maxTokens",
  "limits.concurrency",
  "timeouts.connectMs",
  "timeouts.firstByteMs",
  "timeouts.idleMs",
  "timeouts.focusWaitMs",
  "journal.enabled",
  "journal.selection",
  "journal.reasoning",
  "journal.keepDays",
  "journal.keepBytes",
  "timeouts.totalMs",
  "retries.attempts",
  "retries.waitMs",
] as const;

const WINDOW = ["lang", "perspectives", "sets"] as const;

export type View = "text" | "preview" | "grid";

export function view(): View {
  return vscode.workspace.getConfiguration("kaizodo").get<View>("view", "grid");
}

/** Whether views are folded once their focus is complete. */
export function foldsViews(): boolean {
  return vscode.workspace.getConfiguration("kaizodo").get("foldViews", true);
}

/** The layer of settings that the server gets from this editor. In Restricted Mode it uses nothing of a repository. */
export function serverSettings(): Record<string, unknown> {
  const config = vscode.workspace.getConfiguration("kaizodo");
  const settings: Record<string, unknown> = { workspaceTrusted: vscode.workspace.isTrusted };
  for (const key of MACHINE) {
    put(settings, key, config.inspect(key)?.globalValue);
  }
  for (const key of WINDOW) {
    const found = config.inspect(key);
    const isSet = [found?.globalValue, found?.workspaceValue, found?.workspaceFolderValue].some((v) => v !== undefined);
    // `get`, not the inspected value: it leaves out what a workspace that is not trusted may not say.
    put(settings, key, isSet ? config.get(key) : undefined);
  }
  return settings;
}

function put(settings: Record<string, unknown>, key: string, value: unknown): void {
  if (value === undefined || value === null || value === "") {
    return;
  }
  const [head = key, leaf] = key.split(".");
  if (leaf === undefined) {
    settings[head] = value;
  } else {
    settings[head] = { ...(settings[head] as object | undefined), [leaf]: value };
  }
}
