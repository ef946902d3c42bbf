// Sections that have failed, asked anew: the focus last, since it is written from the others.

import type { Run } from "./runs.js";
import { isFailed } from "./sections.js";

export class Failed {
  /** The sections that are asked anew, of the runs whose focus is to be written once those are there. */
  private readonly focusDue = new Map<string, readonly string[]>();

  constructor(
    /** Asks a section anew; false where the server has refused to. */
    private readonly retry: (run: string, branch: string) => Promise<boolean>,
  ) {}

  /** Asks for every section that has failed. */
  async retryAll(run: Run): Promise<void> {
    const failed = run.sections.filter(isFailed);
    const others = failed.filter(({ role }) => role !== "focus");
    const asked = (others.length > 0 ? others : failed).map(({ branch }) => branch);
    if (others.length < failed.length && others.length > 0) {
      // Before they are asked: they may be over when the server has said that it asks them.
      this.focusDue.set(run.id, asked);
    }
    let isAsked = false;
    for (const branch of asked) {
      isAsked = (await this.retry(run.id, branch)) || isAsked;
    }
    if (!isAsked) {
      this.focusDue.delete(run.id);
    }
  }

  /** Asks for a focus that had failed with its views, now that they are there; not where the reader has stopped one of them. */
  async retryFocus(run: Run): Promise<void> {
    const asked = this.focusDue.get(run.id);
    if (run.alive || asked === undefined) {
      return;
    }
    this.focusDue.delete(run.id);
    const isStopped = run.sections.some(({ branch, outcome }) => asked.includes(branch) && outcome === "cancelled");
    const focus = run.sections.find((section) => section.role === "focus" && isFailed(section));
    if (focus !== undefined && !isStopped) {
      await this.retry(run.id, focus.branch);
    }
  }

  /** A server that has gone finishes nothing that was asked of it. */
  forget(): void {
    this.focusDue.clear();
  }
}
