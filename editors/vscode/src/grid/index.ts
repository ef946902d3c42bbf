/** The grid: one page per run beside the source, one pane per perspective. */

import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { readEvent, type Stamped } from "./core/events.js";
import { cut, empty, fold, isAlive, release, type Run } from "./core/fold.js";
import { type Deed, type FromPage, readFromPage, type ToPage } from "./messages.js";
import { pageHtml } from "./page.js";
import { wordsFor } from "./core/words.js";

/** What the panes' buttons do. */
export interface GridHost {
  /** Stops one section, or without a branch all of the run. */
  stop(run: string, branch?: string): void;
  /** Asks one section that has ended anew, perhaps with the reader's marks on it. */
  retry(run: string, branch: string, withMarks: boolean): void;
  /** Asks on about a section. */
  ask(run: string, branch: string, question: string): void;
  /** Looks closer at lines of an answer, as the model wrote them. */
  lookCloser(run: string, branch: string, lines: { first: number; last: number }): void;
  /** Marks the item of a line, or takes its mark away. */
  mark(run: string, branch: string, line: number, mark: "keep" | "drop" | undefined): void;
  /** Has the reader comment on the item of a line; what stands there already is theirs to change. */
  comment(run: string, branch: string, line: number, comment: string): void;
  copy(run: string, branch: string): void;
  copyCode(code: string): void;
  /** Does what concerns the whole run. */
  deed(run: string, deed: Deed): void;
  /** Whether views are folded once their focus is complete. */
  foldsViews(): boolean;
  /** Whether the reader has pinned this page. */
  isPinned(page: vscode.WebviewPanel): boolean;
  /** Whether the active editor is a panel. */
  isFront(): boolean;
  /** Another page, or none, is the active editor now. */
  moved(): void;
}

export interface Grid extends vscode.Disposable {
  /** Opens the run's page beside, or brings it to the front; the focus stays where it is, unless the reader goes there. */
  show(run: string, title: string, withFocus?: boolean): void;
  /** Takes over a page that the editor had when its window was reloaded. */
  restore(run: string, title: string, page: vscode.WebviewPanel): void;
  /** Takes a run's events, before or after it is shown; what is no event is passed over. */
  events(run: string, events: unknown[]): void;
  /** The run whose page is the active editor. */
  active(): string | undefined;
  /** What of a run is alive was cut off, with its server. */
  cut(run: string, message: string): void;
  /** Takes all of a run's events again: what was known of it goes. Nothing for a run it does not have. */
  again(run: string, events: unknown[]): void;
}

/** Runs without a page are remembered up to this number, the latest. */
const RUNS_AT_MOST = 16;

/** How long events are held behind a missing one, in milliseconds, while the host asks for it. */
const GAP_MS = 10_000;

export function createGrid(context: vscode.ExtensionContext, host: GridHost): Grid {
  return new Pages(context.extensionUri, host);
}

interface Shown {
  readonly id: string;
  run: Run;
  title: string;
  page: vscode.WebviewPanel | undefined;
  /** The page's script is there; a hidden page has none and is told everything when it returns. */
  ready: boolean;
  /** A question is being typed in its page. */
  hasDraft: boolean;
  gap: NodeJS.Timeout | undefined;
}

class Pages implements Grid {
  /** By the run's id; the latest used is last. */
  private readonly runs = new Map<string, Shown>();

  constructor(
    private readonly extension: vscode.Uri,
    private readonly host: GridHost,
  ) {}

  show(id: string, title: string, withFocus = false): void {
    const shown = this.find(id);
    shown.title = title;
    if (shown.page !== undefined) {
      this.name();
      shown.page.reveal(undefined, !withFocus);
      return;
    }
    const page = this.free(shown);
    if (page === undefined) {
      shown.page = this.open(shown, withFocus);
      this.name();
    } else {
      this.take(shown, page);
      page.reveal(undefined, !withFocus);
    }
  }

