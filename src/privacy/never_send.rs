//! Glob patterns of the files that are never sent.

use crate::lang::{Lang, Message};
use fast_glob::{glob_match, validate};
use percent_encoding::percent_decode_str;
use serde::Deserialize;

/// Default patterns for files that are never sent.
const NEVER_SEND: [&str; 28] = [
    ".env",
    ".env.*",
    "*.env",
    ".envrc",
    "*.pem",
    "*.key",
    "*.p8",
    "*.p12",
    "*.pfx",
    "*.jks",
    "*.keystore",
    "*.kdbx",
    "*.ppk",
    "id_rsa*",
    "id_dsa*",
    "id_ecdsa*",
    "id_ed25519*",
    ".ssh",
    ".gnupg",
    ".aws",
    ".password-store",
    ".netrc",
    ".pgpass",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    ".htpasswd",
    "*.tfstate",
];

/// Why a pattern can match no path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NeverSendError {
    /// The pattern is empty.
    Empty,
    /// The pattern begins with `~`, the home folder in a shell.
    Home,
    /// The pattern begins with `!`, an exception in `.gitignore`.
    Exception,
    /// The pattern contains `..`, which no path of a document does.
    Parent,
    /// The pattern begins with an environment variable, which a shell would replace.
    Variable,
    /// The pattern has a scheme, as the URI of a document does.
    Uri,
    /// The pattern has a `\` that escapes nothing: it may be meant to separate folders.
    Backslash,
}

impl NeverSendError {
    /// Every error that can occur.
    pub const ALL: [Self; 7] = [
        Self::Empty,
        Self::Home,
        Self::Exception,
        Self::Parent,
        Self::Variable,
        Self::Uri,
        Self::Backslash,
    ];
}

impl Message for NeverSendError {
    /// Returns the message to show after the pattern.
    fn message(&self, lang: Lang) -> String {
        let words = match self {
            NeverSendError::Empty => lang.pick("パターンが空です", "the pattern is empty"),
            NeverSendError::Home => lang.pick(
                "ホームフォルダーを表す `~` は使えません。完全なパスか、パスの終わりの部分（`private/*` など）を書いてください",
                "a pattern cannot begin with `~` for the home folder; write the full path, or its last parts, such as `private/*`",
            ),
            NeverSendError::Exception => lang.pick(
                "`!` で例外を決めることはできません。このパターンを消してください（`!` で始まる名前のファイルなら `\\!` と書きます）",
                "there are no exceptions with `!`; remove this pattern (or write `\\!` if the file's name begins with `!`)",
            ),
            NeverSendError::Parent => lang.pick(
                "`..` は使えません。完全なパスか、パスの終わりの部分（`private/*` など）を書いてください",
                "a pattern cannot contain `..`; write the full path, or its last parts, such as `private/*`",
            ),
            NeverSendError::Variable => lang.pick(
                "パターンを環境変数で始めることはできません。完全なパスか、パスの終わりの部分（`private/*` など）を書いてください",
                "a pattern cannot begin with an environment variable; write the full path, or its last parts, such as `private/*`",
            ),
            NeverSendError::Uri => lang.pick(
                "URI は使えません。`file://` などを除いて、パスだけを書いてください",
                "a pattern cannot be a URI; write only the path, without `file://`",
            ),
            NeverSendError::Backslash => lang.pick(
                "フォルダーの区切りには `/` を使ってください。`\\` を置けるのは、`* ? [ ] { } ! , - ^` のどれかの直前だけです",
                "use `/` between folders; a `\\` may stand only before one of these: `* ? [ ] { } ! , - ^`",
            ),
        };
        words.to_owned()
    }
}

/// Returns a pattern without what no path has: empty components, and those that are a dot.
///
/// # Errors
/// Fails if the pattern could match no path even so.
fn matchable(pattern: &str) -> Result<String, NeverSendError> {
    // A backslash escapes these. No path has one; see `path_of`.
    const ESCAPED: &str = "*?[]{}!,-^";
    let is_escape = |rest: &str| rest.starts_with(|c| ESCAPED.contains(c));
    if !pattern.split('\\').skip(1).all(is_escape) {
        return Err(NeverSendError::Backslash);
    }
    if pattern.starts_with('!') {
        return Err(NeverSendError::Exception);
    }
    if pattern.contains("://") {
        return Err(NeverSendError::Uri);
    }
    let parts: Vec<_> = pattern.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    match parts.as_slice() {
        [] => Err(NeverSendError::Empty),
        ["~", ..] => Err(NeverSendError::Home),
        [first, ..] if is_variable(first) => Err(NeverSendError::Variable),
        parts if parts.contains(&"..") => Err(NeverSendError::Parent),
        parts => Ok(parts.join("/")),
    }
}

