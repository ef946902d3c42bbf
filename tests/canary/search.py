#!/usr/bin/env python3
"""Searches what the tests have left behind for the one key that they use.

    search.py FOLDER

FOLDER is what KAIZODO_TEST_ARTIFACTS named while they ran: every home, what every program printed,
what every server told its client, the tests' own output. The key, any piece of it, and both in the
forms that texts are carried in must be in no file and in no file's name. Where no program was given
the key, or nothing was kept, the search proves nothing and fails.
"""

import base64
import pathlib
import re
import sys
import urllib.parse

HOME = pathlib.Path(__file__).resolve().parent.parent / "support/artifacts.rs"
# Bytes in a row that nobody writes by chance; some tests' made-up keys share the key's beginning.
PIECE = 8
COMMON = "sk-canary-"


def windows(text, size):
    return {text[at : at + size] for at in range(len(text) - size + 1)}


def patterns(key):
    """What to look for, in lower case: names of hosts and of headers lose their own."""
    rest = key.removeprefix(COMMON)
    assert rest != key, "the key begins as expected"
    found = windows(rest, PIECE) | windows(rest[::-1], PIECE)
    found |= windows(urllib.parse.quote(rest, safe=""), PIECE + 4)
    for quoted in (rest.replace("/", "\\/"), rest.replace("+", "\\u002b")):
        found |= windows(quoted, PIECE + 4)
    found |= windows(rest.encode().hex(), 2 * PIECE)
    for shift in range(3):
        # Of a text with something before it, the characters that depend on the key alone.
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(b"x" * shift + rest.encode()).decode().rstrip("=")
            found |= windows(text[2 if shift else 0 : -1], PIECE + 4)
    return sorted(pattern.lower().encode() for pattern in found)


def main(folder):
    key = re.search(r'^pub\(crate\) const CANARY: &str = "(.+)";$', HOME.read_text(), re.MULTILINE)[1]
    wanted = re.compile(b"|".join(re.escape(pattern) for pattern in patterns(key)))
    files = [path for path in pathlib.Path(folder).rglob("*") if path.is_file() and not path.is_symlink()]
    given = [path for path in files if path.name.endswith("key-given")]
    if not given or len(files) == len(given):
        sys.exit(f"{folder}: no program was given the key, or nothing was kept; the search proves nothing")
    size, hits = 0, []
    for path in files:
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            continue  # What a program that still ends has removed meanwhile.
        size += len(content)
        if wanted.search(content.lower()) or wanted.search(str(path).lower().encode()):
            hits.append(path)
    for path in hits:
        print(f"The canary key, or a piece of it, is in {path}", file=sys.stderr)
    if hits:
        sys.exit(1)
    print(
        f"The canary key is in none of {len(files):,} files ({size / 1e6:,.0f} MB)"
        f" of {len(given):,} programs that were given it"
    )


main(sys.argv[1])