  restore(id: string, title: string, page: vscode.WebviewPanel): void {
    const shown = this.find(id);
    shown.title = title;
    if (shown.page === undefined) {
      page.webview.options = this.options();
      this.serve(page);
      shown.page = page;
      this.fill(page);
      this.name();
    } else {
      page.dispose();
    }
  }

  events(id: string, values: unknown[]): void {
    const events = values.map(readEvent).filter((event): event is Stamped => event !== undefined);
    // A run that is not known from its first event on is not begun in its middle: all of it comes when it is shown.
    if (events.length === 0 || (!this.runs.has(id) && events.every(({ seq }) => seq > 1))) {
      return;
    }
    const shown = this.find(id);
    const { at } = shown.run;
    shown.run = fold(shown.run, events);
    if (shown.run.at !== at) {
      this.name();
    }
    this.tell(shown, { type: "events", events });
    this.watchGap(shown);
  }

  active(): string | undefined {
    return [...this.runs].find(([, shown]) => shown.page?.active === true)?.[0];
  }

  cut(id: string, message: string): void {
    const shown = this.runs.get(id);
    if (shown !== undefined) {
      shown.run = cut(shown.run, message);
      this.tell(shown, { type: "again", run: shown.run });
    }
  }

  again(id: string, values: unknown[]): void {
    const shown = this.runs.get(id);
    if (shown === undefined) {
      return;
    }
    const events = values.map(readEvent).filter((event): event is Stamped => event !== undefined);
    shown.run = fold(empty, events);
    this.tell(shown, { type: "again", run: shown.run });
    this.watchGap(shown);
  }

  dispose(): void {
    for (const shown of this.runs.values()) {
      clearTimeout(shown.gap);
      shown.page?.dispose();
    }
    this.runs.clear();
  }

  private find(id: string): Shown {
    const found = this.runs.get(id) ?? {
      id,
      run: empty,
      title: "",
      page: undefined,
      ready: false,
      hasDraft: false,
      gap: undefined,
    };
    this.runs.delete(id);
    this.runs.set(id, found);
    this.forget();
    return found;
  }

  /** Drops the oldest runs that have no page. */
  private forget(): void {
    const closed = [...this.runs].filter(([, shown]) => shown.page === undefined);
    for (const [id, shown] of closed.slice(0, Math.max(0, closed.length - RUNS_AT_MOST))) {
      clearTimeout(shown.gap);
      this.runs.delete(id);
    }
  }

  /** A page whose run is over and which the reader has not pinned, nor types in, for another run that asks about no answer of it. */
  private free({ run }: Shown): vscode.WebviewPanel | undefined {
    const others = [...this.runs.values()].reverse();
    return others.find((other) => {
      const over = other.run.panes.length > 0 && !other.run.panes.some(isAlive);
      return over && !other.hasDraft && other.id !== run.parent && other.page !== undefined && !this.host.isPinned(other.page);
    })?.page;
  }

  /** Gives a page to another run. */
  private take(shown: Shown, page: vscode.WebviewPanel): void {
    const before = this.of(page);
    shown.page = page;
    shown.ready = before?.ready ?? false;
    if (before !== undefined) {
      before.page = undefined;
      before.ready = false;
    }
    this.name();
    this.start(shown);
    this.forget();
    this.host.moved();
  }

  private of(page: vscode.WebviewPanel): Shown | undefined {
    return [...this.runs.values()].find((shown) => shown.page === page);
  }

  /** Gives each page its run's title, and where others have the same the time, too. */
  private name(): void {
    const shown = [...this.runs.values()].filter(({ page }) => page !== undefined);
    for (const { title, run, page } of shown) {
      const isAlone = shown.filter((other) => other.title === title).length === 1;
      const named = isAlone ? title : [title, timeOf(run.at)].filter(Boolean).join(" · ");
      if (page !== undefined && page.title !== named) {
        page.title = named;
      }
    }
  }

  private options(): vscode.WebviewOptions {
    return { enableScripts: true, enableCommandUris: false, enableForms: false, localResourceRoots: [this.media()] };
  }

  private media(): vscode.Uri {
    return vscode.Uri.joinPath(this.extension, "media", "grid");
  }