/// Returns `true` for an environment variable as shells write it: `$HOME`, `${HOME}`,
/// `%UserProfile%`. Folders such as `$lib` exist, so a name after `$` must be in upper case.
fn is_variable(part: &str) -> bool {
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    if let Some(name) = part.strip_prefix('$') {
        let braced = name.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
        let name = braced.unwrap_or(name);
        return is_name(name) && !name.contains(|c: char| c.is_ascii_lowercase());
    }
    part.strip_prefix('%').and_then(|name| name.strip_suffix('%')).is_some_and(is_name)
}

/// A set of patterns for files that are never sent.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct NeverSend {
    patterns: Vec<String>,
    /// Two per pattern: everything below the path, and the path itself, in any folder.
    globs: Vec<[String; 2]>,
}

impl NeverSend {
    /// Parses patterns with `*`, `?`, `[…]`, `{a,b}` and `**`, as in shells and `.gitignore`. A
    /// pattern without a slash may match any component of a path; one with a slash, any run of
    /// components. Case is ignored.
    ///
    /// # Errors
    /// Fails if a pattern is invalid or empty, or if it can match no path. The error names the first such pattern and the
    /// reason.
    pub fn new<S: AsRef<str>>(patterns: impl IntoIterator<Item = S>) -> Result<Self, String> {
        let mut never = NeverSend { patterns: Vec::new(), globs: Vec::new() };
        for pattern in patterns {
            let pattern = pattern.as_ref().trim();
            let bad = |reason: &str| format!("`{pattern}`: {reason}");
            let path = matchable(pattern).map_err(|error| bad(&error.message(Lang::En)))?;
            let place = format!("**/{}", path.to_lowercase());
            validate(&place).map_err(|error| bad(&error.to_string()))?;
            never.patterns.push(pattern.to_owned());
            never.globs.push([format!("{place}/**"), place]);
        }
        Ok(never)
    }

    /// Returns the first pattern that matches a document's URI or a file's path; `None` if the file
    /// may be sent. Copies that editors and tools make of a matching file (`.env~`, `.env.swp`,
    /// `#.env#`) match as well.
    pub fn holds(&self, uri: &str) -> Option<&str> {
        let path = path_of(uri).to_lowercase();
        let copied = originals(&path);
        let fits = |globs: &[String; 2]| {
            let fits = |path: &str| globs.iter().any(|glob| glob_match(glob, path));
            fits(&path) || copied.iter().any(|path| fits(path))
        };
        let first = self.globs.iter().position(fits)?;
        self.patterns.get(first).map(String::as_str)
    }

    /// Returns the patterns, as written by the user.
    pub fn patterns(&self) -> &[String] {
        &self.patterns
    }
}

/// Returns the paths of the files that this one may be a copy of, judging by the names that editors
/// and tools give to copies. `path` is in lower case.
fn originals(path: &str) -> Vec<String> {
    const ENDS: [&str; 18] = [
        ".bak", ".backup", ".old", ".orig", ".save", ".tmp", ".temp", ".copy", ".rej", ".swp",
        ".swo", ".swn", ".swx", ".un~", "~", ".0", ".1", ".2",
    ];
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
    let mut inner = name;
    // A copy of a copy: `.env.bak~`.
    loop {
        let shorter = ENDS.iter().find_map(|end| inner.strip_suffix(end));
        // Emacs: `#.env#` is an auto-save file, `.#.env` a lock, `.env.~3~` a numbered backup.
        let shorter = shorter.or_else(|| inner.strip_prefix('#')?.strip_suffix('#'));
        let shorter = shorter.or_else(|| inner.strip_prefix(".#"));
        let shorter = shorter.or_else(|| Some(inner.rsplit_once(".~")?.0));
        match shorter.filter(|shorter| !shorter.is_empty()) {
            Some(shorter) => inner = shorter,
            None => break,
        }
    }
    if inner.len() == name.len() {
        return vec![];
    }
    // Vim prepends a dot unless there is one: `.npmrc.swp` is a copy of `.npmrc`, `.id_rsa.swp` of
    // `id_rsa`.
    let bare = inner.strip_prefix('.').filter(|_| name.contains(".sw"));
    [Some(inner), bare].into_iter().flatten().map(|name| format!("{folder}/{name}")).collect()
}

