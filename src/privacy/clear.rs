//! What is done with a selection before it may leave: secrets are blacked out, passed or refused,
//! and the reader is told.

use super::find::{Found, find};
use super::hidden::hidden;
use super::kind::Kind;
use crate::lang::Lang;
use serde::Deserialize;
use std::borrow::Cow;

/// How often a text is looked through: where a mark has taken the place of one secret, the name
/// behind it may be seen for what it is.
const ROUNDS: usize = 4;

/// What is done with what looks secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Secrets {
    /// A mark stands in its place.
    #[default]
    Redact,
    /// It is sent.
    Allow,
    /// Nothing of the selection is sent.
    Refuse,
}

/// A kind and how often it was found.
pub type Count = (Kind, usize);

/// A text that may leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleared {
    /// The text, with marks in place of what is secret.
    pub text: String,
    /// What the reader should know, each a plain sentence.
    pub notes: Vec<String>,
}

/// Makes a text ready to leave. Characters that are not seen stay: they may be what the text is
/// about, and who is told of them can take them out.
///
/// # Errors
/// What was found, where it is to be refused.
pub fn clear(text: &str, policy: Secrets, lang: Lang) -> Result<Cleared, Vec<Count>> {
    let mut counts = Vec::new();
    let mut cleared = Cow::Borrowed(text);
    for _ in 0..ROUNDS {
        let found = find(&cleared);
        count(&found, &mut counts);
        if found.is_empty() || policy != Secrets::Redact {
            break;
        }
        cleared = Cow::Owned(marked(&cleared, &found, lang));
    }
    if policy == Secrets::Refuse && !counts.is_empty() {
        return Err(counts);
    }
    let secrets = (!counts.is_empty()).then(|| sentence(&counts, policy, lang));
    let notes = secrets.into_iter().chain(hidden(text).sentence(lang)).collect();
    Ok(Cleared { text: cleared.into_owned(), notes })
}

fn count(found: &[Found], counts: &mut Vec<Count>) {
    for passage in found {
        match counts.iter_mut().find(|(kind, _)| *kind == passage.kind) {
            Some((_, count)) => *count += 1,
            None => counts.push((passage.kind, 1)),
        }
    }
}

/// The text with a mark in place of each passage.
fn marked(text: &str, found: &[Found], lang: Lang) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for passage in found {
        out.push_str(text.get(at..passage.range.start).unwrap_or_default());
        out.push_str(&passage.kind.mark(lang));
        at = passage.range.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// Kinds and counts in a row: `GitHub token × 2, JWT`.
pub fn counted(counts: &[Count], lang: Lang) -> String {
    let each = counts.iter().map(|(kind, count)| match count {
        1 => kind.name(lang),
        count => format!("{} × {count}", kind.name(lang)),
    });
    each.collect::<Vec<_>>().join(lang.pick("、", ", "))
}

fn sentence(counts: &[Count], policy: Secrets, lang: Lang) -> String {
    let list = counted(counts, lang);
    match policy {
        Secrets::Allow => lang.pick(
            format!("秘密らしいもの({list})があります。設定 secrets = \"allow\" のとおり、伏せていません。"),
            format!("What looks secret ({list}) was not redacted, as the setting secrets = \"allow\" says."),
        ),
        _ => lang.pick(
            format!("秘密らしいもの({list})は伏せました。そのまま送るには、config.toml に secrets = \"allow\" と書くか、`kaizodo run --secrets allow` を使います。"),
            format!("What looks secret ({list}) was redacted. To send it as it is, write secrets = \"allow\" into config.toml, or use `kaizodo run --secrets allow`."),
        ),
    }
}
