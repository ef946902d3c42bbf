//! Language IDs by file extension.

use std::path::Path;

/// Known file extensions, each group with its language ID.
const NAMES: [(&[&str], &str); 27] = [
    (&["md", "markdown", "mkd"], "markdown"),
    (&["txt", "text"], "plaintext"),
    (&["rst"], "restructuredtext"),
    (&["tex", "latex"], "latex"),
    (&["rs"], "rust"),
    (&["py", "pyi"], "python"),
    (&["js", "mjs", "cjs"], "javascript"),
    (&["jsx"], "javascriptreact"),
    (&["ts", "mts", "cts"], "typescript"),
    (&["tsx"], "typescriptreact"),
    (&["go"], "go"),
    (&["java"], "java"),
    (&["kt", "kts"], "kotlin"),
    (&["swift"], "swift"),
    (&["c", "h"], "c"),
    (&["cc", "cpp", "cxx", "hpp", "hh"], "cpp"),
    (&["cs"], "csharp"),
    (&["rb"], "ruby"),
    (&["php"], "php"),
    (&["sh", "bash", "zsh"], "shellscript"),
    (&["lua"], "lua"),
    (&["sql"], "sql"),
    (&["html", "htm"], "html"),
    (&["css"], "css"),
    (&["json"], "json"),
    (&["yaml", "yml"], "yaml"),
    (&["toml"], "toml"),
];

/// Returns the language ID of a file (LSP 3.17, `TextDocumentItem.languageId`), chosen by the
/// file's extension. Empty if the extension is unknown.
pub(crate) fn of(path: &Path) -> &'static str {
    let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    NAMES
        .iter()
        .find(|(endings, _)| endings.contains(&ending.as_str()))
        .map_or("", |(_, name)| name)
}
