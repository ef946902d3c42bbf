/** What the unit tests look at, in one bundle. */

export * from "../../../editors/vscode/src/grid/core/blocks.js";
export * from "../../../editors/vscode/src/grid/core/events.js";
export * from "../../../editors/vscode/src/grid/core/fold.js";
export * from "../../../editors/vscode/src/grid/geometry.js";
export * from "../../../editors/vscode/src/grid/index.js";
export * from "../../../editors/vscode/src/grid/core/markdown.js";
export * from "../../../editors/vscode/src/grid/messages.js";
export * from "../../../editors/vscode/src/grid/page.js";
export * from "../../../editors/vscode/src/grid/core/status.js";
export * from "../../../editors/vscode/src/grid/core/trouble.js";
export * from "../../../editors/vscode/src/grid/core/visible.js";
export * from "../../../editors/vscode/src/grid/core/words.js";
