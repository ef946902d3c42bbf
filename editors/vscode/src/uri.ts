// The names of panels, `kaizodo:/run/<id>/<title>.md`: only the id names one.

import { Uri } from "vscode";

export const SCHEME = "kaizodo";

/** The run that a panel shows; `undefined` for any other document. */
export function runOf(uri: Uri): string | undefined {
  return uri.scheme === SCHEME ? /^\/run\/([^/]+)/.exec(uri.path)?.[1] : undefined;
}

/** The panel of a run. The server writes into the one under the run's title; under another it can be read, but does not grow. */
export function panelOf(run: string, title = "panel"): Uri {
  return Uri.from({ scheme: SCHEME, path: `/run/${run}/${title}.md` });
}

/** The title in a panel's name. */
export function titleOf(uri: Uri): string {
  return uri.path.replace(/^.*\//, "").replace(/\.md$/, "");
}
