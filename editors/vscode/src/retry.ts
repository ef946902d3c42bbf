// Which section to ask anew.

import * as vscode from "vscode";
import type { Run, Section } from "./runs.js";
import { mark } from "./status.js";

/** The section that the user chooses among those that are over; those that went wrong come first. */
export async function pickSection(run: Run | undefined): Promise<Section | undefined> {
  const over = (run?.sections ?? []).filter(({ outcome }) => outcome !== undefined);
  if (over.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t("No section is over yet."));
    return undefined;
  }
  const items = over
    .map((section) => ({ label: `${mark(section.outcome ?? "")} ${section.title}`, section }))
    .sort((a, b) => Number(a.section.outcome === "done") - Number(b.section.outcome === "done"));
  const placeHolder = vscode.l10n.t("Which section to ask anew");
  return (await vscode.window.showQuickPick(items, { placeHolder }))?.section;
}
