//! `textDocument/codeAction` on a panel: actions that ask about a passage, as about any text, and
//! actions on the section that contains the passage.

use super::offer::{action, runs, wanted};
use super::passage::{self, Place};
use crate::event::{BranchId, Item, Mark, RunId};
use crate::lang::Lang;
use crate::lsp::connection::Connection;
use crate::lsp::ext;
use crate::lsp::lenses::Insertion;
use crate::lsp::params::CodeActionParams;
use crate::session::{Run, RunSource};
use serde_json::{Value, json};
use std::sync::Arc;

/// Ready-made follow-up questions, so that a client without an input box can ask some.
const QUESTIONS: [(&str, &str); 3] = [
    ("具体例を挙げてください", "Give a concrete example"),
    ("これに反論するとしたら、どう言えますか", "What is the strongest argument against this?"),
    ("もっと簡単に言うと、どういうことですか", "Put this more simply"),
];

pub(crate) async fn actions(
    connection: &Arc<Connection>,
    run: &RunId,
    params: &CodeActionParams,
) -> Vec<Value> {
    let range = params.range;
    // For a cursor, only if the user opened the menu.
    if range.start == range.end && !params.context.by_hand() {
        return Vec::new();
    }
    let Ok(run) = connection.session.load_run(run).await else { return Vec::new() };
    let place = passage::place(connection, &run, &params.text_document.uri, range);
    let Ok(Some(place)) = place else { return Vec::new() };
    let only = params.context.only.as_deref();
    let lang = run.with_panel(|panel| panel.lang());
    let mut actions = about_passage(connection, &run, &place, lang, only);
    actions.extend(about_item(connection, &run, &place, lang, only));
    let source = connection.session.source(&run).await;
    actions.extend(about_section(connection, &run, &source, &place.branch, lang, only));
    if wanted(only, "browse") {
        let title = lang.pick("この実行をブラウザーで開く", "Open this run in the browser");
        let target = json!({"run": run.id()});
        actions.push(action(connection, title, "browse", ext::BROWSE, &[&target]));
    }
    actions
}

/// Returns the actions that ask about a passage.
fn about_passage(
    connection: &Arc<Connection>,
    run: &Arc<Run>,
    Place { branch, lines }: &Place,
    lang: Lang,
    only: Option<&[String]>,
) -> Vec<Value> {
    let Some(document) = run.source().filter(|_| !lines.is_empty()) else { return Vec::new() };
    if connection.session.may_send(&document.uri).is_err() {
        return Vec::new();
    }
    connection.session.expect_run();
    let scope = connection.session.settings.scope(&document.uri);
    let position = |line: usize| json!({"line": line, "character": 0});
    // The command takes whole lines.
    let range = json!({"start": position(lines.start), "end": position(lines.end - 1)});
    let target = json!({"passage": {"run": run.id(), "branch": branch, "range": range}});
    runs(connection, &scope, lang, &target, only)
}

/// Returns the actions that mark the item at a place, or remove its mark, except the one for the
/// state that the item already has.
fn about_item(
    connection: &Connection,
    run: &Run,
    Place { branch, lines }: &Place,
    lang: Lang,
    only: Option<&[String]>,
) -> Vec<Value> {
    if lines.is_empty() || !wanted(only, "mark") {
        return Vec::new();
    }
    let now = run.with_panel(|panel| {
        let mut marks = panel.marks();
        let at = |item: &Item| lines.contains(&item.line);
        marks.find(|(of, _, item, _)| *of == branch && at(item)).map(|(.., mark)| mark.clone())
    });
    let choices = [
        (Some(Mark::Keep), lang.pick("印: この項目を残す", "Mark: keep this item")),
        (Some(Mark::Drop), lang.pick("印: この項目を削る", "Mark: drop this item")),
        (None, lang.pick("この項目の印を消す", "Remove the mark from this item")),
    ];
    let others = choices.into_iter().filter(|(mark, _)| *mark != now);
    let target = json!({"run": run.id(), "branch": branch, "line": lines.start});
    let actions = others.map(|(mark, title)| {
        let mark = mark.map_or_else(|| json!({}), |mark| json!(mark));
        action(connection, title, "mark", ext::MARK, &[&target, &mark])
    });
    actions.collect()
}

/// Returns the actions on a section in its current state.
fn about_section(
    connection: &Connection,
    run: &Run,
    source: &RunSource,
    branch: &BranchId,
    lang: Lang,
    only: Option<&[String]>,
) -> Vec<Value> {
    let is_over = run.has_ended(branch);
    let section = json!({"run": run.id(), "branch": branch});
    let mut actions = Vec::new();
    let mut add = |kind: &str, title: String, command: &str, more: Value| {
        if wanted(only, kind) {
            actions.push(action(connection, &title, kind, command, &[&section, &more]));
        }
    };
    if !is_over {
        let title = lang.pick("この節を止める", "Stop this section");
        add("section.stop", title.to_owned(), ext::CANCEL, json!({}));
        return actions;
    }
    if run.with_panel(|panel| panel.has_answer(branch)) {
        for way in Insertion::all(source) {
            add("section.insert", way.title(lang), ext::INSERT, way.argument());
        }
        for (ja, en) in QUESTIONS {
            let question = lang.pick(ja, en);
            let title = lang.pick("続けて質問: ", "Ask: ").to_owned() + question;
            add("section.ask", title, ext::ASK, json!({"question": question}));
        }
    }
    if run.has_reasoning(branch) {
        let title = lang.pick("この節の推論を見る", "Show the reasoning of this section");
        add("section.reasoning", title.to_owned(), ext::REASONING, json!({}));
    }
    if run.has_marks(branch) {
        let title = lang.pick("印に合わせてこの節を書き直す", "Rewrite this section with my marks");
        add("section.revise", title.to_owned(), ext::RETRY, json!({"marks": true}));
    }
    let title = lang.pick("この節をやり直す", "Retry this section");
    add("section.retry", title.to_owned(), ext::RETRY, json!({}));
    actions
}
