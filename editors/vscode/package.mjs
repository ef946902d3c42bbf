// Packs the extension: kaizodo-<version>.vsix for every platform, or, with KAIZODO_BIN, one with that server in it, for the
// platform that KAIZODO_TARGET names (a key of targets.json; default: the platform of this machine).

import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { notices } from "./notices.mjs";

// A program that was built for tests is larger than a release.
const LIMIT_MB = Number(process.env.KAIZODO_PACKAGE_MB ?? 15);
const { version } = JSON.parse(readFileSync("package.json", "utf8"));
const program = process.env.KAIZODO_BIN;
const target = process.env.KAIZODO_TARGET ?? `${process.platform}-${process.arch}`;
const triple = JSON.parse(readFileSync("targets.json", "utf8"))[target];
const out = `kaizodo${program ? `-${target}` : ""}-${version}.vsix`;

rmSync("bin", { recursive: true, force: true });
if (program) {
  mkdirSync("bin");
  const bundled = target.startsWith("win32") ? "bin/kaizodo.exe" : "bin/kaizodo";
  copyFileSync(program, bundled);
  chmodSync(bundled, 0o755);
}
const licences = ["LICENSE-APACHE", "LICENSE-MIT"];
licences.forEach((name) => cpSync(`../../${name}`, name));
const others = "THIRD-PARTY-NOTICES.txt";
try {
  execFileSync("node", ["build.mjs"], { stdio: "inherit" });
  writeFileSync(others, notices(JSON.parse(readFileSync("node_modules/.kaizodo-bundled.json", "utf8")), program ? (triple ?? "host") : null));
  const args = ["package", "--no-dependencies", "--no-rewrite-relative-links", "--out", out, ...(program ? ["--target", target] : [])];
  execFileSync("node_modules/.bin/vsce", args, { stdio: "inherit" });
} finally {
  [...licences, others, "bin"].forEach((name) => rmSync(name, { recursive: true, force: true }));
}
const { size } = statSync(out);
console.log(`${out}: ${(size / 1024 / 1024).toFixed(1)} MB`);
if (size > LIMIT_MB * 1024 * 1024) {
  throw new Error(`${out} is larger than ${LIMIT_MB} MB`);
}
