// Everything behind the first use: the client, the runs it tells about, and how they are shown.

import * as vscode from "vscode";
import { askAt, chooseAt, previewAt } from "./ask.js";
import { nameModel } from "./choose.js";
import { Client, type ServerModels, tell } from "./client.js";
import { foldsViews, view, type View } from "./config.js";
import { copyPanel } from "./copy.js";
import { reportOf } from "./events.js";
import { Failed } from "./failed.js";
import { Folding } from "./folding.js";
import { Front } from "./front.js";
import { Key } from "./keys.js";
import { Grids } from "./grids.js";
import type { Deed } from "./grid/messages.js";
import { History } from "./history.js";
import { Marks } from "./marks.js";
import { closeOthers, cutText, Follower, isPinned, settlePreview, showBeside } from "./panel.js";
import { bringBack, lastPage, type Lost, rememberPage } from "./restore.js";
import { pickSection } from "./retry.js";
import { bringFocus, type Run, Runs } from "./runs.js";
import { modelsOf } from "./sections.js";
import { openSetting } from "./settings.js";
import { findServer } from "./server.js";
import { Starter } from "./starter.js";
import type { Status } from "./status.js";
import { panelOf, runOf, titleOf } from "./uri.js";
import { Work } from "./work.js";

/** How a section is asked anew where it is not as before. */
interface How {
  model?: string;
  effort?: string;
  marks?: true;
}

