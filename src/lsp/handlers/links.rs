//! `textDocument/documentLink` on a panel: from its head to the source and, in a run about an
//! answer, to that answer; from a section's heading to the section that it belongs with. Targets
//! are resolved only when a link is followed, so that they account for later edits.

use super::error::failed;
use super::load_run;
use super::panel_copy::{PanelCopy, name};
use super::source_error::SourceError;
use crate::event::{BranchId, Passage, Role, Source};
use crate::lang::Lang;
use crate::lsp::connection::Connection;
use crate::lsp::params::{DocumentParams, LinkData, LinkParams, LinkTarget, insert};
use crate::lsp::{outbox, uri};
use crate::panel::OutlineSection;
use crate::session::{Run, SourceState};
use crate::text::{Encoding, Range};
use serde_json::{Value, json};
use std::sync::Arc;
use tower_lsp::jsonrpc;

/// Length of `## ` before a section's title, which is not part of the link.
const HASHES: u32 = 3;

/// A link before it is serialized.
struct Link {
    range: Range,
    target: LinkTarget,
    tooltip: String,
}

pub(crate) async fn links(connection: &Connection, params: DocumentParams) -> Option<Value> {
    let copy = PanelCopy::of(connection, &params.text_document.uri).await?;
    let links = head_links(&copy).into_iter().chain(heading_links(&copy));
    let value = |Link { range, target, tooltip }| {
        let data = LinkData { run: copy.run.id().clone(), target };
        let mut link = json!({"range": range, "data": data});
        if connection.capabilities().link_tooltips {
            insert(&mut link, "tooltip", json!(tooltip));
        }
        link
    };
    Some(links.map(value).collect())
}

/// Returns the links from the panel's head to what the run is about.
fn head_links(copy: &PanelCopy) -> Vec<Link> {
    let Some(source) = copy.run.source() else {
        return Vec::new();
    };
    let Some(places) = copy.view.head_places(&source, copy.run.origin().as_ref()) else {
        return Vec::new();
    };
    let link = |bytes, target, tooltip: &str| Link {
        range: copy.range_of_bytes(bytes),
        target,
        tooltip: tooltip.to_owned(),
    };
    let source = source.is_document().then(|| {
        let tooltip = copy.lang.pick("元の文章へ", "Go to the text");
        link(places.source, LinkTarget::Source, tooltip)
    });
    let passage = places.passage.map(|bytes| {
        let tooltip = copy.lang.pick("元の答えへ", "Go to the answer that this is about");
        link(bytes, LinkTarget::Passage, tooltip)
    });
    source.into_iter().chain(passage).collect()
}

/// Returns a link from each heading to the section that the reader may want to see next.
fn heading_links(copy: &PanelCopy) -> Vec<Link> {
    let link = |section: &OutlineSection| {
        let to = belongs_with(section, &copy.outline)?;
        let heading = section.lines.start;
        let mut range = copy.range(heading..heading + 1);
        range.start.character += HASHES;
        Some(Link {
            range,
            target: LinkTarget::Section(to.branch.clone()),
            tooltip: go_to(&name(to), copy.lang),
        })
    };
    copy.outline.iter().filter_map(link).collect()
}

/// Returns the section that belongs with `section`: the focus for a view, the first view for the
/// focus, and for a follow-up the section that it follows up on.
fn belongs_with<'a>(
    section: &OutlineSection,
    outline: &'a [OutlineSection],
) -> Option<&'a OutlineSection> {
    outline.iter().find(|other| match section.role {
        Role::View => other.role == Role::Focus,
        Role::Focus => other.role == Role::View,
        Role::FollowUp => section.after.as_ref() == Some(&other.branch),
    })
}

fn go_to(title: &str, lang: Lang) -> String {
    lang.pick(format!("{title}へ"), format!("Go to {title}"))
}

/// Adds the current target to a link that [`links`] returned.
pub(crate) async fn resolve(
    connection: &Connection,
    LinkParams(mut link): LinkParams,
) -> jsonrpc::Result<Value> {
    let data = link.get("data").cloned().unwrap_or_default();
    let Ok(LinkData { run, target }) = serde_json::from_value(data) else {
        return Ok(link);
    };
    let run = load_run(connection, &run).await?;
    let target = match target {
        LinkTarget::Source => {
            let source = source_target(connection, &run).await;
            Some(source.ok_or_else(|| failed(connection, &SourceError::NoDocument))?)
        }
        LinkTarget::Passage => match run.origin() {
            Some(passage) => passage_target(connection, passage).await?,
            None => None,
        },
        LinkTarget::Section(branch) => section_target(connection, &run, &branch).await,
    };
    // A panel whose file could not be written leads nowhere.
    if let Some(target) = target {
        insert(&mut link, "target", json!(target));
    }
    Ok(link)
}

/// Returns the URI of the source document, at the first line of the text.
async fn source_target(connection: &Connection, run: &Arc<Run>) -> Option<String> {
    let source = run.source().filter(Source::is_document)?;
    let now = connection.session.source(run).await;
    // If the document is not open, the line where the text was is the best guess.
    let closed = Some(source.range.0).filter(|_| now.state == SourceState::Closed);
    let range = now.range(Encoding::Utf16).or(closed);
    Some(at_line(&now.uri, range.map(|range| range.start.line)))
}

/// Returns the URI of the answer's panel, at the answer's section.
async fn passage_target(
    connection: &Connection,
    Passage { run, branch, .. }: Passage,
) -> jsonrpc::Result<Option<String>> {
    let run = load_run(connection, &run).await?;
    Ok(section_target(connection, &run, &branch).await)
}

/// Returns the URI of a run's panel, at a section.
async fn section_target(
    connection: &Connection,
    run: &Arc<Run>,
    branch: &BranchId,
) -> Option<String> {
    let panel = match connection.capabilities().virtual_documents {
        true => Some(uri::of_panel(run.id(), run.title())),
        false => outbox::panel_file(connection, run).await,
    };
    let line = run.with_panel(|panel| {
        panel.headings().find(|(found, _)| *found == branch).map(|(_, line)| line)
    });
    let line = line.and_then(|line| u32::try_from(line).ok());
    panel.map(|panel| at_line(&panel, line))
}

/// Returns a document's URI with a zero-based line as the fragment that editors understand. A URI
/// that already has a fragment, such as that of a notebook cell, is not changed.
fn at_line(uri: &str, line: Option<u32>) -> String {
    match line.filter(|_| !uri.contains('#')) {
        Some(line) => format!("{uri}#L{}", line.saturating_add(1)),
        None => uri.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_named_from_one_and_no_fragment_is_replaced() {
        assert_eq!(at_line("file:///w/a.md", Some(2)), "file:///w/a.md#L3");
        assert_eq!(at_line("file:///w/a.md", None), "file:///w/a.md");
        let cell = "vscode-notebook-cell:/w/a.ipynb#W0sZmlsZQ";
        assert_eq!(at_line(cell, Some(2)), cell);
    }
}
