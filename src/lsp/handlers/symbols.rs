//! `textDocument/documentSymbol` on a panel: the title, and below it the sections with their
//! states.

use super::panel_copy::{PanelCopy, name};
use crate::event::BranchId;
use crate::lsp::connection::Connection;
use crate::lsp::params::DocumentParams;
use crate::lsp::plain::plain;
use crate::panel::OutlineSection;
use serde_json::{Value, json};
use std::ops;

/// `SymbolKind` (LSP 3.17) of the panel.
const FILE: u8 = 1;
/// `SymbolKind` (LSP 3.17) of the panel's sections: the kind that editors use for headings.
const STRING: u8 = 15;

pub(crate) async fn symbols(connection: &Connection, params: DocumentParams) -> Option<Value> {
    let uri = &params.text_document.uri;
    let copy = PanelCopy::of(connection, uri).await?;
    let title = match copy.run.title() {
        "" => "解像度".to_owned(),
        title => plain(title),
    };
    Some(match connection.capabilities().symbol_tree {
        true => tree(&copy, &title),
        false => list(&copy, &title, uri),
    })
}

/// A section with its follow-ups.
struct Node<'a> {
    section: &'a OutlineSection,
    below: Vec<Node<'a>>,
}

impl Node<'_> {
    /// Returns the lines of the section and of everything below it. Editors look for a position in
    /// a symbol's children only if the symbol's own range contains the position.
    fn lines(&self) -> ops::Range<usize> {
        let end = self.below.iter().map(|node| node.lines().end).max();
        self.section.lines.start..self.section.lines.end.max(end.unwrap_or_default())
    }
}

/// Returns the sections that follow up on `above`; for `None`, those that follow up on no section
/// in the outline.
fn nodes<'a>(outline: &'a [OutlineSection], above: Option<&BranchId>) -> Vec<Node<'a>> {
    let is_there = |branch: &BranchId| outline.iter().any(|section| section.branch == *branch);
    let here = outline
        .iter()
        .filter(|section| section.after.as_ref().filter(|after| is_there(after)) == above);
    here.map(|section| Node { section, below: nodes(outline, Some(&section.branch)) }).collect()
}

fn tree(copy: &PanelCopy, title: &str) -> Value {
    let sections: Vec<_> =
        nodes(&copy.outline, None).iter().map(|node| symbol(copy, node)).collect();
    json!([{
        "name": title,
        "kind": FILE,
        "range": copy.range(0..copy.view.text().len_lines()),
        "selectionRange": copy.range(0..1),
        "children": sections,
    }])
}

fn symbol(copy: &PanelCopy, node: &Node<'_>) -> Value {
    let Node { section, below } = node;
    let below: Vec<_> = below.iter().map(|node| symbol(copy, node)).collect();
    let heading = section.lines.start;
    json!({
        "name": name(section),
        "detail": section.words(copy.lang),
        "kind": STRING,
        "range": copy.range(node.lines()),
        "selectionRange": copy.range(heading..heading + 1),
        "children": below,
    })
}

/// Returns a flat list for clients without symbol trees: `SymbolInformation`, which has no field
/// for a state.
fn list(copy: &PanelCopy, title: &str, uri: &str) -> Value {
    let outline = &copy.outline;
    let symbols = outline.iter().map(|section| {
        let above = outline.iter().find(|above| section.after.as_ref() == Some(&above.branch));
        json!({
            "name": name(section),
            "kind": STRING,
            "location": {"uri": uri, "range": copy.range(section.lines.clone())},
            "containerName": above.map_or_else(|| title.to_owned(), name),
        })
    });
    symbols.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Role;
    use crate::panel::SectionState;

    fn section(branch: &str, after: Option<&str>, lines: ops::Range<usize>) -> OutlineSection {
        OutlineSection {
            branch: BranchId(branch.into()),
            title: branch.to_owned(),
            role: Role::View,
            after: after.map(|after| BranchId(after.into())),
            lines,
            state: SectionState::Done,
            has_answer: true,
        }
    }

    fn shape(nodes: &[Node<'_>]) -> String {
        let of = |node: &Node<'_>| {
            let (branch, lines) = (&node.section.branch, node.lines());
            format!("{branch} {}-{}[{}]", lines.start, lines.end, shape(&node.below))
        };
        nodes.iter().map(of).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn follow_ups_stand_below_what_they_go_on_from_however_deep() {
        let outline = [
            section("focus", None, 4..8),
            section("depth", None, 9..12),
            section("ask-1", Some("depth"), 13..15),
            section("ask-2", Some("ask-1"), 16..19),
            section("ask-3", Some("gone"), 20..22),
        ];
        let shown = "focus 4-8[] depth 9-19[ask-1 13-19[ask-2 16-19[]]] ask-3 20-22[]";
        assert_eq!(shape(&nodes(&outline, None)), shown);
    }
}