export class App implements vscode.Disposable {
  private readonly log = vscode.window.createOutputChannel("Kaizodo", { log: true });
  private readonly runs = new Runs();
  readonly server = new Starter(() => this.makeClient(), this.log);
  private readonly key: Key;
  private readonly failed = new Failed((run, branch) => this.retry(run, branch));
  private readonly follower = new Follower();
  private readonly folding = new Folding({
    sections: async (uri) => (await this.server.running())?.sections(uri),
    run: (id) => this.runs.get(id),
  });
  readonly history = new History(() => this.server.connected());
  readonly work = new Work({
    connected: () => this.server.connected(),
    front: () => this.front.now(),
    run: (id) => this.known(id),
    latest: () => this.runs.latest(),
    models: () => this.models(),
    retry: async (run, branch, how) => void (await this.retry(run, branch, how)),
  });
  readonly marks = new Marks(
    () => this.server.connected(),
    (id) => this.known(id),
    () => {
      const front = this.front.now();
      return front?.kind === "run" ? front.run : undefined;
    },
  );
  private readonly grids: Grids;
  private readonly front: Front;
  private readonly settings: vscode.Disposable;
  /** Runs that were alive when their server stopped; the next one knows how they ended. */
  private readonly left = new Set<string>();
  /** The runs that are in progress and began after the server last told who will be asked. */
  private readonly fresh = new Set<string>();
  /** The panel of each run that was shown, under its title. */
  private readonly panels = new Map<string, vscode.Uri>();
  /** The panel that was shown last. */
  private shown: { run: string | undefined; view: View; at: number } | undefined;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly status: Status,
    activationMs: number,
  ) {
    this.log.info(`activated in ${activationMs.toFixed(1)} ms`);
    this.key = new Key(context.secrets, {
      isBusy: () => this.runs.alive().length > 0,
      restart: () => this.server.restartIfStarted(),
    });
    this.grids = new Grids(context, {
      stop: (run, branch) => void this.cancel(run, branch),
      retry: (run, branch, withMarks) => void this.retry(run, branch, withMarks ? { marks: true } : {}),
      mark: (run, branch, line, mark) => void this.marks.set({ run, branch, line }, mark === undefined ? {} : { mark }),
      comment: (run, branch, line, comment) => void this.marks.ask({ run, branch, line }, comment),
      copy: (run, branch) => void this.work.copySection({ run, branch }),
      copyCode: (code) => void vscode.env.clipboard.writeText(code),
      deed: (run, deed) => void this.deed(run, deed),
      ask: (run, branch, question) => void this.work.ask(run, branch, question),
      lookCloser: (run, branch, lines) => void this.work.passage(run, branch, lines),
      foldsViews,
      isPinned,
      isFront: () => this.front.now() !== undefined,
      moved: () => this.front.update(),
    });
    this.front = new Front(this.runs, () => this.grids.active());
    this.settings = vscode.Disposable.from(
      vscode.workspace.onDidChangeConfiguration((change) => void this.settingsChanged(change)),
      vscode.workspace.onDidGrantWorkspaceTrust(() => void this.tellSettings()),
    );
  }

  async look(): Promise<void> {
    await this.withEditor(askAt);
  }

  async choose(): Promise<void> {
    await this.withEditor(chooseAt);
  }

  /** Shows what the default action would send; nothing is sent. */
  async preview(): Promise<void> {
    await this.withEditor(previewAt);
  }

  /** Stops the run in front; where none is, or with `all`, every run that is alive. */
  async stop(all: boolean): Promise<void> {
    const front = all ? undefined : this.front.now();
    const alive = this.runs.alive();
    const chosen = front?.kind === "run" ? alive.filter((run) => run.id === front.run) : alive;
    await Promise.all(chosen.map((run) => this.cancel(run.id)));
    if (chosen.length === 0 && alive.length > 0) {
      const stopAll = vscode.l10n.t("Stop All");
      const said = vscode.l10n.t("The run you are viewing has ended. Others are still running.");
      if ((await vscode.window.showInformationMessage(said, stopAll)) === stopAll) {
        await this.stop(true);
      }
    }
  }

  /** Asks a section of the run in front anew; where none is, of the latest. */
  async retrySection(): Promise<void> {
    const front = this.front.now();
    const run = front?.kind === "run" ? await this.known(front.run) : this.runs.latest();
    const section = await pickSection(run);
    if (run !== undefined && section !== undefined) {
      await this.retry(run.id, section.branch);
    }
  }

  /** Copies the panel in front into a document of the reader's own; where none is, that of the latest run. */
  async copyPanel(): Promise<void> {
    const latest = this.runs.latest();
    const panel = this.front.now()?.panel ?? (latest && panelOf(latest.id));
    if (panel === undefined) {
      void vscode.window.showInformationMessage(vscode.l10n.t("There is no panel yet. Select text and run the action first."));
      return;
    }
    const client = await this.server.connected();
    if (client !== undefined) {
      await copyPanel(client, panel).catch(tell);
    }
  }

  /** Opens the panel that was shown last, or that of the latest run of the journal. */
  async reopenLast(): Promise<void> {
    const client = await this.server.connected();
    await client?.execute("kaizodo.open", [{ run: this.shown?.run ?? "last" }]).catch(tell);
  }

  /** Opens the run in front in the browser, where it goes on growing; where none is, that of the latest run. */
  async openInBrowser(): Promise<void> {
    const front = this.front.now();
    const run = front?.kind === "run" ? front.run : this.runs.latest()?.id;
    const client = await this.server.connected();
    await client?.execute("kaizodo.browse", run === undefined ? [] : [{ run }]).catch(tell);
  }

  /** Shows the panel in front in another view; where none is, that of the latest run. */
  async switchTo(as: View): Promise<void> {
    const front = this.front.now();
    const run = front?.kind === "run" ? front.run : this.runs.latest()?.id;
    if (run === undefined) {
      void vscode.window.showInformationMessage(vscode.l10n.t("There is no panel yet. Select text and run the action first."));
    } else {
      await this.showAs(run, as).catch(tell);
    }
  }

  /** The text of a panel that is asked for before the client gives it. */
  async textOf(uri: vscode.Uri): Promise<string> {
    return (await ((await this.server.soon()) ?? (await this.server.client())).sections(uri)).text;
  }

  /** Fills a page of the grid that the editor had when its window was reloaded. */
  async restore(page: vscode.WebviewPanel, state: unknown): Promise<void> {
    // A browser's window that is closed at once has not always written down what its pages know.
    const { id, title } = (state ?? lastPage(this.context.workspaceState) ?? {}) as { id?: unknown; title?: unknown };
    try {
      if (typeof id !== "string" || typeof title !== "string") {
        throw new Error("a page without a run");
      }
      if ((await this.server.soon()) === undefined) {
        throw new Error("there is no server");
      }
      await this.catchUp(id, "grid");
      this.panels.set(id, panelOf(id, title));
      await this.grids.restore(id, title, page);
    } catch (error) {
      // A run that is not kept: there is nothing to show.
      this.log.warn(String(error));
      page.dispose();
    }
  }

  /** Shows the panels again that a reload of the window has taken away. */
  async bringBack(lost: Lost): Promise<void> {
    if ((await this.server.soon()) !== undefined) {
      const panels = await bringBack(lost, (error) => this.log.warn(String(error)));
      for (const panel of panels) {
        const run = runOf(panel) ?? "";
        this.panels.set(run, panel);
        await this.known(run).catch((error: unknown) => this.log.warn(String(error)));
      }
    }
  }

  async setApiKey(): Promise<void> {
    if (await this.key.set()) {
      await this.tellWho();
    }
  }

  /** Says who is asked from now on, and offers what one may want to change of it. */
  private async tellWho(): Promise<void> {
    const asked = (await this.server.quietly()) === undefined ? "" : await this.status.soon();
    const model = vscode.l10n.t("Choose Model…");
    const who = vscode.l10n.t("Choose Provider…");
    const said = asked === "" ? vscode.l10n.t("API key saved.") : vscode.l10n.t("API key saved. Answers now come from {0}.", asked);
    const chosen = await vscode.window.showInformationMessage(said, model, who);
    if (chosen !== undefined) {
      await vscode.commands.executeCommand(chosen === model ? "kaizodo.nameModel" : "kaizodo.chooseWho");
    }
  }

  /** Lets the user choose the server's model, or type its name. */
  async nameModel(): Promise<void> {
    const recent = this.runs.all().flatMap(({ sections }) => modelsOf(sections));
    await nameModel(recent, this.models());
  }

  private async models(): Promise<ServerModels> {
    return (await this.server.connected())?.models() ?? { host: null, model: null, models: [] };
  }

  async forgetApiKey(): Promise<void> {
    await this.key.forget();
  }

  async showLog(): Promise<void> {
    this.log.show();
  }

  dispose(): void {
    const own = [this.log, this.key, this.follower, this.folding, this.front, this.grids, this.history, this.settings];
    vscode.Disposable.from(...own).dispose();
  }

  private async makeClient(): Promise<Client> {
    const command = await findServer(this.context.extensionPath);
    const key = await this.key.give();
    this.log.info(`starting ${command}`);
    const client = new Client(command, key, this.log, {
      progress: (value) => void this.progress(value),
      show: (uri) => this.show(uri),
      provider: (next) => {
        this.fresh.clear();
        this.status.told(next);
      },
      ended: () => {
        this.status.told(undefined);
        this.failed.forget();
        const message = vscode.l10n.t("The Kaizodo server stopped before this answer was complete.");
        for (const run of this.runs.end()) {
          this.left.add(run);
          void this.grids.cut(run, message);
          void cutText(run, message);
        }
        this.tellAlive();
      },
      began: () => void this.reread(client),
    });
    return client;
  }

  /** Has a new server tell how the runs ended that an earlier one left. */
  private async reread(client: Client): Promise<void> {
    for (const run of [...this.left]) {
      if (this.runs.get(run) === undefined) {
        this.left.delete(run);
        continue;
      }
      try {
        const events = await client.eventsFrom(run, 1);
        this.left.delete(run);
        this.runs.again(run, events);
        await this.grids.again(run, events);
      } catch (error) {
        // A run that is not kept: nobody knows more of it than that it was cut off.
        this.log.warn(error instanceof Error ? error.message : String(error));
      }
    }
    this.status.show(this.runs.alive());
  }

  private async settingsChanged(change: vscode.ConfigurationChangeEvent): Promise<void> {
    if (change.affectsConfiguration("kaizodo.server.path")) {
      // A program that was missing may be there now; one that runs makes way for the new one.
      await this.server.restartIfStarted();
    } else if (change.affectsConfiguration("kaizodo")) {
      await this.tellSettings();
    }
  }

  private async tellSettings(): Promise<void> {
    const client = await this.server.running();
    await client?.settingsChanged();
  }

  private async withEditor(act: (client: Client, editor: vscode.TextEditor) => Promise<void>): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) {
      void vscode.window.showInformationMessage(vscode.l10n.t("Select text in an editor first."));
      return;
    }
    const client = await this.server.connected();
    if (client !== undefined) {
      await act(client, editor).catch(tell);
    }
  }

  private tellAlive(): void {
    this.status.show(this.runs.alive());
    this.front.update();
    this.key.settle();
  }

  /** A run: as far as its events have come, or as the server has it, which knows those of the journal. */
  private async known(id: string): Promise<Run | undefined> {
    if (!this.runs.get(id)?.sections.length) {
      await this.catchUp(id, "text");
    }
    return this.runs.get(id);
  }

  /** Takes all of a run's events that have not come: those of a run of the journal, and for a grid that was not there. */
  private async catchUp(id: string, chosen: View): Promise<void> {
    const client = await this.server.connected();
    if (client === undefined) {
      // A run that nobody has told of would be alive for ever.
      return;
    }
    const events = await client.eventsFrom(id, 1);
    this.runs.take(id, events);
    this.tellAlive();
    await this.grids.events(id, events, chosen === "grid");
  }

  private async show(uri: vscode.Uri): Promise<void> {
    const chosen = view();
    const run = runOf(uri);
    if (run !== undefined) {
      this.panels.set(run, uri);
    }
    // Where a page goes, and which are closed, depends on what its run asks about.
    const isNew = run !== undefined && (chosen === "grid" || this.runs.get(run) === undefined);
    const caughtUp = isNew ? this.catchUp(run, chosen).catch((error: unknown) => this.log.warn(String(error))) : undefined;
    await (chosen === "grid" ? caughtUp : undefined);
    if (chosen === "grid" && run !== undefined) {
      rememberPage(this.context.workspaceState, { id: run, title: titleOf(uri) });
      await this.grids.show(run, titleOf(uri));
    } else {
      await showBeside(uri, chosen === "preview" ? "preview" : "text");
      void Promise.resolve(caughtUp).then(() => this.closeFinished(uri, run));
    }
    this.shown = { run, view: chosen, at: Date.now() };
  }

  /** One panel is enough for runs that are over, but for the answer that a new run asks about. */
  private async closeFinished(panel: vscode.Uri, id: string | undefined): Promise<void> {
    const run = id === undefined ? undefined : this.runs.get(id);
    if (run !== undefined) {
      await closeOthers(panel, (other) => [id, run.parent].includes(other) || this.runs.get(other)?.alive === true);
    }
  }

  private async progress(value: unknown): Promise<void> {
    const report = reportOf(value);
    if (report === undefined) {
      return;
    }
    let taken = this.runs.take(report.run, report.events);
    if (!Array.isArray(taken)) {
      const client = await this.server.client();
      taken = this.runs.take(report.run, await client.eventsFrom(report.run, taken.missingFrom));
    }
    this.tellAlive();
    const has = (name: string) => report.events.some(({ event }) => event === name);
    if (has("run_started") || has("run_ended")) {
      this.history.refresh();
    }
    if (has("run_started")) {
      this.fresh.add(report.run);
    }
    if (Array.isArray(taken)) {
      const run = this.runs.get(report.run);
      const asked = run?.sections.find(({ model }) => model !== "");
      if (run !== undefined && asked !== undefined && this.fresh.has(report.run) && has("branch_started")) {
        this.status.heard({ provider: run.provider, model: asked.model });
      }
      if (has("run_ended")) {
        this.fresh.delete(report.run);
      }
      if (run !== undefined && taken.some(({ event }) => event === "run_ended")) {
        void this.failed.retryFocus(run);
      }
      if (run !== undefined && bringFocus(run, taken)) {
        this.folding.complete(run.id);
      }
      await this.grids.events(report.run, taken, view() === "grid");
      const { shown } = this;
      if (shown?.run === report.run && shown.view === "preview" && taken.some(({ event }) => event === "run_ended")) {
        await settlePreview(shown.at);
      }
    }
  }

  /** Does what a button of the grid's page is for that concerns the whole run. */
  private async deed(run: string, deed: Deed): Promise<void> {
    switch (deed) {
      case "copy_all":
        return this.work.copyAll({ run });
      case "save":
        return this.work.saveAs({ run });
      case "as_text":
      case "as_preview":
        return this.showAs(run, deed === "as_text" ? "text" : "preview");
      case "set_key":
        return this.setApiKey();
      case "choose_who":
        return void vscode.commands.executeCommand("kaizodo.chooseWho");
      case "choose_model":
        return this.nameModel();
      case "raise_cost":
        return openSetting("kaizodo.limits.runCost");
      case "retry_failed": {
        const known = await this.known(run).catch(tell);
        return known ? this.failed.retryAll(known) : undefined;
      }
    }
  }

  /** Shows the panel of a run in another view than the one of the settings. */
  async showAs(run: string, as: View): Promise<void> {
    const panel = this.panels.get(run) ?? panelOf(run);
    if (as === "grid") {
      await this.catchUp(run, "grid");
      await this.grids.show(run, titleOf(panel), true);
    } else {
      await this.server.connected();
      await showBeside(panel, as, false);
    }
    this.shown = { run, view: as, at: Date.now() };
  }

  private async cancel(run: string, branch?: string): Promise<void> {
    await this.send("kaizodo.cancel", branch === undefined ? { run } : { run, branch });
  }

  /** Asks a section anew; false where the server has refused to, which the user is told. */
  private async retry(run: string, branch: string, how: How = {}): Promise<boolean> {
    this.folding.forget(run);
    return this.send("kaizodo.retry", { run, branch, ...how });
  }

  /** Whether the server has done it; the user is told why it has not. */
  private async send(command: string, argument: object): Promise<boolean> {
    const client = await this.server.connected();
    try {
      await client?.execute(command, [argument]);
      return client !== undefined;
    } catch (error) {
      tell(error);
      return false;
    }
  }
}

export function createApp(context: vscode.ExtensionContext, status: Status, activationMs: number): App {
  return new App(context, status, activationMs);
}
