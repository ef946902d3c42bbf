#!/usr/bin/env python3
"""What every manifest says of this program comes from Cargo.toml: its name, version, licence, description and address.

  manifests.py check               what a file says that Cargo.toml does not
  manifests.py write               write it into the files that hold it literally
  manifests.py home                whether this workflow runs in the repository that Cargo.toml names
  manifests.py render DIST OUT     make what is sent to package indexes (mason, aur, scoop, winget, nvim-lspconfig) from
                                   the templates beside this script; DIST has the archives of a release, for their hashes
"""

import hashlib
import json
import os
import pathlib
import re
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
TEMPLATES = ["aur", "mason", "nvim-lspconfig", "scoop", "winget"]

PACKAGE = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]
VERSION, REPOSITORY = PACKAGE["version"], PACKAGE["repository"]
OWNER, NAME = re.fullmatch(r"https://github\.com/([^/]+)/([^/]+)", REPOSITORY).groups()

# Each file, and the patterns in it whose only group is to be the value.
LITERAL = {
    "Cargo.toml": [
        (r'^homepage = "(.*)"$', REPOSITORY),
        (r'^tap = "(.*)"$', f"{OWNER}/homebrew-tap"),
    ],
    "editors/vscode/package.json": [
        (r'^  "version": "(.*)",$', VERSION),
        (r'^  "license": "(.*)",$', PACKAGE["license"]),
        (r'^    "url": "(.*)",$', f"{REPOSITORY}.git"),
        (r'^  "homepage": "(.*)",$', f"{REPOSITORY}#readme"),
        (r'^    "url": "(.*)"$', f"{REPOSITORY}/issues"),
    ],
    "editors/vscode/package-lock.json": [
        (r'\A\{\n  "name": "kaizodo",\n  "version": "(.*)",$', VERSION),
        (r'^    "": \{\n      "name": "kaizodo",\n      "version": "(.*)",$', VERSION),
        (r'^    "": \{\n(?:      "(?:name|version)": .*\n)*      "license": "(.*)",$', PACKAGE["license"]),
    ],
    "editors/zed/extension.toml": [
        (r'^version = "(.*)"$', VERSION),
        (r'^repository = "(.*)"$', REPOSITORY),
        (r'^description = "(.*)"$', PACKAGE["description"]),
    ],
    "editors/zed/Cargo.toml": [
        (r'\A\[package\]\nname = "kaizodo-zed"\nversion = "(.*)"$', VERSION),
        (r'^license = "(.*)"$', PACKAGE["license"]),
        (r'^repository = "(.*)"$', REPOSITORY),
    ],
    "editors/zed/Cargo.lock": [(r'^name = "kaizodo-zed"\nversion = "(.*)"$', VERSION)],
    "editors/zed/src/release.rs": [(r'^pub const REPOSITORY: &str = "(.*)";$', f"{OWNER}/{NAME}")],
    "editors/jetbrains/kaizodo/installer.json": [
        (r'^        "owner": "(.*)",$', OWNER),
        (r'^        "repository": "(.*)",$', NAME),
    ],
    "packaging/flake.nix": [(r'^# .*`nix run "github:(.*)\?dir=packaging"', f"{OWNER}/{NAME}")],
    "packaging/README.md": [(r'^nix run "github:(.*)\?dir=packaging"', f"{OWNER}/{NAME}")],
}


def literal(write):
    """The differences, which are mended with `write`."""
    faults = []
    for file, patterns in LITERAL.items():
        text = before = (ROOT / file).read_text()
        for pattern, wanted in patterns:
            found = list(re.finditer(pattern, text, re.MULTILINE))
            if not found:
                faults.append(f"{file}: nothing matches {pattern}")
            for match in reversed(found):
                if match.group(1) != wanted:
                    if not write:
                        faults.append(f"{file}: {match.group(1)} instead of {wanted}")
                    text = text[: match.start(1)] + wanted + text[match.end(1) :]
        if write and text != before:
            (ROOT / file).write_text(text)
            print(f"wrote {file}")
    return faults


def sha256(archive):
    with open(archive, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def rendered(text, dist):
    values = {
        "DESCRIPTION": PACKAGE["description"],
        "LICENSE": PACKAGE["license"],
        "NAME": NAME,
        "OWNER": OWNER,
        "REPOSITORY": REPOSITORY,
        "VERSION": VERSION,
    }

    def value(match):
        return sha256(dist / match.group(2)) if match.group(2) else values[match.group(1)]

    return re.sub(r"@(?:([A-Z]+)|SHA256:([^@]+))@", value, text)


def render(dist, out):
    for template in (file for folder in TEMPLATES for file in sorted((ROOT / "packaging" / folder).iterdir())):
        name = template.name
        folder = out / template.parent.name
        if folder.name == "winget":  # where their repository keeps it
            folder = folder / "manifests/k/kaizodo/kaizodo" / VERSION
        folder.mkdir(parents=True, exist_ok=True)
        text = rendered(template.read_text(), dist)
        (folder / name).write_text(text)
        if name.endswith(".json"):
            json.loads(text)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["check"] | ["write"] as command:
            faults = literal(write=command == ["write"])
            sys.exit("\n".join(faults) or None)
        case ["home"]:
            here = os.environ.get("GITHUB_REPOSITORY")
            sys.exit(None if here == f"{OWNER}/{NAME}" else f"Cargo.toml names {OWNER}/{NAME}, and this is {here}")
        case ["render", dist, out]:
            render(pathlib.Path(dist), pathlib.Path(out))
        case _:
            sys.exit(__doc__)
