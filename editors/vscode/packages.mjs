// Packs the extension for a release: one package for each platform of targets.json, with the server from its archive, and
// one without a server for every other platform.
//
//   node packages.mjs FOLDER [TARGET…]    FOLDER has the archives of a release; TARGETs are all if none is named
//
// The servers for Linux are linked statically, so that one runs on any distribution. On ARM, Windows runs the one for x86-64.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const targets = JSON.parse(readFileSync("targets.json", "utf8"));
const [folder, ...chosen] = process.argv.slice(2);
const unpacked = mkdtempSync(path.join(tmpdir(), "kaizodo-packages-"));

/** The program in the archive for a platform of Rust's. */
function program(triple) {
  const windows = triple.includes("windows");
  const archive = path.resolve(folder, `kaizodo-${triple}.${windows ? "zip" : "tar.gz"}`);
  if (windows) {
    execFileSync("unzip", ["-qo", archive, "kaizodo.exe", "-d", unpacked]);
    return path.join(unpacked, "kaizodo.exe");
  }
  execFileSync("tar", ["-xzf", archive, "-C", unpacked, `kaizodo-${triple}/kaizodo`]);
  return path.join(unpacked, `kaizodo-${triple}/kaizodo`);
}

function pack(own) {
  const { KAIZODO_BIN: _bin, KAIZODO_TARGET: _target, ...env } = process.env;
  execFileSync("node", ["package.mjs"], { env: { ...env, ...own }, stdio: "inherit" });
}

try {
  for (const target of chosen.length > 0 ? chosen : Object.keys(targets)) {
    pack({ KAIZODO_BIN: program(targets[target]), KAIZODO_TARGET: target });
  }
  if (chosen.length === 0) {
    pack({});
  }
} finally {
  rmSync(unpacked, { recursive: true, force: true });
}
