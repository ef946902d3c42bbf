// Which section to retry.

import * as vscode from "vscode";
import type { Run, Section } from "./runs.js";
import { mark } from "./status.js";

/** The section that the user chooses among those that are over; those that call for it come first. */
export async function pickSection(run: Run | undefined): Promise<Section | undefined> {
  const over = (run?.sections ?? []).filter(({ outcome }) => outcome !== undefined);
  if (over.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t("No section has finished yet."));
    return undefined;
  }
  const items = over
    .map((section) => ({
      label: `${mark(section.outcome ?? "")} ${section.title}`,
      description: callOf(section),
      section,
    }))
    .sort((a, b) => Number(isSettled(a.section)) - Number(isSettled(b.section)));
  const placeHolder = vscode.l10n.t("Section to retry");
  return (await vscode.window.showQuickPick(items, { placeHolder }))?.section;
}

function isSettled({ outcome, older }: Section): boolean {
  return outcome === "done" && older.length === 0;
}

/** What a focus leaves to the user. */
function callOf({ outcome, older }: Section): string {
  if (outcome === "on_demand") {
    return vscode.l10n.t("not written yet");
  }
  return older.length === 0 ? "" : vscode.l10n.t("outdated: {0} changed", older.join(vscode.l10n.t(", ")));
}
