// The licences of what others wrote in the package: of the npm packages in the bundles and, where the server is in it, of
// its crates. Their licences ask for that.

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** The text of THIRD-PARTY-NOTICES.txt. `modules` are folders of npm packages; `triple` is the server's platform as Rust
 * names it, or "host", and null without a server. */
export function notices(modules, triple) {
  const works = [...modules.map(npmPackage), ...(triple ? crates(triple) : [])];
  const byText = new Map();
  for (const { name, licence, folder } of works) {
    const text = licenceText(folder, licence);
    byText.set(text, [...(byText.get(text) ?? []), `${name} (${licence})`]);
  }
  const parts = [...byText].map(([text, names]) => `${names.sort().join("\n")}\n\n${text.trim()}\n`);
  return `This package contains the work of others, under the licences below.\n\n${parts.sort().join(`\n${"-".repeat(78)}\n\n`)}`;
}

function npmPackage(folder) {
  const { name, version, license } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
  return { name: `${name} ${version}`, licence: license, folder };
}

/** The crates in the program for a platform: what it needs to run, not to be built or tested. */
function crates(triple) {
  const host = triple === "host" ? /^host: (.*)$/m.exec(execFileSync("rustc", ["-vV"], { encoding: "utf8" }))[1] : triple;
  const args = ["metadata", "--locked", "--format-version", "1", "--filter-platform", host, "--manifest-path", "../../Cargo.toml"];
  const { packages, resolve } = JSON.parse(execFileSync("cargo", args, { encoding: "utf8", maxBuffer: 1 << 28 }));
  const nodes = new Map(resolve.nodes.map((node) => [node.id, node]));
  const found = new Set();
  const visit = (id) => {
    for (const { pkg, dep_kinds } of nodes.get(id).deps) {
      if (!found.has(pkg) && dep_kinds.some(({ kind }) => kind === null)) {
        found.add(pkg);
        visit(pkg);
      }
    }
  };
  visit(resolve.root);
  return packages
    .filter(({ id }) => found.has(id))
    .map(({ name, version, license, manifest_path }) => ({
      name: `${name} ${version}`,
      licence: license,
      folder: path.dirname(manifest_path),
    }));
}

/** A work's own licence files; of several, the MIT one, which is enough where there is a choice. */
function licenceText(folder, licence) {
  const files = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^(licen[cs]e|copying|unlicense|notice)/i.test(entry.name))
    .map((entry) => entry.name)
    .sort();
  const choice = / OR |\//.test(licence ?? "") ? files.filter((name) => /mit/i.test(name)) : [];
  const texts = (choice.length > 0 ? choice : files).map((name) => readFileSync(path.join(folder, name), "utf8").trim());
  return texts.length > 0 ? texts.join("\n\n") : `Under the licence ${licence}; the work brings no text of it.`;
}
