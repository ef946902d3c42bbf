// What package.json says is true: of the texts, of the code, and of the server.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "../../..");
const at = (...parts) => path.join(ROOT, "editors/vscode", ...parts);
const json = async (...parts) => JSON.parse(await readFile(at(...parts), "utf8"));

/** What vscode-languageclient brings; markdown-it comes into the grid's page by the bundle. */
const RUNTIME = [
  "balanced-match",
  "brace-expansion",
  "minimatch",
  "semver",
  "vscode-jsonrpc",
  "vscode-languageclient",
  "vscode-languageserver-protocol",
  "vscode-languageserver-textdocument",
  "vscode-languageserver-types",
];

export async function manifest(test) {
  const text = await readFile(at("package.json"), "utf8");
  const pkg = JSON.parse(text);
  const sections = pkg.contributes.configuration;
  const settings = Object.assign({}, ...sections.map(({ properties }) => properties));
  const words = Object.fromEntries(await Promise.all(["package.nls.json", "package.nls.ja.json"].map(async (file) => [file, await json(file)])));
  const source = await sources();

  await test("every text of the manifest is there in English and Japanese, and none is left over", async () => {
    const used = [...new Set([...text.matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key))].sort();
    assert.ok(used.length > 20);
    for (const file of ["package.nls.json", "package.nls.ja.json"]) {
      assert.deepEqual(Object.keys(await json(file)).sort(), used, file);
    }
  });

  await test("every text of the code is there in Japanese, and none is left over", async () => {
    const used = [...source.matchAll(/l10n\.t\(\s*"((?:[^"\\]|\\.)*)"/g)].map(([, key]) => JSON.parse(`"${key}"`));
    const bundle = await json("l10n/bundle.l10n.ja.json");
    assert.deepEqual(Object.keys(bundle).sort(), [...new Set(used)].sort());
    for (const [english, japanese] of Object.entries(bundle)) {
      assert.deepEqual(english.match(/\{\d\}/g)?.sort(), japanese.match(/\{\d\}/g)?.sort(), english);
    }
  });

  await test("every command is registered, and every one that a menu or a key names is a command", async () => {
    const { commands, menus, keybindings } = pkg.contributes;
    const names = commands.map(({ command }) => command);
    const registered = [...source.matchAll(/(?:command|registerCommand)\("(kaizodo\.\w+)"/g)].map(([, name]) => name);
    assert.deepEqual([...names].sort(), registered.sort());
    const submenus = pkg.contributes.submenus.map(({ id }) => id);
    for (const { command, submenu } of [...Object.values(menus).flat(), ...keybindings]) {
      assert.ok(submenu === undefined ? names.includes(command) : submenus.includes(submenu), command ?? submenu);
    }
    // Bookmarks and Code Runner, which very many have, take these.
    for (const taken of ["ctrl+alt+k", "ctrl+alt+j", "ctrl+alt+l", "ctrl+alt+n", "ctrl+alt+m"]) {
      assert.ok(!keybindings.some(({ key }) => key === taken), taken);
    }
  });

  await test("every setting is known to the server, with the same default, and the other way round", async () => {
    const known = await serverSettings();
    const own = ["view", "foldViews", "server.path"];
    // In the server's file (config.toml) alone: what is run for a key, which the editor keeps itself, or for a model file,
    // and bounds that hardly anybody changes.
    const fileOnly = [
      "keyCommand",
      "gguf",
      "llamaServer",
      "limits.eventBytes",
      "limits.refusalBytes",
      "timeouts.keepAliveMs",
      "timeouts.unusedMs",
      "timeouts.afterFinishMs",
      "timeouts.drainMs",
      "retries.backoffMs",
    ];
    const given = Object.keys(settings).map((key) => key.replace("kaizodo.", ""));
    assert.deepEqual([...given.filter((key) => !own.includes(key)), ...fileOnly].sort(), [...known.keys()].sort());
    for (const [key, fallback] of known) {
      if (fileOnly.includes(key)) {
        continue;
      }
      const ours = settings[`kaizodo.${key}`].default;
      if (fallback !== undefined) {
        assert.deepEqual(ours, fallback, key);
      } else {
        assert.equal(Object.keys(ours ?? {}).length, 0, key);
      }
      assert.ok(source.includes(`"${key}"`), `${key} is not sent`);
    }
  });

  await test("the walkthrough begins by trying, and has a picture for each step, language and theme", async () => {
    const [{ steps }] = pkg.contributes.walkthroughs;
    assert.deepEqual(steps.map(({ id }) => id), ["try", "who", "view"]);
    for (const text of Object.values(words)) {
      const keys = steps.flatMap(({ media }) => Object.values(media.image).map((key) => key.replaceAll("%", "")));
      assert.equal(keys.length, 12);
      await Promise.all(keys.map((key) => readFile(at(text[key]))));
      for (const [, command] of steps.map(({ id }) => text[`walkthrough.${id}.description`]).join().matchAll(/command:(kaizodo\.\w+)/g)) {
        assert.ok(pkg.contributes.commands.some((known) => known.command === command), command);
      }
    }
  });

  await test("settings stand in sections, and each choice is explained", () => {
    assert.deepEqual(sections.map(({ id }) => id.replace("kaizodo.", "")), ["answers", "who", "privacy", "history", "limits"]);
    assert.equal(Object.keys(settings).length, sections.flatMap(({ properties }) => Object.keys(properties)).length);
    for (const [key, { enum: choices, enumDescriptions, type }] of Object.entries(settings)) {
      assert.equal(enumDescriptions?.length, choices?.length, key);
      const text = words["package.nls.json"][key.replace("kaizodo.", "config.")];
      assert.ok(type !== "integer" || !/(Ms|Bytes)$/.test(key) || /\(\d+: .*\)/.test(text), `${key}: a number that people read`);
    }
  });

  await test("what decides where text goes belongs to the machine, and a workspace without trust decides nothing", () => {
    const machine = /\.(server\.path|offer|provider|baseUrl|model|effort|extraBody|headers|query|allowInsecureHosts|schedule|focus|context|secrets|neverSend|prices|limits\..*|timeouts\..*|retries\..*|journal\..*)$/;
    const free = ["kaizodo.view", "kaizodo.foldViews", "kaizodo.lang"];
    for (const [key, { scope }] of Object.entries(settings)) {
      assert.equal(scope, machine.test(key) ? "machine" : "window", key);
    }
    const restricted = pkg.capabilities.untrustedWorkspaces.restrictedConfigurations;
    assert.deepEqual([...restricted, ...free].sort(), Object.keys(settings).sort());
  });

  await test("the lock files hold packages of the one registry, each with its sum", async () => {
    const others = ["vscode-grid", "hostile"].map((tests) => path.join(ROOT, "tests/editors", tests, "package-lock.json"));
    others.push(path.join(ROOT, "tests/mcp/package-lock.json"));
    for (const file of [at("package-lock.json"), ...others]) {
      const { packages } = JSON.parse(await readFile(file, "utf8"));
      for (const [name, { resolved, integrity }] of Object.entries(packages).filter(([name]) => name !== "")) {
        // Without an address it is the registry's own.
        assert.match(resolved ?? "https://registry.npmjs.org/", /^https:\/\/registry\.npmjs\.org\//, name);
        assert.match(integrity, /^sha512-/, name);
      }
    }
  });

  await test("what the extension runs on is known, and installing runs no program but two of the tools'", async () => {
    const { packages } = await json("package-lock.json");
    const named = (wanted) =>
      Object.entries(packages).flatMap(([name, entry]) => (name !== "" && wanted(entry) ? [name.replace("node_modules/", "")] : []));
    assert.deepEqual(named(({ dev }) => !dev).sort(), RUNTIME);
    assert.deepEqual(named(({ hasInstallScript }) => hasInstallScript).sort(), ["@vscode/vsce-sign", "esbuild"]);
  });

  await test("the versions of extension and server are the same", async () => {
    const cargo = await readFile(path.join(ROOT, "Cargo.toml"), "utf8");
    assert.equal(pkg.version, /^version = "(.*)"/m.exec(cargo)[1]);
  });
}

async function sources() {
  const files = (await readdir(at("src"))).filter((name) => name.endsWith(".ts"));
  return (await Promise.all(files.map((name) => readFile(at("src", name), "utf8")))).join("\n");
}

/** The settings of PROTOCOL.md's table: key in camel case → default; `undefined` where the default is no value. */
async function serverSettings() {
  const protocol = await readFile(path.join(ROOT, "PROTOCOL.md"), "utf8");
  const table = /\| key \| meaning \| default \|\n\|---\|---\|---\|\n((?:\|.*\n)+)/.exec(protocol)[1];
  const rules = await readFile(path.join(ROOT, "src/privacy/never_send.rs"), "utf8");
  const list = /NEVER_SEND: [^=]*= \[([^\]]*)\]/.exec(rules)[1];
  const neverSend = [...list.matchAll(/"([^"]+)"/g)].map(([, pattern]) => pattern);
  const known = new Map();
  for (const row of table.trim().split("\n")) {
    const [, keys, , fallback] = row.split(" | ").length === 3 ? ["", ...row.slice(2, -2).split(" | ")] : [];
    const names = [...keys.matchAll(/`([\w.]+)`/g)].map(([, name]) => name);
    const group = names[0].includes(".") ? names[0].split(".")[0] : "";
    const numbers = fallback.split(", ").map(Number);
    names.forEach((name, index) => {
      const full = name.startsWith(".") ? group + name : name;
      const key = full.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
      known.set(key, full === "never_send" ? neverSend : defaultOf(full, fallback, numbers[index]));
    });
  }
  return known;
}

function defaultOf(key, fallback, number) {
  if (Number.isFinite(number)) {
    return number;
  }
  const words = [...fallback.split(":")[0].matchAll(/`([^`]+)`/g)].map(([, word]) => word);
  if (key === "perspectives") {
    return words;
  }
  return ["provider", "lang", "focus", "context", "schedule", "secrets"].includes(key) ? words[0] : undefined;
}
