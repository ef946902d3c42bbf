//! The message about a server that truncated the prompt.

use super::Facts;
use crate::provider::ServerKind;

/// Returns a message that says that the server read only `read` of at least `least` tokens, and how
/// to make it read more.
pub(crate) fn cut(facts: &Facts<'_>, read: u64, least: u64, kind: ServerKind) -> String {
    let Facts { lang, host, .. } = facts;
    let (ja, en) = match kind {
        ServerKind::Ollama => (
            "Ollama のコンテキスト長（`num_ctx`、または起動時の環境変数 OLLAMA_CONTEXT_LENGTH）",
            "Ollama's context length (`num_ctx`, or OLLAMA_CONTEXT_LENGTH when starting it)",
        ),
        ServerKind::Unknown => (
            "サーバーのコンテキスト長（Ollama なら `num_ctx` か OLLAMA_CONTEXT_LENGTH）",
            "the server's context length (for Ollama, `num_ctx` or OLLAMA_CONTEXT_LENGTH)",
        ),
        _ => ("サーバーのコンテキスト長", "the server's context length"),
    };
    lang.pick(
        format!(
            "{host} が読んだのは、{least} トークン以上ある文章のうち {read} トークンだけです。この答えは、残りを読まずに書かれています。{ja}を大きくするか、選択範囲を狭めてください。"
        ),
        format!(
            "{host} read only {read} tokens of your text, which has at least {least}, so this answer was written without the rest. Raise {en}, or select less text."
        ),
    )
}
