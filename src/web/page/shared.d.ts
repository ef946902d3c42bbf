/** The types of `shared.js`, for those who check the page's scripts; no browser asks for this file. */
export * from "../../../editors/vscode/src/grid/core/index.js";
