// The reader's marks on items of an answer: keep, drop, or a comment, from a panel's cursor or from a pane.

import * as vscode from "vscode";
import { actionsAt } from "./ask.js";
import { type Client, tell } from "./client.js";
import type { Lines } from "./work.js";
import type { Run } from "./runs.js";
import { runOf } from "./uri.js";

export type Sign = "keep" | "drop";

/** An item of an answer: the line that it begins with, or one that is in it. */
interface Item {
  run: string;
  branch: string;
  line: number;
}

interface Marked extends Item {
  /** The sign that it has. */
  sign: Sign | undefined;
  comment: string;
}

const KIND = vscode.CodeActionKind.RefactorRewrite.append("kaizodo.mark");

export class Marks {
  constructor(
    private readonly connected: () => Promise<Client | undefined>,
    /** A run, also one that only the journal has. */
    private readonly run: (id: string) => Promise<Run | undefined>,
    /** The run in front. */
    private readonly front: () => string | undefined,
  ) {}

  /** Gives the item that is meant a sign, or takes the same one away. */
  async toggle(argument: unknown, sign: Sign): Promise<void> {
    const item = await this.item(argument);
    if (item !== undefined) {
      await this.set(item, item.sign === sign ? {} : { mark: sign });
    }
  }

  /** Has the reader comment on the item that is meant. */
  async comment(argument: unknown): Promise<void> {
    const item = await this.item(argument);
    if (item !== undefined) {
      await this.ask(item, item.comment);
    }
  }

  /** Marks an item, or takes its mark away. */
  async set({ run, branch, line }: Item, mark: { mark?: Sign; comment?: string }): Promise<void> {
    const client = await this.connected();
    await client?.execute("kaizodo.mark", [{ run, branch, line, ...mark }]).catch(tell);
  }

  /** Asks for a comment; an empty one takes it away. */
  async ask(item: Item, before: string): Promise<void> {
    const comment = await vscode.window.showInputBox({
      title: vscode.l10n.t("Comment on This Item"),
      prompt: vscode.l10n.t("Your comment is taken into account when you have the section rewritten according to your marks."),
      placeHolder: vscode.l10n.t("Your comment"),
      value: before,
      ignoreFocusOut: true,
    });
    const said = comment?.trim();
    if (said !== undefined && said !== before) {
      await this.set(item, said === "" ? {} : { comment: said });
    }
  }

  /** What is selected in a pane, or stands at the cursor of a panel. */
  private async item(argument: unknown): Promise<Marked | undefined> {
    const { branch, lines } = (argument ?? {}) as { branch?: unknown; lines?: Partial<Lines> };
    const run = this.front();
    if (run !== undefined && typeof branch === "string" && typeof lines?.first === "number") {
      return this.known({ run, branch, line: lines.first });
    }
    const editor = vscode.window.activeTextEditor;
    const client = editor && runOf(editor.document.uri) !== undefined ? await this.connected() : undefined;
    if (editor === undefined || client === undefined) {
      tellNowhere();
      return undefined;
    }
    return this.atCursor(client, editor);
  }

  /** The server's actions at the cursor name the item, and do not offer the sign that it has. */
  private async atCursor(client: Client, { document, selection }: vscode.TextEditor): Promise<Marked | undefined> {
    const at = new vscode.Range(selection.active, selection.active);
    const offered = await actionsAt(client, document, at, KIND).catch(() => []);
    const [argument] = (offered[0]?.arguments ?? []) as (Item | undefined)[];
    if (argument === undefined) {
      tellNowhere();
      return undefined;
    }
    const { run, branch, line } = argument;
    const signs = offered.map(({ arguments: given }) => (given?.[0] as { mark?: Sign } | undefined)?.mark);
    const sign = (["keep", "drop"] as const).find((sign) => !signs.includes(sign));
    const known = await this.known({ run, branch, line });
    return known && { ...known, sign };
  }

  /** The mark on the item that a line is in: the last one that begins at it or above. */
  private async known(item: Item): Promise<Marked | undefined> {
    const run = await this.run(item.run).catch(tell);
    if (!run) {
      // What stands there is not known, and must not be replaced unseen.
      return undefined;
    }
    const section = run.sections.find(({ branch }) => branch === item.branch);
    const mark = section?.marks.findLast(({ line, end }) => line <= item.line && item.line < end);
    return { ...item, sign: mark?.mark === "comment" ? undefined : mark?.mark, comment: mark?.comment ?? "" };
  }
}

function tellNowhere(): void {
  void vscode.window.showInformationMessage(vscode.l10n.t("Place the cursor in a paragraph, list item or code block of an answer first. In the grid, select some of its text instead."));
}
