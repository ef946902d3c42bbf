// Earlier runs, found again: a tree in the side bar, and the same to pick from by typing.

import * as vscode from "vscode";
import { type Client, tell } from "./client.js";
import { type Branching, nextOf, placeOf, readPages, type SavedFilter, type SavedPage, type SavedRun, treeOf } from "./saved.js";
import { mark } from "./status.js";
import { withoutIcons } from "./sections.js";
import { SCHEME } from "./uri.js";

type Scope = "file" | "folder" | "all";

/** How long a list waits for more to change before it is read again, in milliseconds. */
const REST_MS = 250;

/** The last entry of an incomplete list; selecting it loads older runs. */
export const OLDER = "older";

export type Entry = Branching | typeof OLDER;

export class History implements vscode.TreeDataProvider<Entry>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private view: vscode.TreeView<Entry> | undefined;
  private shown: vscode.Disposable | undefined;
  private scope: Scope = "all";
  private query = "";
  /** What the tree has. */
  private pages: SavedPage[] = [];
  /** Whether the next read should load another page. */
  private more = false;
  /** Number of reads and filter changes so far; a read that is no longer the latest is discarded. */
  private looks = 0;
  private rest: NodeJS.Timeout | undefined;
  /** The document that the reader was in last: a panel or the side bar is none. */
  private document = documentOf(vscode.window.activeTextEditor);
  private readonly subscriptions = vscode.Disposable.from(
    this.changed,
    vscode.window.onDidChangeActiveTextEditor((editor) => this.follow(documentOf(editor))),
  );

  constructor(private readonly connected: () => Promise<Client | undefined>) {}

  /** The tree's view, once it is there: what has changed while it was hidden, here or in another window, is read when it is shown. */
  shownIn(view: vscode.TreeView<Entry>): void {
    this.view = view;
    this.shown = view.onDidChangeVisibility(({ visible }) => visible && this.changed.fire(undefined));
    this.describe();
  }

  getTreeItem(entry: Entry): vscode.TreeItem {
    if (entry === OLDER) {
      const item = new vscode.TreeItem(vscode.l10n.t("Older runs…"));
      item.description = vscode.l10n.t("not searched yet");
      item.iconPath = new vscode.ThemeIcon("search");
      item.contextValue = OLDER;
      item.command = { command: "kaizodo.olderRuns", title: vscode.l10n.t("Older runs…") };
      return item;
    }
    const { saved, children } = entry;
    const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(saved.title, children.length === 0 ? None : this.query === "" ? Collapsed : Expanded);
    item.id = saved.run;
    item.description = [timeOf(saved), saved.snippet ?? placeOf(saved)].join(" · ");
    item.tooltip = tipOf(saved);
    item.iconPath = new vscode.ThemeIcon(iconOf(saved));
    item.contextValue = saved.alive ? "alive" : saved.pinned === true ? "pinned" : "run";
    item.command = { command: "kaizodo.openRun", title: vscode.l10n.t("Open"), arguments: [{ saved, children }] };
    return item;
  }

  async getChildren(entry?: Entry): Promise<Entry[]> {
    if (entry !== undefined) {
      return entry === OLDER ? [] : entry.children;
    }
    const client = await this.connected();
    const mine = (this.looks += 1);
    const { more, pages } = this;
    const filter = this.filter();
    const found = (client && filter && (await read(client, filter, pages, more))) ?? [];
    if (mine === this.looks) {
      if (more) {
        // Cleared only now: a read that overtakes this one must load the extra page.
        this.more = false;
      }
      this.pages = found;
    }
    const older: Entry[] = nextOf(found) === undefined ? [] : [OLDER];
    return [...treeOf(found.flatMap(({ runs }) => runs)), ...older];
  }

  /** Adds runs to the tree that were not looked at yet. */
  older(): void {
    this.more = true;
    this.changed.fire(undefined);
  }

  /** Reads the list again, soon: a run has begun or ended. */
  refresh(): void {
    if (this.view?.visible === true) {
      clearTimeout(this.rest);
      this.rest = setTimeout(() => this.changed.fire(undefined), REST_MS);
    }
  }

  async search(): Promise<void> {
    const query = await vscode.window.showInputBox({
      title: vscode.l10n.t("Search earlier runs"),
      prompt: vscode.l10n.t("Search titles, texts, questions, answers and comments. Leave empty to see all runs."),
      value: this.query,
    });
    if (query !== undefined) {
      this.query = query.trim();
      await this.begin();
    }
  }

  async chooseScope(): Promise<void> {
    const items = (["file", "folder", "all"] as const).map((scope) => ({ label: nameOf(scope), scope }));
    const picked = await vscode.window.showQuickPick(items, { placeHolder: vscode.l10n.t("Runs to list") });
    if (picked !== undefined) {
      this.scope = picked.scope;
      await this.begin();
    }
  }

  async open(argument: unknown): Promise<void> {
    await this.send("kaizodo.open", argument);
  }

  async pin(argument: unknown, pinned: boolean): Promise<void> {
    await this.send("kaizodo.pin", argument, { pinned });
  }

  async delete(argument: unknown): Promise<void> {
    const saved = savedOf(argument);
    const go = vscode.l10n.t("Delete");
    const said = saved && vscode.l10n.t("Delete the run “{0}”? This cannot be undone.", saved.title);
    if (said !== undefined && (await vscode.window.showWarningMessage(said, { modal: true }, go)) === go) {
      await this.send("kaizodo.delete", argument);
    }
  }

  /** The same runs to pick from; what is typed is searched for in all of their text. */
  async pick(): Promise<void> {
    const client = await this.connected();
    if (client === undefined) {
      return;
    }
    const pick = vscode.window.createQuickPick<SavedItem>();
    pick.placeholder = vscode.l10n.t("Search titles, texts, questions, answers and comments");
    let pages: SavedPage[] = [];
    let asked = 0;
    let waits: NodeJS.Timeout | undefined;
    const list = async (more = false) => {
      const mine = (asked += 1);
      pick.busy = true;
      const found = await read(client, queryOf(pick.value), pages, more);
      if (mine === asked) {
        const before = pages.flatMap(({ runs }) => runs).length;
        pages = found ?? (more ? pages : []);
        pick.items = itemsOf(pages);
        const first = more ? pick.items[before] : undefined;
        if (first !== undefined) {
          pick.activeItems = [first];
        }
        pick.busy = false;
      }
    };
    pick.onDidChangeValue(() => {
      clearTimeout(waits);
      waits = setTimeout(() => {
        pages = [];
        void list();
      }, REST_MS);
    });
    pick.onDidTriggerItemButton(async ({ button, item: { saved } }) => {
      if (saved !== undefined) {
        await (isDelete(button) ? this.delete({ saved }) : this.pin({ saved }, saved.pinned !== true));
        await list();
      }
    });
    pick.onDidAccept(() => {
      const [picked] = pick.selectedItems;
      if (picked !== undefined && picked.saved === undefined) {
        void list(true);
        return;
      }
      pick.hide();
      if (picked !== undefined) {
        void this.open(picked);
      }
    });
    pick.onDidHide(() => {
      clearTimeout(waits);
      asked = 0;
      pick.dispose();
    });
    pick.show();
    await list();
  }

  dispose(): void {
    clearTimeout(this.rest);
    this.shown?.dispose();
    this.subscriptions.dispose();
  }

  private async send(command: string, argument: unknown, more: object = {}): Promise<void> {
    const saved = savedOf(argument);
    const client = saved && (await this.connected());
    if (client !== undefined && saved !== undefined) {
      await client.execute(command, [{ run: saved.run, ...more }]).catch(tell);
      this.changed.fire(undefined);
    }
  }

  private follow(document: vscode.Uri | undefined): void {
    if (document !== undefined && document.toString() !== this.document?.toString()) {
      this.document = document;
      if (this.scope !== "all") {
        this.forgetPages();
        this.refresh();
      }
    }
  }

  /** Lists other runs, from the newest on, where they are seen. */
  private async begin(): Promise<void> {
    this.describe();
    this.forgetPages();
    this.changed.fire(undefined);
    await vscode.commands.executeCommand("kaizodo.history.focus");
  }

  private forgetPages(): void {
    this.pages = [];
    this.more = false;
    this.looks += 1;
  }

  /** The runs to list; nothing where they are those of a file, and the reader has been in none. */
  private filter(): SavedFilter | undefined {
    const { document, scope } = this;
    if (scope === "all") {
      return queryOf(this.query);
    }
    const where =
      scope === "file"
        ? document && { uri: document.toString() }
        : document && { folder: vscode.Uri.joinPath(document, "..").toString() };
    return where && { ...queryOf(this.query), ...where };
  }

  private describe(): void {
    if (this.view !== undefined) {
      const scope = this.scope === "all" ? [] : [nameOf(this.scope)];
      const query = this.query === "" ? [] : [`“${this.query}”`];
      // Not the description: a view that is alone in its container does not show one.
      this.view.message = [...scope, ...query].join(" · ");
    }
  }
}

