"""Every file that is sent somewhere: it is read by what reads it there, and says what Cargo.toml says."""

import gzip
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import tomllib
import unittest

import yaml

from kit import DIST, PACKAGE, RELEASE, REPOSITORY, ROOT, VERSION, archives, needs, release, run, sha256

MAKE = ROOT / "packaging/manifests.py"


class Manifests(unittest.TestCase):
    """What packaging/manifests.py makes of a release."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.dist, cls.out = release(), pathlib.Path(folder.name) / "out"
        run(MAKE, "render", cls.dist, cls.out)

    def test_every_file_says_what_cargo_toml_says(self):
        run(MAKE, "check")
        left = [path for path in self.out.rglob("*") if path.is_file() and re.search(r"@[A-Z]+", path.read_text())]
        self.assertEqual(left, [])

    def test_a_file_that_says_something_else_is_found(self):
        with tempfile.TemporaryDirectory() as name:
            copy = pathlib.Path(name)
            for path in ["Cargo.toml", "editors", "packaging"]:
                (copy / path).parent.mkdir(parents=True, exist_ok=True)
                if (ROOT / path).is_dir():
                    shutil.copytree(ROOT / path, copy / path, ignore=shutil.ignore_patterns("node_modules", "target"))
                else:
                    shutil.copy(ROOT / path, copy / path)
            manifest = (copy / "Cargo.toml").read_text()
            changed = manifest.replace(f'\nversion = "{VERSION}"', '\nversion = "9.8.7"', 1)
            (copy / "Cargo.toml").write_text(changed.replace("OWNER_", "somebody"))
            done = subprocess.run([copy / "packaging/manifests.py", "check"], capture_output=True, text=True)
            for file in ["editors/vscode/package.json", "editors/vscode/package-lock.json", "editors/zed/extension.toml"]:
                self.assertIn(f"{file}: {VERSION} instead of 9.8.7", done.stderr)
            self.assertIn("packaging/flake.nix", done.stderr)
            run(copy / "packaging/manifests.py", "write")
            run(copy / "packaging/manifests.py", "check")
            run(copy / "packaging/manifests.py", "home", env={"GITHUB_REPOSITORY": "somebody/kaizodo"})
            with self.assertRaises(AssertionError):
                run(copy / "packaging/manifests.py", "home", env={"GITHUB_REPOSITORY": "another/kaizodo"})

    def test_mason(self):
        said = yaml.safe_load((self.out / "mason/package.yaml").read_text())
        self.assertEqual((said["name"], said["description"]), (PACKAGE["name"], PACKAGE["description"]))
        self.assertEqual(said["homepage"], REPOSITORY)
        self.assertEqual(" OR ".join(said["licenses"]), PACKAGE["license"])
        owner = REPOSITORY.removeprefix("https://github.com/")
        self.assertEqual(said["source"]["id"], f"pkg:github/{owner}@v{VERSION}")
        self.assertEqual(sorted(asset["file"] for asset in said["source"]["asset"]), archives())
        for asset in said["source"]["asset"]:
            names = run("tar", "-tzf", self.dist / asset["file"]) if asset["file"].endswith("gz") else run("unzip", "-Z1", self.dist / asset["file"])
            self.assertIn(asset["bin"], names.split())
        extension = said["schemas"]["lsp"].split("{{version}}/")[1]
        self.assertTrue((ROOT / extension).is_file())

    def test_nvim_lspconfig(self):
        """Neovim reads the entry, starts the program by it and is answered."""
        entry = self.out / "nvim-lspconfig/kaizodo.lua"
        self.assertTrue(entry.read_text().startswith("---@brief\n"))
        with tempfile.TemporaryDirectory() as name:
            (pathlib.Path(name) / "kaizodo").symlink_to(os.environ["KAIZODO_BIN"])
            (pathlib.Path(name) / "lsp").mkdir()
            shutil.copy(entry, pathlib.Path(name) / "lsp/kaizodo.lua")
            (pathlib.Path(name) / "memo.md").write_text("会議がいつも延びる。\n")
            script = pathlib.Path(name) / "start.lua"
            script.write_text(
                f"""
                vim.opt.runtimepath:prepend("{name}")
                vim.lsp.enable("kaizodo")
                vim.cmd.edit("{name}/memo.md")
                vim.cmd.doautocmd("FileType")
                assert(vim.wait(20000, function()
                  local client = vim.lsp.get_clients({{ name = "kaizodo", bufnr = 0 }})[1]
                  return client ~= nil and client.initialized == true
                end, 20), "the server did not start")
                local actions = vim.lsp.get_clients({{ name = "kaizodo" }})[1]:request_sync("textDocument/codeAction", {{
                  textDocument = {{ uri = vim.uri_from_bufnr(0) }},
                  range = {{ start = {{ line = 0, character = 0 }}, ["end"] = {{ line = 0, character = 9 }} }},
                  context = {{ diagnostics = {{}} }},
                }}, 20000, 0)
                io.stdout:write(actions.result[1].title)
                vim.cmd.quitall({{ bang = true }})
                """
            )
            own = {f"XDG_{kind}_HOME": name for kind in ["CONFIG", "DATA", "STATE", "CACHE"]}
            path = f"{name}:{os.environ['PATH']}"
            said = run(os.environ["NVIM"], "--headless", "-u", "NONE", "-l", script, env={"PATH": path, **own}, cwd=name)
            self.assertIn("解像度", said)

    @needs("makepkg")
    @needs("bsdtar")
    def test_aur(self):
        """makepkg makes the package from the archive, and its program runs."""
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            shutil.copy(self.out / "aur/PKGBUILD", folder)
            shutil.copy(self.dist / "kaizodo-x86_64-unknown-linux-gnu.tar.gz", folder / f"kaizodo-{VERSION}-x86_64.tar.gz")
            # As makepkg refuses root. It asks pacman for nothing here.
            user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.getuid() == 0 else []
            run("chmod", "-R", "a+rwX", folder)
            env = {"HOME": name, "CARCH": "x86_64", "PACMAN": "true"}
            said = run(*user, "makepkg", "--printsrcinfo", cwd=folder, env=env)
            for line in [
                "pkgbase = kaizodo-bin",
                f"pkgdesc = {PACKAGE['description']}",
                f"pkgver = {VERSION}",
                f"url = {REPOSITORY}",
                f"license = {PACKAGE['license']}",
                f"source_x86_64 = kaizodo-{VERSION}-x86_64.tar.gz::{RELEASE}/kaizodo-x86_64-unknown-linux-gnu.tar.gz",
                f"source_aarch64 = kaizodo-{VERSION}-aarch64.tar.gz::{RELEASE}/kaizodo-aarch64-unknown-linux-gnu.tar.gz",
                f"sha256sums_x86_64 = {sha256('kaizodo-x86_64-unknown-linux-gnu.tar.gz')}",
                f"sha256sums_aarch64 = {sha256('kaizodo-aarch64-unknown-linux-gnu.tar.gz')}",
            ]:
                self.assertIn(line, [part.strip() for part in said.splitlines()])
            run(*user, "makepkg", "--nodeps", "--noarchive", cwd=folder, env=env)
            made = folder / "pkg/kaizodo-bin"
            self.assertIn(VERSION, run(made / "usr/bin/kaizodo", "--version"))
            (manual,) = (made / "usr/share/man/man1").iterdir()
            self.assertIn(b"kaizodo", gzip.decompress(manual.read_bytes()))

    def test_scoop(self):
        said = json.loads((self.out / "scoop/kaizodo.json").read_text())
        archive = "kaizodo-x86_64-pc-windows-msvc.zip"
        self.assertEqual((said["version"], said["homepage"]), (VERSION, REPOSITORY))
        self.assertEqual(said["description"], PACKAGE["description"])
        self.assertEqual(said["license"].replace("|", " OR "), PACKAGE["license"])
        self.assertEqual(said["architecture"]["64bit"], {"url": f"{RELEASE}/{archive}", "hash": sha256(archive)})
        self.assertIn(said["bin"], run("unzip", "-Z1", self.dist / archive).split())
        update = said["autoupdate"]["architecture"]["64bit"]["url"]
        self.assertEqual(update.replace("$version", VERSION), f"{RELEASE}/{archive}")

    def test_winget(self):
        folder = self.out / "winget/manifests/k/kaizodo/kaizodo" / VERSION
        said = {part["ManifestType"]: part for part in (yaml.safe_load(path.read_text()) for path in folder.iterdir())}
        self.assertEqual(set(said), {"version", "installer", "defaultLocale"})
        for part in said.values():
            self.assertEqual((part["PackageIdentifier"], str(part["PackageVersion"])), ("kaizodo.kaizodo", VERSION))
        archive = "kaizodo-x86_64-pc-windows-msvc.zip"
        (installer,) = said["installer"]["Installers"]
        self.assertEqual(installer["InstallerUrl"], f"{RELEASE}/{archive}")
        self.assertEqual(installer["InstallerSha256"].lower(), sha256(archive))
        (nested,) = said["installer"]["NestedInstallerFiles"]
        self.assertIn(nested["RelativeFilePath"], run("unzip", "-Z1", self.dist / archive).split())
        locale = said["defaultLocale"]
        self.assertEqual((locale["PackageName"], locale["PackageUrl"]), (PACKAGE["name"], REPOSITORY))
        self.assertEqual((locale["License"], locale["ShortDescription"]), (PACKAGE["license"], PACKAGE["description"]))
        self.assertLessEqual(len(locale["ShortDescription"]), 256)
        for tag in locale["Tags"]:
            self.assertRegex(tag, r"^\S{1,40}$")

    @needs("nix-instantiate")
    def test_flake(self):
        """nix reads the flake, and with a stand-in for nixpkgs, whatever it would build is told."""
        flake = ROOT / "packaging/flake.nix"
        run("nix-instantiate", "--parse", flake, env={"NIX_STATE_DIR": tempfile.gettempdir(), "NIX_STORE_DIR": tempfile.gettempdir()})
        asked = """
          let
            flake = import %s;
            lib = {
              genAttrs = names: make: builtins.listToAttrs (map (name: { inherit name; value = make name; }) names);
              licenses = { asl20 = "Apache-2.0"; mit = "MIT"; };
            };
            pkgs = { rustPlatform.buildRustPackage = given: given; installShellFiles = null; mkShell = given: given; };
            systems = [ "aarch64-darwin" "aarch64-linux" "x86_64-darwin" "x86_64-linux" ];
            nixpkgs = { inherit lib; legacyPackages = lib.genAttrs systems (_: pkgs); };
            made = (flake.outputs { self = { }; inherit nixpkgs; }).packages.x86_64-linux.default;
          in {
            inherit (made) pname version meta;
            there = map builtins.pathExists [ (made.src + "/Cargo.toml") made.cargoLock.lockFile ];
          }
        """ % flake
        with tempfile.TemporaryDirectory() as name:
            env = {f"NIX_{kind}": f"{name}/{kind}" for kind in ["STATE_DIR", "STORE_DIR", "LOG_DIR"]}
            said = json.loads(run("nix-instantiate", "--eval", "--json", "--strict", "--expr", asked, env={**env, "HOME": name}))
        self.assertEqual((said["pname"], said["version"]), (PACKAGE["name"], VERSION))
        self.assertEqual((said["meta"]["homepage"], said["meta"]["mainProgram"]), (REPOSITORY, "kaizodo"))
        self.assertEqual(sorted(said["meta"]["license"]), sorted(PACKAGE["license"].split(" OR ")))
        self.assertEqual(said["there"], [True, True])


class Editors(unittest.TestCase):
    def test_zed(self):
        """By the rules of Zed's registry. CI compiles the extension, and cross.sh does."""
        folder = ROOT / "editors/zed"
        said = tomllib.loads((folder / "extension.toml").read_text())
        self.assertEqual((said["version"], said["repository"]), (VERSION, REPOSITORY))
        self.assertEqual(said["schema_version"], 1)
        self.assertRegex(said["id"], r"^[a-z0-9-]+-(lsp|language-server)$")
        self.assertNotRegex(f"{said['id']} {said['name']}".lower(), "zed|extension")
        languages = said["language_servers"]["kaizodo"]["languages"]
        self.assertEqual(len(languages), len(set(languages)))
        self.assertLessEqual({"Markdown", "Plain Text", "Git Commit", "Rust"}, set(languages))
        for name in ["LICENSE-APACHE", "LICENSE-MIT"]:
            self.assertEqual((folder / name).read_text(), (ROOT / name).read_text())
        crate = tomllib.loads((folder / "Cargo.toml").read_text())
        self.assertEqual((crate["package"]["version"], crate["package"]["license"]), (VERSION, PACKAGE["license"]))
        self.assertEqual(crate["lib"]["crate-type"], ["cdylib"])
        locked = tomllib.loads((folder / "Cargo.lock").read_text())["package"]
        self.assertIn("zed_extension_api", [package["name"] for package in locked])
        self.assertEqual([p["name"] for p in locked if not p.get("source", "registry+").startswith("registry+")], [])
        run("cargo", "fmt", "--check", "--manifest-path", folder / "Cargo.toml")
        outside = {member["name"] for member in json.loads(run("cargo", "metadata", "--no-deps", "--format-version=1"))["packages"]}
        self.assertEqual(outside, {"kaizodo"}, "the program's build leaves the extension alone")

    def assert_narrower(self, ours, known, path):
        """A schema allows nothing that VS Code's schema of the same setting does not allow."""
        self.assertEqual(ours.get("type"), known.get("type"), path)
        self.assertLessEqual(set(ours.get("enum", [])), set(known.get("enum", [])), path)
        self.assertLessEqual(set(known.get("required", [])), set(ours.get("required", [])), path)
        for name, value in ours.get("properties", {}).items():
            self.assert_narrower(value, known["properties"][name], f"{path}.{name}")
        for key in ["items", "additionalProperties"]:
            if isinstance(ours.get(key), dict):
                self.assert_narrower(ours[key], known[key], f"{path}.{key}")
        for index, (one, other) in enumerate(zip(ours.get("anyOf", []), known.get("anyOf", []), strict=True)):
            self.assert_narrower(one, other, f"{path}.{index}")

    def test_jetbrains(self):
        folder = ROOT / "editors/jetbrains/kaizodo"
        said = {path.name: json.loads(path.read_text()) for path in folder.iterdir()}
        names = ["clientSettings", "initializationOptions", "installer", "settings", "settings.schema", "template"]
        self.assertEqual(sorted(said), sorted(f"{name}.json" for name in names))
        template = said["template.json"]
        self.assertEqual(template["id"], folder.name)
        for command in template["programArgs"].values():
            self.assertIn("lsp", command)
        ids = [mapping["languageId"] for mapping in template["fileTypeMappings"]]
        self.assertEqual(len(ids), len(set(ids)))
        self.assertLessEqual({"markdown", "plaintext", "rust"}, set(ids))
        for mapping in template["fileTypeMappings"]:
            self.assertTrue(mapping["fileType"].get("patterns"))
        schema = said["settings.schema.json"]["properties"]
        vscode = json.loads((ROOT / "editors/vscode/package.json").read_text())["contributes"]["configuration"]
        known = {name: value for part in vscode for name, value in part["properties"].items()}
        for name, value in schema.items():
            self.assert_narrower(value, known[name], name)
        download = said["installer.json"]["run"]["download"]
        github = download["github"]
        self.assertEqual(f"https://github.com/{github['owner']}/{github['repository']}", REPOSITORY)
        assets = [github["asset"]["windows"], *github["asset"]["unix"].values(), *github["asset"]["mac"].values()]
        self.assertLessEqual(set(assets), set(archives()))
        self.assertIn("${output.dir}/${output.file.name} lsp", download["onSuccess"]["configureServer"]["command"])

    def test_zed_settings(self):
        text = (ROOT / "editors/snippets/zed-settings.json").read_text()
        text = re.sub(r",(\s*[}\]])", r"\1", re.sub(r"(?m)^\s*//.*$", "", text))
        self.assertEqual(json.loads(text)["lsp"], {"kaizodo": {"settings": {"lang": "auto"}}})

    def test_helix(self):
        said = tomllib.loads((ROOT / "editors/snippets/helix-languages.toml").read_text())
        self.assertEqual(said["language-server"]["kaizodo"], {"command": "kaizodo", "args": ["lsp"]})
        for language in said["language"]:
            self.assertIn("kaizodo", language["language-servers"])

    def test_every_platform_that_something_names_is_built(self):
        named = set()
        for folder in ["packaging", "editors/zed/src", "editors/jetbrains"]:
            for path in (ROOT / folder).rglob("*"):
                if path.is_file() and path.suffix != ".pyc":
                    named |= set(re.findall(r"(?:x86_64|aarch64)-[a-z]+-[a-z]+(?:-[a-z]+)?", path.read_text()))
        self.assertEqual(named, set(DIST["targets"]))
