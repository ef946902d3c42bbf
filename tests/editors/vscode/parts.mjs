// Parts that need of the editor only a few names: where the server is found, the store of the key, and what models are told.

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
  /** What stands in an input box before anything is typed. */
  offered: undefined,
  said: [],
  models: [],
  written: {},
  picked: () => undefined,
  workspace: {
    getConfiguration: () => ({
      inspect: () => ({ globalValue: editor.setting, workspaceValue: "/evil" }),
      update: async (key, value) => void (editor.written[key] = value),
    }),
  },
  ConfigurationTarget: { Global: 1 },
  l10n: { t: (text, ...parts) => text.replace(/\{(\d)\}/g, (_, at) => parts[at]) },
  window: {
    showInputBox: async ({ value }) => {
      editor.offered = value;
      return editor.typed;
    },
    onDidChangeActiveTextEditor: () => ({ dispose() {} }),
    showQuickPick: async (items) => items.find(editor.picked),
    showInformationMessage: async (message) => void editor.said.push(message),
    showErrorMessage: async (message, ...buttons) => {
      editor.said.push(message);
      return buttons[0];
    },
  },
  commands: { executeCommand: async (...all) => void editor.said.push(all.map((one) => (typeof one === "string" ? one : JSON.stringify(one))).join(" ")) },
  env: { language: "en", remoteName: undefined },
  EventEmitter: class {
    heard = [];
    event = (listen) => void this.heard.push(listen);
    fire(what) {
      this.heard.forEach((listen) => listen(what));
    }
    dispose() {}
  },
  TreeItem: class {
    constructor(label) {
      this.label = label;
    }
  },
  ThemeIcon: class {},
  CodeActionKind: { RefactorRewrite: { append: (name) => name } },
  Disposable: { from: (...all) => ({ dispose: () => all.forEach((one) => one.dispose()) }) },
  CancellationTokenSource: class {
    token = { isCancellationRequested: false };
    cancel() {
      this.token.isCancellationRequested = true;
    }
    dispose() {}
  },
  lm: { selectChatModels: async () => editor.models },
  LanguageModelChatMessage: { User: (text) => ["user", text], Assistant: (text) => ["assistant", text] },
};

/** A server that asks the editor's models, and a model that waits until a text is `told`. */
function modelServer() {
  const heard = {};
  const on = (name, listener) => {
    heard[name] = listener;
    return { dispose: () => delete heard[name] };
  };
  const server = { asked: [], sent: [], onRequest: on, onNotification: on };
  server.sendNotification = async (_, { id, text }) => void server.sent.push([id, text]);
  server.ask = (id, more) => heard["kaizodo/model/ask"]({ id, model: null, system: "S", user: "U", ...more });
  server.cancel = (id) => heard["kaizodo/model/cancel"]({ id });
  const sendRequest = async (said, _, token) => {
    const texts = [];
    const asked = { said, token, tell: (text) => texts.shift()(text) };
    server.asked.push(asked);
    const next = () => new Promise((resolve) => texts.push(resolve));
    return {
      text: (async function* () {
        for (let text = await next(); text !== ""; text = await next()) {
          yield text;
        }
      })(),
    };
  };
  editor.models = [{ sendRequest }];
  return server;
}

/** What has been begun has come as far as it can. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** What parts use of the client: the rest of it needs all of the editor. */
const CLIENT = "export const tell = (error) => void globalThis.kaizodoEditor.said.push(error.message); export const SELECTOR = [];";