  private open(shown: Shown, withFocus: boolean): vscode.WebviewPanel {
    const page = vscode.window.createWebviewPanel(
      "kaizodo.grid",
      shown.title,
      // From one panel another opens beside the source as well, and not in a third column.
      { viewColumn: this.host.isFront() ? vscode.ViewColumn.Active : vscode.ViewColumn.Beside, preserveFocus: !withFocus },
      { ...this.options(), enableFindWidget: true, retainContextWhenHidden: false },
    );
    this.serve(page);
    this.fill(page);
    return page;
  }

  /** Listens to a page, whichever run it shows. */
  private serve(page: vscode.WebviewPanel): void {
    page.webview.onDidReceiveMessage((message) => this.hear(page, message));
    page.onDidChangeViewState(() => {
      const shown = this.of(page);
      if (shown !== undefined) {
        shown.ready &&= page.visible;
      }
      this.host.moved();
    });
    page.onDidDispose(() => {
      const shown = this.of(page);
      if (shown !== undefined) {
        shown.page = undefined;
        shown.ready = false;
        shown.hasDraft = false;
      }
      this.forget();
      this.name();
      this.host.moved();
    });
  }

  private fill(page: vscode.WebviewPanel): void {
    const address = (name: string) => page.webview.asWebviewUri(vscode.Uri.joinPath(this.media(), name)).toString();
    page.webview.html = pageHtml({
      script: address("webview.js"),
      styles: ["grid.css", "pane.css", "answer.css"].map(address),
      nonce: randomBytes(18).toString("base64url"),
      language: vscode.env.language,
    });
  }

  private hear(page: vscode.WebviewPanel, message: unknown): void {
    const said = readFromPage(message);
    const shown = this.of(page);
    if (shown === undefined) {
      return;
    }
    if (said?.type === "ready") {
      shown.ready = true;
      // The page says so again once it has its own back.
      shown.hasDraft = false;
      this.start(shown);
    } else if (said?.type === "draft") {
      shown.hasDraft = said.has;
    } else if (said !== undefined) {
      this.act(shown.id, said);
    }
  }

  /** Tells a page all of its run. */
  private start(shown: Shown): void {
    const { id, run, title } = shown;
    const { language } = vscode.env;
    const foldViews = this.host.foldsViews();
    this.tell(shown, { type: "start", id, title, words: wordsFor(language), language, run, foldViews });
  }

  private act(id: string, said: Exclude<FromPage, { type: "ready" | "draft" }>): void {
    const { host } = this;
    switch (said.type) {
      case "stop":
        return host.stop(id, said.branch);
      case "retry":
        return host.retry(id, said.branch, said.marks === true);
      case "ask":
        return host.ask(id, said.branch, said.question);
      case "look_closer":
        return host.lookCloser(id, said.branch, { first: said.first, last: said.last });
      case "mark":
        return host.mark(id, said.branch, said.line, said.mark);
      case "comment":
        return host.comment(id, said.branch, said.line, said.comment);
      case "copy":
        return host.copy(id, said.branch);
      case "copy_code":
        return host.copyCode(said.code);
      case "do":
        return host.deed(id, said.deed);
    }
  }

  private tell(shown: Shown, message: ToPage): void {
    if (shown.ready) {
      void shown.page?.webview.postMessage(message);
    }
  }

  /** A gap that the host cannot mend must not keep the rest from being shown. */
  private watchGap(shown: Shown): void {
    if (shown.run.held.length === 0) {
      clearTimeout(shown.gap);
      shown.gap = undefined;
      return;
    }
    shown.gap ??= setTimeout(() => {
      shown.gap = undefined;
      shown.run = release(shown.run);
      this.tell(shown, { type: "release" });
    }, GAP_MS);
  }
}

/** The time of day at which a run began. */
function timeOf(at: string): string {
  const time = new Date(at);
  return Number.isNaN(time.getTime()) ? "" : time.toLocaleTimeString(vscode.env.language, { timeStyle: "short" });
}
