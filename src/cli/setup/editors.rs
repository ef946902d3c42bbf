//! Configuration lines for the editors that are installed.

use crate::config::real_path;
use crate::lang::Lang;
use crate::provider::Programs;
use std::path::{Path, PathBuf};

/// Each editor's name, the names of its program, and whether the editor is started from a terminal
/// and thus has the terminal's `PATH`.
const EDITORS: [(&str, &[&str], bool); 5] = [
    ("Neovim", &["nvim"], true),
    ("VS Code", &["code", "codium", "code-insiders", "cursor"], false),
    ("Helix", &["hx", "helix"], true),
    ("Emacs", &["emacs"], true),
    ("Zed", &["zed", "zeditor"], false),
];

/// Returns the configuration lines for each editor that is installed. `own` is the path of this
/// program.
pub(crate) fn lines(programs: &Programs, own: &Path, lang: Lang) -> String {
    // What is in `PATH` may be a link. Package managers keep it, but not the place it points to.
    let is_own = |path: &PathBuf| same(path, own);
    let linked = programs.find("kaizodo").filter(is_own);
    // An editor that is started from a menu may have a different `PATH` from this terminal.
    let is_on_path = linked.is_some();
    let linked = linked.as_deref().unwrap_or(own);
    let full = linked.display().to_string();
    let plugin = plugin([linked, own]);
    let mut out = String::new();
    for (name, names, is_terminal) in EDITORS {
        if !names.iter().any(|program| programs.find(program).is_some()) {
            continue;
        }
        let program = if is_on_path && is_terminal { "kaizodo" } else { &full };
        out += &format!("\n{name}:\n");
        for line in of(name, program, &plugin, lang).lines() {
            out += &format!("    {line}\n");
        }
    }
    out
}

/// Returns `true` if both paths lead to the same file.
fn same(one: &Path, other: &Path) -> bool {
    let paths = [one, other].map(|path| real_path(path).unwrap_or_else(|_| path.to_owned()));
    paths[0] == paths[1]
}

/// Returns the path of the Neovim plugin: beside one of the program's paths or, if it is not found
/// there, the placeholder that the documentation uses.
fn plugin(paths: [&Path; 2]) -> String {
    let folders = paths.into_iter().flat_map(|path| path.ancestors().skip(1));
    let mut beside = folders.flat_map(|folder| {
        [folder.join("editors/nvim"), folder.join("share/kaizodo/editors/nvim")]
    });
    let found = beside.find(|folder| folder.join("lsp/kaizodo.lua").is_file());
    found.map_or("/path/to/kaizodo/editors/nvim".to_owned(), |folder| folder.display().to_string())
}

fn of(editor: &str, program: &str, plugin: &str, lang: Lang) -> String {
    // For paths, a JSON string is also a valid string in Lua, TOML and Lisp.
    let (program, plugin) = (quoted(program), quoted(plugin));
    match editor {
        "Neovim" => format!(
            "-- {}\nvim.opt.runtimepath:prepend({plugin})\nvim.lsp.config(\"kaizodo\", {{ cmd = {{ {program}, \"lsp\" }} }})\nvim.lsp.enable(\"kaizodo\")",
            lang.pick("init.lua（0.11 以降）。文章を選んで gra", "init.lua (0.11 or later); select text and press gra"),
        ),
        "VS Code" => format!(
            "// {}\n\"kaizodo.server.path\": {program}",
            lang.pick(
                "拡張機能をインストールし、ユーザー設定の settings.json に。文章を選んで Ctrl+Alt+U",
                "install the extension; add this to your user settings.json; then select text and press Ctrl+Alt+U",
            ),
        ),
        "Helix" => format!(
            "# {}\n[language-server.kaizodo]\ncommand = {program}\nargs = [\"lsp\"]\n\n[[language]]\nname = \"markdown\"\nlanguage-servers = [\"marksman\", \"markdown-oxide\", \"kaizodo\"]",
            lang.pick(
                "~/.config/helix/languages.toml（ほかの言語も同様に）。文章を選んで Space a",
                "~/.config/helix/languages.toml (likewise for other languages); select text and press Space a",
            ),
        ),
        "Emacs" => format!(
            ";; {}\n(with-eval-after-load 'eglot\n  (add-to-list 'eglot-server-programs '((text-mode markdown-mode) . ({program} \"lsp\"))))",
            lang.pick(
                "init.el。M-x eglot のあと、文章を選んで M-x eglot-code-actions",
                "init.el; run M-x eglot, select text, then run M-x eglot-code-actions",
            ),
        ),
        _ => format!(
            "// {}\n\"lsp\": {{ \"kaizodo\": {{ \"binary\": {{ \"path\": {program}, \"arguments\": [\"lsp\"] }} }} }}",
            lang.pick(
                "settings.json（拡張機能 editors/zed も必要です）。文章を選んで Ctrl+.（ピリオド）",
                "settings.json (also install the extension in editors/zed); select text and press Ctrl+. (period)",
            ),
        ),
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::String(text.to_owned()).to_string()
}