/** Reads the runs that fit; nothing where the server cannot, which the user is told. */
async function read(
  client: Client,
  filter: SavedFilter,
  known: readonly SavedPage[],
  more: boolean,
): Promise<SavedPage[] | undefined> {
  const page = (before: string | undefined) => client.saved(before === undefined ? filter : { ...filter, before });
  const found = await readPages(page, known, more).catch(tell);
  return found ?? undefined;
}

interface SavedItem extends vscode.QuickPickItem {
  /** Undefined for the "Older runs…" item. */
  saved?: SavedRun;
}

function itemsOf(pages: readonly SavedPage[]): SavedItem[] {
  const items = pages.flatMap(({ runs }) => runs).map(itemOf);
  const older = { label: `$(search) ${vscode.l10n.t("Older runs…")}`, description: vscode.l10n.t("not searched yet"), alwaysShow: true };
  return nextOf(pages) === undefined ? items : [...items, older];
}

function itemOf(saved: SavedRun): SavedItem {
  const icon = (name: string) => new vscode.ThemeIcon(name);
  const pin =
    saved.pinned === true
      ? { iconPath: icon("pinned"), tooltip: vscode.l10n.t("Unpin") }
      : { iconPath: icon("pin"), tooltip: vscode.l10n.t("Pin") };
  return {
    saved,
    label: `${saved.pinned === true ? "$(pinned) " : ""}${signOf(saved)} ${withoutIcons(saved.title)}`,
    description: [timeOf(saved), withoutIcons(placeOf(saved))].join(" · "),
    ...(saved.snippet ? { detail: withoutIcons(saved.snippet) } : {}),
    // The server has searched; what it found need not stand in the label.
    alwaysShow: true,
    buttons: saved.alive ? [pin] : [pin, { iconPath: icon("trash"), tooltip: vscode.l10n.t("Delete") }],
  };
}

