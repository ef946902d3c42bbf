// What a reader does with the sections of a run: ask on, look closer, put an answer into the document, copy and save it.

import * as vscode from "vscode";
import { actionsAt, askAt } from "./ask.js";
import { type Client, type ServerModels, tell } from "./client.js";
import type { InFront } from "./front.js";
import type { Run, Section } from "./runs.js";
import { pickAnother } from "./retry.js";
import { fileName, isAnswered, withoutIcons } from "./sections.js";
import { mark } from "./status.js";
import { runOf } from "./uri.js";

/** How a passage of an answer is named: its lines as the model wrote them, the last one included. */
export interface Lines {
  first: number;
  last: number;
}

export interface Desk {
  /** The client for an explicit command; nothing where there is no server, which the user is told. */
  connected(): Promise<Client | undefined>;
  front(): InFront;
  /** A run, also one that only the journal has. */
  run(id: string): Promise<Run | undefined>;
  latest(): Run | undefined;
  models(): Promise<ServerModels>;
  retry(run: string, branch: string, how: { model?: string; effort?: string }): Promise<void>;
}

interface Compared {
  earlier: { run: string; uri: string };
  later: { run: string; uri: string };
}

interface Chosen {
  run: Run;
  section: Section;
}

export class Work {
  constructor(private readonly desk: Desk) {}

  /** Asks on about a section: the one at the cursor, that of the pane, or the one that the reader picks. */
  async askOn(argument: unknown): Promise<void> {
    const chosen = await this.choose(argument, isAnswered, vscode.l10n.t("Section to ask about"));
    if (chosen !== undefined) {
      await this.askAbout(chosen.run, chosen.section);
    }
  }

  /** Asks on about all answers of a run. */
  async askAll(argument: unknown): Promise<void> {
    const run = await this.runFor(argument);
    if (run?.sections.some(isAnswered) === false) {
      tellNoAnswer();
    } else if (run !== undefined) {
      await this.askAbout(run, undefined);
    }
  }

  /** Sends a question that the reader has typed. */
  async ask(run: string, branch: string | undefined, question: string): Promise<void> {
    const client = await this.desk.connected();
    const about = branch === undefined ? {} : { branch };
    const reveal = revealAdded(run);
    try {
      await client?.execute("kaizodo.ask", [{ run, ...about, question }]);
    } catch (error) {
      reveal.dispose();
      tell(error);
    }
  }

  /** Runs the default action on the passage at the cursor of a panel, or on the lines that are selected in a pane. */
  async lookCloser(argument: unknown): Promise<void> {
    const { branch, lines } = partOf(argument);
    const front = this.desk.front();
    if (branch !== undefined && lines !== undefined && front?.kind === "run") {
      await this.passage(front.run, branch, lines);
      return;
    }
    const editor = vscode.window.activeTextEditor;
    const client = editor && runOf(editor.document.uri) !== undefined ? await this.desk.connected() : undefined;
    if (editor === undefined || runOf(editor.document.uri) === undefined) {
      void vscode.window.showInformationMessage(vscode.l10n.t("Place the cursor in a passage of an answer first."));
    } else if (client !== undefined) {
      await askAt(client, editor).catch(tell);
    }
  }

  /** Runs the default action on lines of an answer. */
  async passage(run: string, branch: string, { first, last }: Lines): Promise<void> {
    const range = { start: { line: first, character: 0 }, end: { line: last, character: 0 } };
    const client = await this.desk.connected();
    await client?.execute("kaizodo.run", [{ passage: { run, branch, range } }]).catch(tell);
  }

