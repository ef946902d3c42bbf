/** What the unit tests look at, in one bundle. */

export * from "../../../editors/vscode/src/grid/blocks.js";
export * from "../../../editors/vscode/src/grid/events.js";
export * from "../../../editors/vscode/src/grid/fold.js";
export * from "../../../editors/vscode/src/grid/geometry.js";
export * from "../../../editors/vscode/src/grid/index.js";
export * from "../../../editors/vscode/src/grid/markdown.js";
export * from "../../../editors/vscode/src/grid/messages.js";
export * from "../../../editors/vscode/src/grid/page.js";
export * from "../../../editors/vscode/src/grid/status.js";
export * from "../../../editors/vscode/src/grid/visible.js";
export * from "../../../editors/vscode/src/grid/words.js";
