// Sections that have failed, asked anew: the focus last, since it is written from the others.

import type { Run } from "./runs.js";
import { isFailed } from "./sections.js";

export class Failed {
  /** Runs whose focus is to be written once their views are there. */
  private readonly focusDue = new Set<string>();

  constructor(private readonly retry: (run: string, branch: string) => Promise<void>) {}

  /** Asks for every section that has failed. */
  async retryAll(run: Run): Promise<void> {
    const failed = run.sections.filter(isFailed);
    const others = failed.filter(({ role }) => role !== "focus");
    if (others.length < failed.length && others.length > 0) {
      this.focusDue.add(run.id);
    }
    for (const { branch } of others.length > 0 ? others : failed) {
      await this.retry(run.id, branch);
    }
  }

  /** Asks for a focus that had failed with its views, now that they are there. */
  async retryFocus(run: Run): Promise<void> {
    if (!run.alive && this.focusDue.delete(run.id)) {
      const focus = run.sections.find((section) => section.role === "focus" && isFailed(section));
      if (focus !== undefined) {
        await this.retry(run.id, focus.branch);
      }
    }
  }
}