function isDelete({ tooltip }: vscode.QuickInputButton): boolean {
  return tooltip === vscode.l10n.t("Delete");
}

function queryOf(typed: string): SavedFilter {
  return typed.trim() === "" ? {} : { query: typed.trim() };
}

function savedOf(argument: unknown): SavedRun | undefined {
  return (argument as { saved?: SavedRun } | undefined)?.saved;
}

function documentOf(editor: vscode.TextEditor | undefined): vscode.Uri | undefined {
  const uri = editor?.document.uri;
  return uri === undefined || uri.scheme === SCHEME || uri.scheme === "output" ? undefined : uri;
}

function nameOf(scope: Scope): string {
  switch (scope) {
    case "file":
      return vscode.l10n.t("This file");
    case "folder":
      return vscode.l10n.t("This folder");
    case "all":
      return vscode.l10n.t("All files");
  }
}

function timeOf({ at }: SavedRun): string {
  const time = new Date(at);
  const isToday = time.toDateString() === new Date().toDateString();
  const options: Intl.DateTimeFormatOptions = isToday ? { timeStyle: "short" } : { dateStyle: "medium" };
  return time.toLocaleString(vscode.env.language, options);
}

function tipOf(saved: SavedRun): string {
  const perspectives = saved.perspectives ?? [];
  const at = new Date(saved.at).toLocaleString(vscode.env.language);
  return [saved.title, `${at} · ${placeOf(saved)}`, perspectives.join(" · "), saved.snippet ?? ""].filter(Boolean).join("\n");
}

function iconOf({ alive, outcome, pinned }: SavedRun): string {
  return alive ? "loading~spin" : pinned === true ? "pinned" : outcome === "done" ? "check" : "circle-slash";
}

function signOf({ alive, outcome }: SavedRun): string {
  return alive ? "…" : mark(outcome ?? "cut_off");
}
