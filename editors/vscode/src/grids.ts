// The grid view: loaded when it is first wanted, and told what happens in the runs.

import type { ExtensionContext, WebviewPanel } from "vscode";
import type { RunEvent } from "./events.js";
import type { Grid, GridHost } from "./grid/index.js";

export class Grids {
  private loading: Promise<Grid> | undefined;
  private grid: Grid | undefined;

  constructor(
    private readonly context: ExtensionContext,
    private readonly host: GridHost,
  ) {}

  async show(run: string, title: string, withFocus = false): Promise<void> {
    (await this.load()).show(run, title, withFocus);
  }

  /** Takes over a page that the editor had when its window was reloaded. */
  async restore(run: string, title: string, page: WebviewPanel): Promise<void> {
    (await this.load()).restore(run, title, page);
  }

  /** Takes a run's events where grids are wanted, or were when it began. */
  async events(run: string, events: RunEvent[], wanted: boolean): Promise<void> {
    if (wanted || this.loading !== undefined) {
      (await this.load()).events(run, events);
    }
  }

  /** The run whose page is the active editor. */
  active(): string | undefined {
    return this.grid?.active();
  }

  /** What of a run is alive was cut off. */
  async cut(run: string, message: string): Promise<void> {
    await this.loading?.then((grid) => grid.cut(run, message));
  }

  /** Takes a run from its first event again. */
  async again(run: string, events: RunEvent[]): Promise<void> {
    await this.loading?.then((grid) => grid.again(run, events));
  }

  dispose(): void {
    void this.loading?.then((grid) => grid.dispose());
  }

  private load(): Promise<Grid> {
    this.loading ??= import("./grid/index.js").then(({ createGrid }) => {
      this.grid = createGrid(this.context, this.host);
      return this.grid;
    });
    return this.loading;
  }
}
