// The package: what is in it, and that code-server takes it.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const ROOT = path.resolve(import.meta.dirname, "../../..");
const EXTENSION = path.join(ROOT, "editors/vscode");
const run = promisify(execFile);

/** All that is installed, but for what the editor adds. */
const FILES = [
  "LICENSE-APACHE",
  "LICENSE-MIT",
  "THIRD-PARTY-NOTICES.txt",
  "changelog.md",
  "dist/app.js",
  "dist/extension.js",
  "dist/grid/index.js",
  "dist/rendered.js",
  "l10n/bundle.l10n.ja.json",
  "media/grid/answer.css",
  "media/grid/grid.css",
  "media/grid/pane.css",
  "media/grid/webview.js",
  "media/icon.png",
  "media/panel.ja.png",
  "media/panel.png",
  ...["try", "view"].flatMap((step) => ["dark.ja", "dark", "light.ja", "light"].map((name) => `media/walk/${step}-${name}.png`)),
  "package.json",
  "package.nls.ja.json",
  "package.nls.json",
  "readme.md",
];

export async function packed(test) {
  await test("the package for every platform has what it needs and no more, and code-server installs it", async () => {
    const { version } = JSON.parse(await readFile(path.join(EXTENSION, "package.json"), "utf8"));
    await run("node", ["package.mjs"], { cwd: EXTENSION, env: { ...process.env, KAIZODO_BIN: "" } });
    const home = await mkdtemp(path.join(tmpdir(), "kaizodo-package-"));
    const server = path.join(ROOT, ".cache/vscode/server/node_modules/.bin/code-server");
    const folders = ["--extensions-dir", path.join(home, "extensions"), "--user-data-dir", path.join(home, "data")];
    const env = { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_DATA_HOME: home };
    try {
      await run(server, ["--install-extension", path.join(EXTENSION, `kaizodo-${version}.vsix`), ...folders], { env });
      const { stdout } = await run(server, ["--list-extensions", "--show-versions", ...folders], { env });
      assert.equal(stdout.trim().split("\n").at(-1), `kaizodo.kaizodo@${version}`);
      const installed = path.join(home, "extensions", `kaizodo.kaizodo-${version}`);
      const entries = await readdir(installed, { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile()).map((e) => path.relative(installed, path.join(e.parentPath, e.name)));
      assert.deepEqual(files.filter((name) => name !== ".vsixmanifest").sort(), FILES);
      const notices = await readFile(path.join(installed, "THIRD-PARTY-NOTICES.txt"), "utf8");
      for (const name of ["vscode-languageclient", "markdown-it", "minimatch"]) {
        assert.match(notices, new RegExp(`^${name} \\d.*\\(`, "m"));
      }
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  });
}
