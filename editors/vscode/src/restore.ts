// Panels that were open when the window was reloaded: the editor brings back the grid's pages by itself, a rendered
// preview without its text, and no panel as text. Loaded at the start where there is something to bring back, else never.

import * as vscode from "vscode";
import { runOf } from "./uri.js";

/** Where the editor keeps which panels are open. */
const KEY = "kaizodo.panels";

/** A panel that is open as text, or, with the type of its editor, as a rendered preview. */
export interface OpenPanel {
  uri: string;
  column: number;
  type?: string;
  /** It stood behind another tab of its column. */
  isBehind?: true;
}

/** The panels that were open, and the tabs of previews that stand there without their text. */
export interface Lost {
  panels: OpenPanel[];
  empty: vscode.Tab[];
}

/** What a reload has left to be brought back. */
export function lostPanels(state: vscode.Memento): Lost {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const texts = new Set(tabs.flatMap((tab) => (panelIn(tab)?.type === undefined ? (panelIn(tab)?.uri ?? []) : [])));
  const panels = state.get<OpenPanel[]>(KEY, []).filter(({ uri, type }) => type !== undefined || !texts.has(uri));
  const empty = tabs.filter((tab) => panelIn(tab)?.type !== undefined);
  return { panels, empty };
}

/** Remembers which panels are open. */
export function rememberPanels(state: vscode.Memento): vscode.Disposable {
  return vscode.window.tabGroups.onDidChangeTabs(({ opened, closed, changed }) => {
    const all = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs);
    // A tab that another one has come in front of is not told.
    if ([...opened, ...closed, ...changed, ...all].some((tab) => panelIn(tab) !== undefined)) {
      void state.update(KEY, all.flatMap((tab) => panelIn(tab) ?? []));
    }
  });
}

/** Where the editor keeps which page of the grid was shown last. */
const PAGE = "kaizodo.page";

/** A page of the grid: its run, and the run's title. */
export interface Page {
  id: string;
  title: string;
}

export function lastPage(state: vscode.Memento): Page | undefined {
  return state.get<Page>(PAGE);
}

export function rememberPage(state: vscode.Memento, page: Page): void {
  void state.update(PAGE, page);
}

/** Shows them again where they were, and gives them; the focus stays where it is, and what was in front of one. */
export async function bringBack({ panels, empty }: Lost, log: (error: unknown) => void): Promise<vscode.Uri[]> {
  // An editor that could not find its text does not look for it again.
  await vscode.window.tabGroups.close(empty, true).then(undefined, log);
  for (const { uri, column, type, isBehind } of panels) {
    const options = { viewColumn: column, preserveFocus: true, preview: false, background: isBehind === true };
    const panel = vscode.Uri.parse(uri);
    await vscode.commands.executeCommand("vscode.openWith", panel, type ?? "default", options).then(undefined, log);
  }
  return panels.map(({ uri }) => vscode.Uri.parse(uri));
}

function panelIn({ input, group, isActive }: vscode.Tab): OpenPanel | undefined {
  if (!(input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom) || runOf(input.uri) === undefined) {
    return undefined;
  }
  const panel: OpenPanel = {
    uri: input.uri.toString(),
    column: group.viewColumn,
    ...(isActive ? {} : { isBehind: true }),
  };
  return input instanceof vscode.TabInputCustom ? { ...panel, type: input.viewType } : panel;
}
