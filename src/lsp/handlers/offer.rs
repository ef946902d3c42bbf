//! The code actions that documents and panels have in common.

use crate::lang::{Lang, Message};
use crate::lsp::connection::Connection;
use crate::lsp::ext;
use crate::lsp::params::insert;
use crate::panel::show_hidden;
use crate::perspective::{DEFAULT_SET, Perspective};
use crate::session::{RunOptions, Scope, SessionError};
use serde_json::{Value, json};
use std::sync::Arc;

/// Returns the code actions that start a run about `target`. If `only` is given, returns only
/// actions of these kinds.
pub(crate) fn runs(
    connection: &Connection,
    scope: &Scope,
    lang: Lang,
    target: &Value,
    only: Option<&[String]>,
) -> Vec<Value> {
    let asker = Asker { connection, scope, lang, target };
    let sets = scope
        .offered_sets()
        .into_iter()
        .filter(|set| wanted(only, set))
        .filter_map(|set| asker.set(&set));
    // A single perspective is offered only if the client asks for exactly its kind, so that the
    // menu stays short.
    let named = |p: &&Arc<Perspective>| {
        only.is_some_and(|only| only.contains(&kind(&p.name))) && scope.is_offered(p)
    };
    let single = scope.catalog().iter().filter(named).filter_map(|p| asker.perspective(&p.name));
    sets.chain(single).collect()
}

/// Returns the code action that previews what a run of the default set about `target` would send;
/// `None` if `only` excludes the action's kind.
pub(crate) fn preview(
    connection: &Connection,
    lang: Lang,
    target: &Value,
    only: Option<&[String]>,
) -> Option<Value> {
    let title = lang.pick("解像度: 送信内容を確認", "Kaizodo: show what would be sent");
    wanted(only, "preview").then(|| action(connection, title, "preview", ext::PREVIEW, &[target]))
}

/// Returns a code action whose title says why `target` cannot be asked about; `None` if `only`
/// excludes the action's kind. If the user chooses the action, its command fails with the full
/// message.
pub(crate) fn refusal(
    connection: &Connection,
    refusal: &SessionError,
    target: &Value,
    only: Option<&[String]>,
) -> Option<Value> {
    let lang = connection.session.lang();
    let title = match refusal {
        SessionError::NeverSend { name, .. } => {
            let name = show_hidden(name);
            lang.pick(
                format!("解像度: {name} は送信しません（never_send）"),
                format!("Kaizodo: {name} is never sent (never_send)"),
            )
        }
        _ => lang
            .pick(
                "解像度: この文書は質問の対象にできません",
                "Kaizodo: not available for this document",
            )
            .to_owned(),
    };
    wanted(only, "refused").then(|| {
        let mut offered = action(connection, &title, "refused", ext::RUN, &[target]);
        if connection.capabilities().disabled_actions {
            insert(&mut offered, "disabled", json!({"reason": refusal.message(lang)}));
        }
        offered
    })
}

fn kind(name: &str) -> String {
    format!("{}.{name}", ext::KIND)
}

/// Returns `true` if the code action kind with the suffix `name` is among the kinds that the client
/// requested in `only`; `None` requests all. A requested kind includes all kinds that extend it
/// after a dot, and the empty kind includes all.
pub(crate) fn wanted(only: Option<&[String]>, name: &str) -> bool {
    let kind = kind(name);
    only.is_none_or(|only| {
        only.iter().any(|wanted| {
            kind.strip_prefix(wanted.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || wanted.is_empty())
        })
    })
}

struct Asker<'a> {
    connection: &'a Connection,
    scope: &'a Scope,
    lang: Lang,
    /// What to ask about, in the form that the command takes.
    target: &'a Value,
}

impl Asker<'_> {
    fn set(&self, set: &str) -> Option<Value> {
        let ask = RunOptions { set: Some(set.to_owned()), ..RunOptions::default() };
        let found = self.scope.perspectives(&ask).ok()?;
        let name = if set == DEFAULT_SET { None } else { Some(set) };
        Some(self.action(set, name, &found, json!({"set": set})))
    }

    fn perspective(&self, name: &str) -> Option<Value> {
        let ask = RunOptions { perspectives: Some(vec![name.to_owned()]), ..RunOptions::default() };
        let found = self.scope.perspectives(&ask).ok()?;
        Some(self.action(name, None, &found, json!({"perspectives": [name]})))
    }

    /// Returns a perspective's title, marked as the repository's if it could be mistaken for
    /// another's.
    fn title(&self, p: &Perspective) -> String {
        let theirs = if self.scope.stands_in(p) { self.theirs() } else { "" };
        show_hidden(p.title(self.lang)) + theirs
    }

    fn theirs(&self) -> &'static str {
        self.lang.pick("（リポジトリ版）", " (the repository's)")
    }

    fn action(
        &self,
        kind_name: &str,
        set: Option<&str>,
        found: &[Arc<Perspective>],
        ask: Value,
    ) -> Value {
        let titles: Vec<_> = found.iter().map(|p| self.title(p)).collect();
        let name = self.lang.pick("解像度", "Kaizodo");
        let set = set.map(|set| format!(" {}", show_hidden(set))).unwrap_or_default();
        let theirs = if self.scope.set_stands_in(kind_name) { self.theirs() } else { "" };
        let title = format!("{name}{set}{theirs}: {}", titles.join(" · "));
        action(self.connection, &title, kind_name, ext::RUN, &[self.target, &ask])
    }
}

/// Creates a code action that executes `command`. The command's argument is a single object with
/// the members of all objects in `members`.
pub(crate) fn action(
    connection: &Connection,
    title: &str,
    kind_name: &str,
    command: &str,
    members: &[&Value],
) -> Value {
    let members = members.iter().filter_map(|members| members.as_object()).flatten();
    let argument: serde_json::Map<_, _> =
        members.map(|(name, value)| (name.clone(), value.clone())).collect();
    let mut action = json!({
        "title": title,
        "kind": kind(kind_name),
        "command": {"title": title, "command": command, "arguments": [argument]},
    });
    if connection.capabilities().action_tags {
        insert(&mut action, "tags", json!([1]));
    }
    action
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_asked_for_by_prefix() {
        let wants = |only: &[&str]| {
            let only: Vec<String> = only.iter().map(|s| (*s).to_owned()).collect();
            wanted(Some(&only), "default")
        };
        for kind in [
            "",
            "refactor",
            "refactor.rewrite",
            "refactor.rewrite.kaizodo",
            "refactor.rewrite.kaizodo.default",
        ] {
            assert!(wants(&[kind]), "{kind}");
        }
        for kind in [
            "refactor.rewrite.kai",
            "quickfix",
            "source",
            "refactor.rewrite.kaizodo.default.x",
            "refactor.extract",
        ] {
            assert!(!wants(&[kind]), "{kind}");
        }
        assert!(wanted(None, "default"));
    }
}