/// Returns the last component of a document's URI or a file's path, for display.
pub fn file_name(uri: &str) -> String {
    let path = path_of(uri);
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

/// Returns the percent-decoded path of a URI of any scheme, or the given path, with `/` as
/// separator.
fn path_of(uri: &str) -> String {
    let scheme = uri.split_once(':').filter(|(scheme, _)| {
        // A single letter is a Windows drive.
        scheme.len() > 1
            && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    });
    let path = match scheme {
        Some((_, rest)) => {
            let rest = rest.split(['?', '#']).next().unwrap_or_default();
            percent_decode_str(rest).decode_utf8_lossy().into_owned()
        }
        None => uri.to_owned(),
    };
    // The host in `//host/path` is treated as a folder, which does no harm.
    path.split(['/', '\\']).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
}

impl Default for NeverSend {
    fn default() -> Self {
        // A test parses the defaults, so this cannot fail.
        NeverSend::new(NEVER_SEND).unwrap_or(NeverSend { patterns: Vec::new(), globs: Vec::new() })
    }
}

impl TryFrom<Vec<String>> for NeverSend {
    type Error = String;

    fn try_from(patterns: Vec<String>) -> Result<Self, String> {
        NeverSend::new(patterns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_patterns_match_secret_files() {
        let set = NeverSend::default();
        assert_eq!(set.patterns(), NEVER_SEND);
        for (uri, pattern) in [
            ("file:///.env", ".env"),
            ("file:///w/.env", ".env"),
            ("file:///w/%2Eenv", ".env"),
            ("file:///w/.ENV.local", ".env.*"),
            ("file:///w/prod.env", "*.env"),
            ("file:///C%3A/keys/Server.PEM", "*.pem"),
            ("vscode-remote://host/w/id_rsa", "id_rsa*"),
            ("file:///home/a/.ssh/config", ".ssh"),
            ("file:///home/a/.aws/credentials", ".aws"),
            ("untitled:.env", ".env"),
            ("vscode-notebook-cell:/w/.env/a.ipynb#W0s", ".env"),
            ("C:\\keys\\a.key", "*.key"),
            ("/w/terraform.tfstate", "*.tfstate"),
            (".env", ".env"),
        ] {
            assert_eq!(set.holds(uri), Some(pattern), "{uri}");
        }
        for uri in [
            "file:///w/notes.md",
            "file:///w/environment.md",
            "file:///w/.env-notes/../keys.md",
            "untitled:Untitled-1",
            "vscode-notebook-cell:/w/a.ipynb#W0sZmlsZQ%3D%3D",
            "file:///w/monkey.md",
            "file:///w/a.md?x=.env",
            "kaizodo:/stdin",
            "kaizodo:/text",
            "",
        ] {
            assert_eq!(set.holds(uri), None, "{uri}");
        }
    }

    #[test]
    fn copies_of_what_is_never_sent_are_not_sent_either() {
        let set = NeverSend::default();
        for (uri, pattern) in [
            ("file:///w/.env~", ".env"),
            ("file:///w/.env.swp", ".env"),
            ("file:///w/.env.bak~", ".env"),
            ("file:///w/%23.env%23", ".env"),
            ("file:///w/.%23.env", ".env"),
            ("file:///w/.npmrc.orig", ".npmrc"),
            ("file:///w/.netrc.~3~", ".netrc"),
            ("file:///w/prod.env.OLD", "*.env"),
            ("file:///w/server.pem~", "*.pem"),
            ("file:///w/.server.pem.swp", "*.pem"),
            ("file:///w/id_rsa~", "id_rsa*"),
            ("file:///w/.id_rsa.swp", "id_rsa*"),
            ("file:///w/terraform.tfstate.backup", "*.tfstate"),
            ("C:\\keys\\a.key.bak", "*.key"),
        ] {
            assert_eq!(set.holds(uri), Some(pattern), "{uri}");
        }
        for uri in ["file:///w/notes.md~", "file:///w/#a.md#", "file:///w/~", "file:///w/a.1", "~"]
        {
            assert_eq!(set.holds(uri), None, "{uri}");
        }
    }

    #[test]
    fn every_copy_of_every_kind_of_file_is_held_back_and_no_note_is() {
        const FILES: [&str; 10] = [
            ".env",
            "prod.env",
            ".npmrc",
            ".netrc",
            "server.pem",
            "a.key",
            "id_rsa",
            "id_ed25519",
            "terraform.tfstate",
            ".env.local",
        ];
        const NOTES: [&str; 5] = ["notes.md", "environment.txt", "keyboard.rs", "penv.py", "a.b"];
        let set = NeverSend::default();
        let copies = |name: &str| {
            let ends = [
                "~", ".bak", ".BAK", ".backup", ".old", ".orig", ".save", ".tmp", ".copy", ".rej",
                ".swp", ".swo", ".un~", ".~1~", ".1", ".bak~", ".old.bak", ".swp~", ".tmp.1",
            ];
            let mut all: Vec<String> = ends.map(|end| format!("{name}{end}")).into();
            all.extend([format!("#{name}#"), format!(".#{name}"), format!("#{name}.bak#")]);
            all
        };
        let mut count = 0;
        for (name, copy) in
            FILES.iter().flat_map(|name| copies(name).into_iter().map(move |c| (name, c)))
        {
            assert!(set.holds(&format!("/w/{name}")).is_some(), "{name}");
            for place in ["/w/", "C:\\w\\", "/w/deep er/"] {
                assert!(set.holds(&format!("{place}{copy}")).is_some(), "{place}{copy}");
                count += 1;
            }
        }
        assert!(count >= 200, "{count}");
        for copy in NOTES.iter().flat_map(|name| copies(name)) {
            assert_eq!(set.holds(&format!("/w/{copy}")), None, "{copy}");
        }
    }

    #[test]
    fn file_names_are_decoded_for_display() {
        for (uri, name) in [
            ("file:///w/%2Eenv", ".env"),
            ("untitled:server.pem", "server.pem"),
            ("vscode-notebook-cell:/w/a.ipynb#W0", "a.ipynb"),
            ("C:\\keys\\a.key", "a.key"),
        ] {
            assert_eq!(file_name(uri), name);
        }
    }

    #[test]
    fn patterns_with_a_slash_are_paths() {
        let set = NeverSend::new(["private/*.md", "/secret/", "**/a/**/b.txt"]).unwrap();
        assert_eq!(set.holds("file:///w/private/x.md"), Some("private/*.md"));
        assert_eq!(set.holds("file:///w/private/deep/x.md"), None);
        assert_eq!(set.holds("file:///w/secret/any/file.md"), Some("/secret/"));
        assert_eq!(set.holds("file:///w/a/1/2/b.txt"), Some("**/a/**/b.txt"));
        assert_eq!(NeverSend::new::<&str>([]).unwrap().holds("file:///.env"), None);
    }

    #[test]
    fn a_pattern_that_no_path_could_match_is_refused() {
        for (pattern, said) in [
            ("~/private/*", "`~`"),
            ("~", "`~`"),
            ("!x.md", "exceptions"),
            ("../drafts", "`..`"),
            ("a/../b", "`..`"),
            ("~\\private", "between folders"),
            ("C:\\Users\\me", "between folders"),
            ("\\#notes.md", "may stand only before"),
            ("$HOME/private/*", "environment variable"),
            ("${HOME}", "environment variable"),
            ("%UserProfile%/private", "environment variable"),
            ("file:///home/me/private", "URI"),
            ("./", "empty"),
        ] {
            let reason = NeverSend::new([pattern]).unwrap_err();
            assert!(reason.starts_with(&format!("`{pattern}`: ")), "{reason}");
            assert!(reason.contains(said), "{reason}");
        }
        for (pattern, path) in [
            ("./drafts", "/w/drafts/b.md"),
            ("a/./b//c.md", "/w/a/b/c.md"),
            ("~$*.docx", "/w/~$letter.docx"),
            ("*~", "/w/a.md~"),
            ("#notes.md", "/w/#notes.md"),
            ("$RECYCLE.BIN", "d:\\$RECYCLE.BIN\\a.md"),
            ("a/$HOME", "/w/a/$home"),
            ("$lib/x.ts", "/w/$lib/x.ts"),
            ("100%", "/w/100%"),
            ("%", "/w/%"),
            ("\\!x.md", "/w/!x.md"),
            ("\\[a\\].md", "/w/[a].md"),
            ("/home/me/private", "/home/me/private/a.md"),
            ("C:/Users/me", "c:\\users\\me\\a.md"),
            ("...", "/w/.../a.md"),
        ] {
            let set = NeverSend::new([pattern]).unwrap();
            assert_eq!(set.holds(path), Some(pattern));
        }
    }

    #[test]
    fn a_pattern_that_cannot_be_read_is_named() {
        let error = NeverSend::new(["*.md", "[a"]).unwrap_err();
        assert!(error.to_string().starts_with("`[a`: "), "{error}");
        for empty in ["", " ", "/"] {
            assert!(NeverSend::new([empty]).is_err());
        }
    }
}