  /** Puts an answer into the document that it is about, where the reader says. */
  async insert(argument: unknown): Promise<void> {
    const chosen = await this.choose(argument, isAnswered, vscode.l10n.t("Section to insert"));
    if (chosen === undefined) {
      return;
    }
    const items = [
      { label: vscode.l10n.t("As a comment above"), as: "comment", at: "above" },
      { label: vscode.l10n.t("As text below"), as: "text", at: "below" },
      { label: vscode.l10n.t("As a comment below"), as: "comment", at: "below" },
      { label: vscode.l10n.t("As text above"), as: "text", at: "above" },
    ];
    const placeHolder = vscode.l10n.t("Where to insert “{0}”", chosen.section.title);
    const picked = await vscode.window.showQuickPick(items, { placeHolder });
    const client = picked && (await this.desk.connected());
    if (client !== undefined && picked !== undefined) {
      const { as, at } = picked;
      const what = { run: chosen.run.id, branch: chosen.section.branch, as, at };
      await client.execute("kaizodo.insert", [what]).catch(tell);
    }
  }

  async copySection(argument: unknown): Promise<void> {
    const chosen = await this.choose(argument, isAnswered, vscode.l10n.t("Section to copy"));
    if (chosen !== undefined) {
      await this.copy(chosen.run.id, chosen.section.branch, vscode.l10n.t("Copied “{0}”.", chosen.section.title));
    }
  }

  async copyAll(argument: unknown): Promise<void> {
    const run = await this.runFor(argument);
    if (run !== undefined) {
      await this.copy(run.id, undefined, vscode.l10n.t("Copied all answers."));
    }
  }

  /** Shows what changed since the earlier run about the same text, in the editor's own diff view. */
  async compare(argument: unknown): Promise<void> {
    const run = await this.runFor(argument);
    const client = run && (await this.desk.connected());
    if (run === undefined || client === undefined) {
      return;
    }
    try {
      const { earlier, later } = (await client.execute("kaizodo.compare", [{ run: run.id, show: false }])) as Compared;
      const [left, right] = [earlier.uri, later.uri].map((uri) => vscode.Uri.parse(uri));
      await vscode.commands.executeCommand("vscode.diff", left, right, vscode.l10n.t("Earlier run ↔ This run"));
    } catch (error) {
      tell(error);
    }
  }

  async saveAs(argument: unknown): Promise<void> {
    const run = await this.runFor(argument);
    const client = run && (await this.desk.connected());
    if (run === undefined || client === undefined) {
      return;
    }
    try {
      const text = await client.textOf(run.id);
      const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
      const name = fileName(/^# (.*)/.exec(text)?.[1] ?? "");
      const uri = await vscode.window.showSaveDialog({
        filters: { Markdown: ["md"] },
        ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, name) }),
      });
      if (uri !== undefined) {
        await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
      }
    } catch (error) {
      tell(error);
    }
  }

  /** Asks a section anew, of a model and with an effort that the reader picks. */
  async retryWith(argument: unknown): Promise<void> {
    const over = ({ outcome }: Section) => outcome !== undefined;
    const chosen = await this.choose(argument, over, vscode.l10n.t("Section to retry"));
    const how = chosen && (await pickAnother(chosen.run, chosen.section, this.desk.models()));
    if (chosen !== undefined && how !== undefined) {
      await this.desk.retry(chosen.run.id, chosen.section.branch, how);
    }
  }

  private async askAbout(run: Run, section: Section | undefined): Promise<void> {
    const question = await vscode.window.showInputBox({
      title: section?.title ?? vscode.l10n.t("All answers"),
      prompt: vscode.l10n.t("The answer will appear in a new section below."),
      placeHolder: vscode.l10n.t("Your question"),
      ignoreFocusOut: true,
    });
    if (question?.trim()) {
      await this.ask(run.id, section?.branch, question.trim());
    }
  }

  private async copy(run: string, branch: string | undefined, said: string): Promise<void> {
    const client = await this.desk.connected();
    try {
      const text = await client?.textOf(run, branch);
      if (text !== undefined) {
        await vscode.env.clipboard.writeText(text);
        vscode.window.setStatusBarMessage(said, 5_000);
      }
    } catch (error) {
      tell(error);
    }
  }

  /** The run that a command is about: that of a panel or an entry, the one in front, or the latest. */
  private async runFor(argument: unknown): Promise<Run | undefined> {
    const front = this.desk.front();
    const named = argument instanceof vscode.Uri ? runOf(argument) : partOf(argument).run;
    const id = named ?? (front?.kind === "run" ? front.run : this.desk.latest()?.id);
    const run = id === undefined ? undefined : await this.desk.run(id).catch(tell);
    if (id === undefined) {
      void vscode.window.showInformationMessage(vscode.l10n.t("There is no panel yet. Select text and run the action first."));
    }
    return run ?? undefined;
  }

  private async choose(
    argument: unknown,
    fits: (section: Section) => boolean,
    placeHolder: string,
  ): Promise<Chosen | undefined> {
    const run = await this.runFor(argument);
    if (run === undefined) {
      return undefined;
    }
    const fitting = run.sections.filter(fits);
    const branch = partOf(argument).branch ?? (await this.branchAtCursor(run.id));
    const here = fitting.find((section) => section.branch === branch);
    const [only] = fitting;
    if (here !== undefined || fitting.length === 1) {
      const section = here ?? only;
      return section && { run, section };
    }
    if (only === undefined) {
      tellNoAnswer();
      return undefined;
    }
    const items = fitting.map((section) => ({ label: `${mark(section.outcome ?? "")} ${withoutIcons(section.title)}`, section }));
    const picked = await vscode.window.showQuickPick(items, { placeHolder });
    return picked && { run, section: picked.section };
  }

  private async branchAtCursor(run: string): Promise<string | undefined> {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined || runOf(editor.document.uri) !== run) {
      return undefined;
    }
    const client = await this.desk.connected();
    return client && branchAt(client, editor).catch(() => undefined);
  }
}

