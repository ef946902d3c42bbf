// Parts that need of the editor only a few names: where the server is found, and the store of the key.

import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";

const EXTENSION = path.resolve(import.meta.dirname, "../../../editors/vscode");
const { build } = createRequire(path.join(EXTENSION, "package.json"))("esbuild");

/** The editor, as far as these parts know it. */
const editor = {
  setting: undefined,
  typed: undefined,
  said: [],
  workspace: { getConfiguration: () => ({ inspect: () => ({ globalValue: editor.setting, workspaceValue: "/evil" }) }) },
  l10n: { t: (text, ...parts) => text.replace(/\{(\d)\}/g, (_, at) => parts[at]) },
  window: {
    showInputBox: async () => editor.typed,
    showInformationMessage: async (message) => void editor.said.push(message),
    showErrorMessage: async (message, ...buttons) => {
      editor.said.push(message);
      return buttons[0];
    },
  },
  commands: { executeCommand: async (...all) => void editor.said.push(all.join(" ")) },
};

/** A module of the extension, with `editor` in the place of the editor. */
async function part(name) {
  const vscode = {
    name: "vscode",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^vscode$/ }, () => ({ path: "vscode", namespace: "fake" }));
      onLoad({ filter: /.*/, namespace: "fake" }, () => ({ contents: "module.exports = globalThis.kaizodoEditor", loader: "js" }));
    },
  };
  globalThis.kaizodoEditor = editor;
  const { outputFiles } = await build({
    entryPoints: [path.join(EXTENSION, `src/${name}.ts`)],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    plugins: [vscode],
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}

export async function parts(test) {
  await test("the server is the one that the user names, else the bundled one, else that on PATH", async () => {
    const { findServer } = await part("server");
    const home = await mkdtemp(path.join(tmpdir(), "kaizodo-server-"));
    const before = process.env.PATH;
    const put = async (...names) => {
      const file = path.join(home, ...names);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, "#!/bin/sh\n");
      await chmod(file, 0o755);
      return file;
    };
    try {
      process.env.PATH = `.:${home}/path`;
      editor.setting = undefined;
      await assert.rejects(findServer(`${home}/extension`), /was not found.*cargo install.*kaizodo\.server\.path/);
      const onPath = await put("path", "kaizodo");
      assert.equal(await findServer(`${home}/extension`), onPath);
      const bundled = await put("extension", "bin", "kaizodo");
      await chmod(bundled, 0o644); // as some ways to unpack an extension leave it
      assert.equal(await findServer(`${home}/extension`), bundled);
      editor.setting = await put("own", "server");
      assert.equal(await findServer(`${home}/extension`), editor.setting);
      editor.setting = home;
      await assert.rejects(findServer(`${home}/extension`), /kaizodo\.server\.path points to .*cannot be run/);
    } finally {
      process.env.PATH = before;
      await rm(home, { recursive: true });
    }
  });

  await test("a missing server is told once, with the way to its setting", async () => {
    const { MissingServer, tellMissing } = await part("server");
    editor.said = [];
    await tellMissing(new MissingServer("what to do"));
    assert.deepEqual(editor.said, ["what to do", "workbench.action.openSettings kaizodo.server.path"]);
  });

  await test("a secret storage that fails is told, without its own words, and the environment is offered", async () => {
    const { forgetKey, setKey, storedKey } = await part("keys");
    const fail = async () => {
      throw new Error("cannot keep sk-canary");
    };
    const broken = { get: fail, store: fail, delete: fail };
    editor.said = [];
    editor.typed = "sk-canary";
    assert.deepEqual([await storedKey(broken), await setKey(broken), await forgetKey(broken)], [undefined, false, false]);
    assert.equal(editor.said.length, 3);
    for (const message of editor.said) {
      assert.match(message, /secret storage is not available here.*OPENAI_API_KEY in the environment/);
      assert.ok(!message.includes("canary"));
    }
  });
}