/** A module of the extension, with `editor` in the place of the editor. */
async function part(name) {
  const vscode = {
    name: "vscode",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^vscode$|\/client\.js$/ }, ({ path }) => ({ path, namespace: "fake" }));
      onLoad({ filter: /^vscode$/, namespace: "fake" }, () => ({ contents: "module.exports = globalThis.kaizodoEditor", loader: "js" }));
      onLoad({ filter: /client/, namespace: "fake" }, () => ({ contents: CLIENT, loader: "js" }));
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
    editor.env.remoteName = "wsl";
    await tellMissing(new MissingServer("what to do"));
    editor.env.remoteName = undefined;
    const setting = '{"query":"@id:kaizodo.server.path"}';
    const [here, there] = ["openSettings", "openRemoteSettings"].map((page) => `workbench.action.${page} ${setting}`);
    assert.deepEqual(editor.said, ["what to do", here, "what to do", there]);
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

  await test("a server that hangs, or is gone for good, makes way for the next, which those get who have waited", async () => {
    const { Starter } = await part("starter");
    /** A client whose server answers, or hangs until it is stopped. */
    const client = (answers) => {
      let fail;
      const hangs = new Promise((_, reject) => (fail = reject));
      const made = { isGone: false, stops: 0, start: () => (answers ? Promise.resolve() : hangs) };
      made.stop = async () => {
        made.stops += 1;
        fail(new Error("it was killed"));
      };
      hangs.catch(() => undefined);
      return made;
    };
    const clients = [client(false), client(true), client(true)];
    const [hanging, first, second] = clients;
    const starter = new Starter(async () => clients.shift(), { debug() {} });
    editor.said = [];
    const waiting = starter.connected();
    await settled();
    await starter.restart();
    assert.equal(hanging.stops, 1);
    assert.deepEqual([await waiting, await starter.running(), await starter.connected()], [first, first, first]);
    first.isGone = true;
    assert.equal(await starter.running(), undefined, "nobody is told of settings by a client that is gone");
    assert.equal(await starter.connected(), second);
    assert.deepEqual(editor.said, []);
  });

  await test("a client is not made before the one that it replaces has stopped", async () => {
    const { Starter } = await part("starter");
    editor.said = [];
    const log = [];
    let stopped;
    const stops = new Promise((resolve) => (stopped = resolve));
    const client = (name) => ({ isGone: false, start: async () => void log.push(`${name} starts`), stop: () => stops });
    const names = ["a", "b"];
    const starter = new Starter(async () => client(names.shift()), { debug() {} });
    await starter.connected();
    const restarting = starter.restart();
    const asking = starter.quietly();
    await settled();
    assert.deepEqual(log, ["a starts"], "its commands still have their names");
    const again = starter.restart();
    stopped();
    await Promise.all([restarting, asking, again]);
    assert.deepEqual(log, ["a starts", "b starts"], "a start that another one follows before it was made is not made");
    assert.deepEqual(editor.said, []);
  });

  await test("a key that another window changes is given to the server, once no answer is written with the old one", async () => {
    const { Key } = await part("keys");
    let stored = "sk-old";
    const heard = [];
    const changed = () => heard.forEach((listen) => listen({ key: "kaizodo.apiKey" }));
    const secrets = {
      get: async () => stored,
      store: async (_, key) => {
        stored = key;
        changed();
      },
      delete: async () => {
        stored = undefined;
        changed();
      },
      onDidChange: (listen) => {
        heard.push(listen);
        return { dispose() {} };
      },
    };
    const given = [];
    let isBusy = false;
    const restart = async () => void given.push(await key.give());
    const key = new Key(secrets, { isBusy: () => isBusy, restart });
    await key.give();
    editor.typed = "sk-own";
    assert.equal(await key.set(), true);
    await settled();
    assert.deepEqual(given, ["sk-own"], "a change of this window's own is followed once");
    await secrets.store("", "sk-theirs");
    await settled();
    isBusy = true;
    await secrets.delete();
    await settled();
    assert.deepEqual(given, ["sk-own", "sk-theirs"]);
    isBusy = false;
    key.settle();
    key.settle();
    await settled();
    assert.deepEqual(given, ["sk-own", "sk-theirs", undefined]);
    heard.forEach((listen) => listen({ key: "of another extension" }));
    await settled();
    assert.equal(given.length, 3);
    editor.typed = undefined;
    const dismissed = key.set();
    await secrets.store("", "sk-meanwhile");
    assert.equal(await dismissed, false);
    await settled();
    assert.deepEqual(given.slice(3), ["sk-meanwhile"], "what changed while this window asked for a key");
  });

  await test("a model of the editor's is told the answer that a question is about, in its place", async () => {
    const { EditorModels } = await part("models");
    const server = modelServer();
    new EditorModels(server);
    const messages = [
      { role: "user", content: "the text" },
      { role: "assistant", content: "the answer" },
      { role: "user", content: "why?" },
    ];
    void server.ask("kaizodo-0");
    void server.ask("kaizodo-1", { messages });
    await settled();
    assert.deepEqual(server.asked.map(({ said }) => said), [
      [["user", "S"], ["user", "U"]],
      [["user", "S"], ["user", "the text"], ["assistant", "the answer"], ["user", "why?"]],
    ]);
  });

  await test("the models of a server that has gone are stopped, and the next one's keep their ids to themselves", async () => {
    const { EditorModels } = await part("models");
    const server = modelServer();
    const models = new EditorModels(server);
    void server.ask("kaizodo-0");
    await settled();
    models.stopAll();
    const next = server.ask("kaizodo-0");
    await settled();
    const [before, after] = server.asked;
    assert.deepEqual([before.token.isCancellationRequested, after.token.isCancellationRequested], [true, false]);
    before.tell("of the answer before");
    await settled();
    after.tell("of this answer");
    await settled();
    assert.deepEqual(server.sent, [["kaizodo-0", "of this answer"]]);
    server.cancel("kaizodo-0");
    assert.equal(after.token.isCancellationRequested, true, "it can still be stopped");
    after.tell("");
    assert.deepEqual(await next, { finish: "stop" });
    void server.ask("kaizodo-1");
    await settled();
    models.dispose();
    assert.equal(server.asked[2].token.isCancellationRequested, true);
  });

  await test("a focus that failed with its views is asked for after them, unless they were stopped or refused", async () => {
    const { Failed } = await part("failed");
    const section = (branch, role, outcome) => ({ branch, role, outcome });
    const after = async (outcomes, refused = false) => {
      const asked = [];
      const failed = new Failed(async (_, branch) => {
        asked.push(branch);
        return !refused;
      });
      const focus = section("focus", "focus", "failed");
      const views = (all) => all.map((outcome, at) => section(`view ${at + 1}`, "view", outcome));
      // A view that was stopped before is none of those that are asked for now.
      await failed.retryAll({ id: "r", alive: false, sections: [focus, ...views(["failed", "failed", "cancelled"])] });
      await failed.retryFocus({ id: "r", alive: true, sections: [focus, ...views(["done", undefined, "cancelled"])] });
      const over = { id: "r", alive: false, sections: [focus, ...views([...outcomes, "cancelled"])] };
      await failed.retryFocus(over);
      await failed.retryFocus(over);
      return asked;
    };
    assert.deepEqual(await after(["done", "failed"]), ["view 1", "view 2", "focus"]);
    assert.deepEqual(await after(["done", "cancelled"]), ["view 1", "view 2"]);
    assert.deepEqual(await after(["failed", "failed"], true), ["view 1", "view 2"]);
  });

  await test("a comment is offered for a change also where its run must be asked for, and not replaced where it is not known", async () => {
    const { Marks } = await part("marks");
    const sent = [];
    const client = { execute: async (...all) => void sent.push(all) };
    const marks = [{ line: 2, end: 4, mark: "comment", comment: "before" }];
    const run = async (id) => {
      if (id === "gone") {
        throw new Error("is not kept");
      }
      return { sections: [{ branch: "depth", marks }] };
    };
    const comment = async (id) => {
      editor.offered = undefined;
      editor.typed = "after";
      editor.said = [];
      await new Marks(async () => client, run, () => id).comment({ branch: "depth", lines: { first: 3, last: 3 } });
      return [editor.offered, sent.splice(0).length, editor.said];
    };
    assert.deepEqual(await comment("forgotten"), ["before", 1, []]);
    assert.deepEqual(await comment("gone"), [undefined, 0, ["is not kept"]]);
  });

  await test("OpenAI is chosen by its own address, whatever other server the server's settings name", async () => {
    const { chooseWho } = await part("choose");
    editor.setting = "before";
    editor.said = [];
    editor.picked = ({ provider }) => provider === "openai";
    await chooseWho();
    assert.deepEqual(editor.written, { provider: "openai", baseUrl: "https://api.openai.com/v1", model: undefined });
    assert.deepEqual(editor.said, ["kaizodo.setApiKey"]);
  });

  await test("the tree of runs says that there are older ones, and brings them when they are wanted", async () => {
    const { History, OLDER } = await part("history");
    const saved = async ({ before }) => (before === "b" ? { runs: [{ run: "a" }] } : { runs: [{ run: "b" }], next: "b" });
    const history = new History(async () => ({ saved }));
    const listed = async () => (await history.getChildren()).map((entry) => (entry === OLDER ? entry : entry.saved.run));
    assert.deepEqual(await listed(), ["b", OLDER]);
    assert.equal(history.getTreeItem(OLDER).command.command, "kaizodo.olderRuns");
    history.older();
    assert.deepEqual(await listed(), ["b", "a"]);
    assert.deepEqual(await listed(), ["b", "a"], "also when the tree is read again");
    editor.picked = ({ scope }) => scope === "all";
    editor.said = [];
    await history.chooseScope();
    assert.deepEqual(await listed(), ["b", OLDER], "another list begins anew");
    assert.deepEqual(editor.said, ["kaizodo.history.focus"], "where it is seen");
    editor.picked = ({ scope }) => scope === "file";
    await history.chooseScope();
    assert.deepEqual(await listed(), [], "the reader has been in no file yet");
  });

  await test("the tree of runs is read again when it is shown again: meanwhile, nothing was read", async () => {
    const { History } = await part("history");
    const history = new History(async () => undefined);
    const view = { visible: false, onDidChangeVisibility: (listen) => void (view.show = listen) };
    history.shownIn(view);
    let reads = 0;
    history.onDidChangeTreeData(() => (reads += 1));
    history.refresh();
    view.show({ visible: true });
    view.show({ visible: false });
    assert.equal(reads, 1);
  });
}