const SECTION = vscode.CodeActionKind.RefactorRewrite.append("kaizodo.section");

/** The section at the cursor of a panel: the server's actions there name it, by the text that this editor has. */
async function branchAt(client: Client, { document, selection }: vscode.TextEditor): Promise<string | undefined> {
  const at = new vscode.Range(selection.active, selection.active);
  const [first] = await actionsAt(client, document, at, SECTION);
  const argument = first?.arguments?.[0] as { branch?: unknown } | undefined;
  return typeof argument?.branch === "string" ? argument.branch : undefined;
}

/** How long a section that was added may take to be seen, in milliseconds. */
const ADDED_MS = 10_000;

/** Brings the next section of this run into sight where its panel is the editor in front. */
function revealAdded(run: string): vscode.Disposable {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined || runOf(editor.document.uri) !== run) {
    return vscode.Disposable.from();
  }
  const heard = vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
    const added = document === editor.document && contentChanges.find(({ text }) => /^## /m.test(text));
    if (added) {
      const line = added.range.start.line + added.text.slice(0, added.text.search(/^## /m)).split("\n").length - 1;
      editor.revealRange(new vscode.Range(line, 0, line + 2, 0), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
      end();
    }
  });
  const timer = setTimeout(() => end(), ADDED_MS);
  const end = () => {
    clearTimeout(timer);
    heard.dispose();
  };
  return new vscode.Disposable(end);
}

/** What a pane says of itself, or its menu does, and of the lines that are selected there. */
function partOf(argument: unknown): { run?: string; branch?: string; lines?: Lines } {
  if (typeof argument !== "object" || argument === null) {
    return {};
  }
  const { run, branch, lines } = argument as { run?: unknown; branch?: unknown; lines?: Partial<Lines> };
  const { first, last } = lines ?? {};
  return {
    ...(typeof run === "string" ? { run } : {}),
    ...(typeof branch === "string" ? { branch } : {}),
    ...(typeof first === "number" && typeof last === "number" ? { lines: { first, last } } : {}),
  };
}

function tellNoAnswer(): void {
  void vscode.window.showInformationMessage(vscode.l10n.t("No section has finished yet."));
}
