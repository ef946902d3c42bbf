"""What the tests of packaging share: the project's own words, the tools, and a release made of the program under test."""

import functools
import hashlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import unittest
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TOOLS = ROOT / ".cache/packaging-1"
MANIFEST = tomllib.loads((ROOT / "Cargo.toml").read_text())
PACKAGE = MANIFEST["package"]
DIST = MANIFEST["workspace"]["metadata"]["dist"]
VERSION, REPOSITORY = PACKAGE["version"], PACKAGE["repository"]
RELEASE = f"{REPOSITORY}/releases/download/v{VERSION}"
HOST = "x86_64-unknown-linux-gnu"
_TEMPORARY = tempfile.TemporaryDirectory()

os.environ["PATH"] = f"{TOOLS}/bin:{os.environ['PATH']}"
os.environ["DIST"] = f"{TOOLS}/bin/dist"


def run(*command, cwd=ROOT, env=None, **more):
    """What a command prints. Its failure is the test's, with all that it printed."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=None if env is None else {**os.environ, **env},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=300,
        **more,
    )
    if done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def needs(tool):
    """Leaves a test out where a tool cannot be had, and says so."""
    return unittest.skipUnless(shutil.which(tool), f"there is no {tool}")


@functools.cache
def plan():
    return json.loads(run("dist", "plan", "--output-format=json"))


def archives():
    """The archives of a release, as dist plans them."""
    return sorted(name for name, a in plan()["artifacts"].items() if a["kind"] == "executable-zip")


@functools.cache
def program():
    """The program under test, without what only a debugger needs."""
    stripped = TOOLS / "kaizodo"
    shutil.copy(os.environ["KAIZODO_BIN"], stripped)
    run("strip", stripped)
    return stripped.read_bytes()


@functools.cache
def release():
    """A folder with every archive of a release: for this machine with the program, for others with its name alone."""
    folder = pathlib.Path(_TEMPORARY.name)
    for name in archives():
        windows = name.endswith(".zip")
        stem = name.removesuffix(".zip").removesuffix(".tar.gz")
        here = stem.endswith(("x86_64-unknown-linux-gnu", "x86_64-unknown-linux-musl"))
        content = program() if here else f"a program for {stem}\n".encode()
        if windows:
            with zipfile.ZipFile(folder / name, "w") as archive:
                archive.writestr("kaizodo.exe", content)
            continue
        with tarfile.open(folder / name, "w:gz", compresslevel=1) as archive:
            def put(path, data, mode):
                entry = tarfile.TarInfo(f"{stem}/{path}")
                entry.size, entry.mode = len(data), mode
                archive.addfile(entry, io.BytesIO(data))

            put("kaizodo", content, 0o755)
            for other in ["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md"]:
                put(other, (ROOT / other).read_bytes(), 0o644)
    return folder


def sha256(name):
    """The hash of an archive."""
    return hashlib.sha256((release() / name).read_bytes()).hexdigest()


def main(modules):
    """Runs the tests of these modules whose name has the word that was given."""
    loader = unittest.TestLoader()
    loader.testNamePatterns = [f"*{word.replace(' ', '_')}*" for word in sys.argv[1:]] or None
    suite = unittest.TestSuite(loader.loadTestsFromModule(module) for module in modules)
    done = unittest.TextTestRunner(verbosity=2).run(suite)
    for test, why in done.skipped:
        print(f"packaging: {why}: {test.id().rsplit('.', 1)[-1]} was left out")
    sys.exit(not (done.wasSuccessful() and done.testsRun))
