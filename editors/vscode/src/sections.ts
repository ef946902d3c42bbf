// What can be done with the sections of a run. Pure.

import type { Section } from "./runs.js";

/** Whether there is an answer that does not grow any more. */
export function isAnswered({ outcome, hasText }: Section): boolean {
  return outcome !== undefined && hasText;
}

/** Whether it is over without being complete, and not because the reader stopped it or never asked for it. */
export function isFailed({ outcome }: Section): boolean {
  return outcome !== undefined && !["done", "cancelled", "on_demand"].includes(outcome);
}

/** The models that sections of a run were asked of, the latest first. */
export function modelsOf(sections: readonly Section[]): string[] {
  return [...new Set(sections.map(({ model }) => model).filter((model) => model !== ""))].reverse();
}

/** A text for where the editor would draw `$(name)` as an icon: there it stands as it is. */
export function withoutIcons(text: string): string {
  return text.replace(/\$\([A-Za-z0-9-]+(?:~[A-Za-z]+)?\)/g, "\\$&");
}

/** A title as the name of a file. */
export function fileName(title: string): string {
  const name = title.replace(/[\s\\/:*?"<>|\p{Cc}]+/gu, " ").trim().slice(0, 80).trim();
  return `${name.replace(/^\.+/, "") || "kaizodo"}.md`;
}
