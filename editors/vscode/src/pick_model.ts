// Picking a model: of those that the server lists, of those that were asked, or any other by its name.

import * as vscode from "vscode";

/** The models that can be asked, as the server tells; `at` is where one runs, if not there. */
export interface Models {
  host: string | null;
  model: string | null;
  models: { name: string; at: string | null }[];
}

type Item = vscode.QuickPickItem & { model?: string };

/**
 * The name that the user picks; the empty one stands for `first`. What was asked is there at once, the server's list
 * when it comes.
 */
export function pickModel(title: string, first: string, asked: readonly string[], list: Promise<Models>): Promise<string | undefined> {
  const pick = vscode.window.createQuickPick<Item>();
  pick.title = title;
  pick.placeholder = vscode.l10n.t("Choose a model, or type the name of another");
  pick.matchOnDescription = true;
  let listed: Item[] = [];
  const show = () => {
    const known = [...new Set([...listed.map(({ model }) => model), ...asked])];
    const typed = pick.value.trim();
    const own = typed === "" || known.includes(typed) ? [] : [{ label: typed, model: typed, alwaysShow: true }];
    const earlier = asked.filter((model) => !listed.some((item) => item.model === model));
    pick.items = [...own, { label: first, model: "" }, ...earlier.map((model) => ({ label: model, model })), ...listed];
  };
  pick.onDidChangeValue(show);
  show();
  pick.busy = true;
  void list
    .then(itemsOf, unlisted)
    .then((items) => {
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

function itemsOf({ host, model: current, models }: Models): Item[] {
  if (models.length === 0) {
    return [];
  }
  const head = { label: host ?? "", kind: vscode.QuickPickItemKind.Separator };
  const words = (name: string, at: string | null) =>
    [name === current ? vscode.l10n.t("in use") : "", at === null ? "" : `→ ${at}`].filter(Boolean).join(" · ");
  return [head, ...models.map(({ name, at }) => ({ label: name, model: name, description: words(name, at) }))];
}

/** Why there is no list; a name can be typed all the same. */
function unlisted(error: unknown): Item[] {
  const label = `$(warning) ${vscode.l10n.t("The server did not list its models")}`;
  return [{ label, detail: error instanceof Error ? error.message : String(error), alwaysShow: true }];
}
