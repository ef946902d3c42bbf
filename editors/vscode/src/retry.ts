// Which section to retry, and how.

import * as vscode from "vscode";
import type { ServerModels } from "./client.js";
import { pickModel } from "./pick_model.js";
import type { Run, Section } from "./runs.js";
import { modelsOf, withoutIcons } from "./sections.js";
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
      label: `${mark(section.outcome ?? "")} ${withoutIcons(section.title)}`,
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

/** What the server takes for an effort. */
const EFFORTS = ["none", "minimal", "low", "medium", "high"];

/** The model and the effort to ask a section with. */
export async function pickAnother(
  run: Run,
  section: Section,
  list: Promise<ServerModels>,
): Promise<{ model?: string; effort?: string } | undefined> {
  const model = await pickModel({
    title: vscode.l10n.t("Model to use for “{0}”", section.title),
    byDefault: vscode.l10n.t("Default (from the settings)"),
    current: "",
    recent: modelsOf(run.sections),
    list,
  });
  if (model === undefined) {
    return undefined;
  }
  const title = vscode.l10n.t("Reasoning effort");
  const asSet = { label: vscode.l10n.t("Default (from the settings)"), effort: undefined };
  const efforts = EFFORTS.map((effort) => ({ label: effort, effort }));
  const picked = await vscode.window.showQuickPick([asSet, ...efforts], { title });
  const { effort } = picked ?? {};
  return picked && { ...(model === "" ? {} : { model }), ...(effort === undefined ? {} : { effort }) };
}
