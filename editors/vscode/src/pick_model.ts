// Picking a model: of those that the model server lists, of those that were asked, or any other by its name.

import * as vscode from "vscode";
import type { ServerModels } from "./client.js";

type Item = vscode.QuickPickItem & { model?: string };

interface Question {
  title: string;
  /** The label of what is asked where no model is named. */
  byDefault: string;
  /** The model that is named now; empty where none is. */
  current: string;
  /** Models that were asked before: they are there at once, the server's when its list comes. */
  recent: readonly string[];
  list: Promise<ServerModels>;
}

/** The name that the user picks, the empty one for the default; nothing where they pick none. */
export function pickModel({ title, byDefault, current, recent, list }: Question): Promise<string | undefined> {
  const pick = vscode.window.createQuickPick<Item>();
  pick.title = title;
  pick.placeholder = vscode.l10n.t("Choose a model, or type the name of another");
  pick.matchOnDescription = true;
  let listed: Item[] = [];
  let byDefaultNow: string | null = null;
  const show = () => {
    const inUse = (model: string) => (model === current ? [vscode.l10n.t("in use")] : []);
    const others = [...new Set(recent)].filter((model) => !listed.some((item) => item.model === model));
    const items = [
      { label: byDefault, model: "", description: [...(current === "" && byDefaultNow !== null ? [byDefaultNow] : []), ...inUse("")].join(" · ") },
      ...others.map((model) => ({ label: model, model, description: inUse(model).join() })),
      ...listed.map((item) => ({ ...item, description: [...inUse(item.model ?? "?"), item.description ?? ""].filter(Boolean).join(" · ") })),
    ];
    const typed = pick.value.trim();
    const isKnown = typed === "" || items.some(({ model }) => model === typed);
    pick.items = isKnown ? items : [{ label: typed, model: typed, alwaysShow: true }, ...items];
    if (typed === "") {
      pick.activeItems = items.filter(({ model }) => model === current);
    }
  };
  pick.onDidChangeValue(show);
  show();
  pick.busy = true;
  const found = list.then((models) => {
    byDefaultNow = models.model;
    return itemsOf(models);
  });
  void found.catch(unlisted).then((items) => {
    listed = items;
    pick.busy = false;
    show();
  });
  return new Promise((resolve) => {
    pick.onDidAccept(() => {
      const [chosen] = pick.selectedItems;
      if (chosen?.model !== undefined) {
        resolve(chosen.model);
        pick.hide();
      }
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}

function itemsOf({ host, models }: ServerModels): Item[] {
  const head = { label: host ?? "", kind: vscode.QuickPickItemKind.Separator };
  const items = models.map(({ name, runs_at }) => ({ label: name, model: name, description: runs_at === null ? "" : `→ ${runs_at}` }));
  return items.length === 0 ? [] : [head, ...items];
}

/** Why there is no list; a name can be typed all the same. */
function unlisted(error: unknown): Item[] {
  const label = `$(warning) ${vscode.l10n.t("Could not list the models")}`;
  return [{ label, detail: error instanceof Error ? error.message : String(error), alwaysShow: true }];
}
