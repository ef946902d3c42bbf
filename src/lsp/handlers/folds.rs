//! `textDocument/foldingRange` on a panel: one range per section, with the section's state as its
//! collapsed text.

use super::panel_copy::{PanelCopy, name};
use crate::lang::Lang;
use crate::lsp::connection::Connection;
use crate::lsp::params::{DocumentParams, insert};
use crate::panel::OutlineSection;
use serde_json::{Value, json};

pub(crate) async fn folds(connection: &Connection, params: DocumentParams) -> Option<Value> {
    let copy = PanelCopy::of(connection, &params.text_document.uri).await?;
    let collapsed_text = connection.capabilities().collapsed_text;
    Some(
        copy.outline
            .iter()
            .filter_map(|section| fold(section, copy.lang, collapsed_text))
            .collect(),
    )
}

/// Returns the folding range of a section; `None` if there is nothing below the section's heading.
fn fold(section: &OutlineSection, lang: Lang, collapsed_text: bool) -> Option<Value> {
    let (first, last) = (section.lines.start, section.lines.end - 1);
    let mut fold = json!({"startLine": first, "endLine": last, "kind": "region"});
    if collapsed_text {
        let text = format!("{} · {}", name(section), section.words(lang));
        insert(&mut fold, "collapsedText", json!(text));
    }
    (last > first).then_some(fold)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{BranchId, Role};
    use crate::panel::SectionState;

    #[test]
    fn a_fold_tells_the_state_to_a_client_that_shows_it() {
        let mut section = OutlineSection {
            branch: BranchId("depth".into()),
            title: "深さ\u{202e}".into(),
            role: Role::View,
            after: None,
            lines: 4..9,
            state: SectionState::Writing(12),
            has_answer: true,
        };
        let lines = json!({"startLine": 4, "endLine": 8, "kind": "region"});
        assert_eq!(fold(&section, Lang::Ja, false), Some(lines));
        let text = fold(&section, Lang::Ja, true).unwrap()["collapsedText"].clone();
        assert_eq!(text, "深さ⟨U+202E⟩ · 書いています");
        section.title = String::new();
        let text = fold(&section, Lang::En, true).unwrap()["collapsedText"].clone();
        assert_eq!(text, "depth · writing");
        section.lines = 4..5;
        assert_eq!(fold(&section, Lang::En, true), None);
    }
}
