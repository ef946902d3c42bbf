//! Applies the policy for secrets to a text before it is sent: redact, allow or refuse.

use super::find::find;
use super::hidden::{PromptPart, hidden};
use super::kind::{Match, SecretKind};
use crate::lang::{Lang, Message};
use serde::Deserialize;
use std::borrow::Cow;
use std::ops::Range;

/// Maximum number of passes. There can be several, because replacing a secret by a mark may reveal
/// another one that it was hiding.
const ROUNDS: usize = 4;

/// Policy for passages that look like secrets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecretPolicy {
    /// Replace them with marks.
    #[default]
    Redact,
    /// Send them as they are.
    Allow,
    /// Send nothing.
    Refuse,
}

/// A kind of secret and the number of occurrences.
pub type Count = (SecretKind, usize);

/// Text that is ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleared {
    /// The text, in which secrets are replaced by marks unless the policy allows them.
    pub text: String,
    /// Messages for the user about secrets and invisible characters in the text, one sentence each.
    pub notes: Vec<String>,
}

/// A piece of a text. All pieces of the text are scanned together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The piece's text.
    pub text: &'a str,
    /// Whether the piece is sent. Pieces that are not sent are scanned too, because a secret may
    /// extend from them into an adjacent piece.
    pub is_sent: bool,
}

/// Applies the policy to the secrets in a text and reports invisible characters. Invisible
/// characters are kept, because they may be what the text is about.
///
/// # Errors
/// Fails if the policy is [`SecretPolicy::Refuse`] and the text contains secrets; the error counts the
/// secrets by kind.
pub fn clear(text: &str, policy: SecretPolicy, lang: Lang) -> Result<Cleared, Vec<Count>> {
    let (mut texts, secrets) = clear_pieces(&[Piece { text, is_sent: true }], policy, lang)?;
    let unseen = hidden(text, PromptPart::Selection).map(|unseen| unseen.message(lang));
    let notes = secrets.into_iter().chain(unseen).collect();
    Ok(Cleared { text: texts.pop().unwrap_or_default(), notes })
}

/// Applies the policy to the secrets in the pieces of a text. Returns the pieces, redacted if the
/// policy requires it, and a message for the user if pieces that are sent contain secrets. A
/// redacted secret that spans two pieces leaves a mark in both.
///
/// # Errors
/// Fails if the policy is [`SecretPolicy::Refuse`] and pieces that are sent contain secrets; the error
/// counts the secrets by kind.
pub fn clear_pieces(
    pieces: &[Piece<'_>],
    policy: SecretPolicy,
    lang: Lang,
) -> Result<(Vec<String>, Option<String>), Vec<Count>> {
    let mut counts = Vec::new();
    let mut cleared: Vec<Cow<'_, str>> = pieces.iter().map(|p| Cow::Borrowed(p.text)).collect();
    for _ in 0..ROUNDS {
        let found = find_in(&cleared);
        let places = places(&cleared);
        let left = || pieces.iter().zip(&places).filter(|(p, _)| p.is_sent).map(|(_, place)| place);
        count(
            found.iter().filter(|f| left().any(|place| overlap(&f.range, place).is_some())),
            &mut counts,
        );
        if found.is_empty() || policy != SecretPolicy::Redact {
            break;
        }
        cleared = cleared
            .iter()
            .zip(&places)
            .map(|(text, place)| Cow::Owned(marked(text, place, &found, lang)))
            .collect();
    }
    if policy == SecretPolicy::Refuse && !counts.is_empty() {
        return Err(counts);
    }
    let secrets = (!counts.is_empty()).then(|| sentence(&counts, policy, lang));
    Ok((cleared.into_iter().map(Cow::into_owned).collect(), secrets))
}

/// Returns each piece's byte range in the concatenated text.
fn places(texts: &[Cow<'_, str>]) -> Vec<Range<usize>> {
    let mut end = 0;
    let place = |text: &Cow<'_, str>| {
        let start = end;
        end += text.len();
        start..end
    };
    texts.iter().map(place).collect()
}

/// Scans the concatenated text, and each piece by itself, because the text before a secret may hide
/// it.
fn find_in(texts: &[Cow<'_, str>]) -> Vec<Match> {
    if let [text] = texts {
        return find(text);
    }
    let mut all = find(&texts.concat());
    for (text, place) in texts.iter().zip(places(texts)) {
        let moved = |Match { range, kind }: Match| Match {
            range: range.start + place.start..range.end + place.start,
            kind,
        };
        all.extend(find(text).into_iter().map(moved));
    }
    all.sort_by_key(|found| found.range.start);
    let mut apart: Vec<Match> = Vec::new();
    for found in all {
        match apart.last_mut() {
            Some(last) if found.range.start < last.range.end => {
                last.range.end = last.range.end.max(found.range.end);
            }
            _ => apart.push(found),
        }
    }
    apart
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> Option<Range<usize>> {
    let both = a.start.max(b.start)..a.end.min(b.end);
    (!both.is_empty()).then_some(both)
}

fn count<'a>(found: impl Iterator<Item = &'a Match>, counts: &mut Vec<Count>) {
    for passage in found {
        match counts.iter_mut().find(|(kind, _)| *kind == passage.kind) {
            Some((_, count)) => *count += 1,
            None => counts.push((passage.kind, 1)),
        }
    }
}

/// Replaces the parts of `found` that lie within `text` with marks. `place` is the range of `text`
/// in the concatenated text.
fn marked(text: &str, place: &Range<usize>, found: &[Match], lang: Lang) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for passage in found {
        let Some(part) = overlap(&passage.range, place) else { continue };
        let (start, end) = (part.start - place.start, part.end - place.start);
        out.push_str(text.get(at..start).unwrap_or_default());
        out.push_str(&passage.kind.mark(lang));
        at = end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// Formats kinds of secrets and their counts as a list: `GitHub token × 2, JWT`.
pub fn counted(counts: &[Count], lang: Lang) -> String {
    let each = counts.iter().map(|(kind, count)| match count {
        1 => kind.name(lang),
        count => format!("{} × {count}", kind.name(lang)),
    });
    each.collect::<Vec<_>>().join(lang.pick("、", ", "))
}

fn sentence(counts: &[Count], policy: SecretPolicy, lang: Lang) -> String {
    let list = counted(counts, lang);
    match policy {
        SecretPolicy::Allow => lang.pick(
            format!("秘密らしいもの（{list}）があります。設定 secrets = \"allow\" のとおり、伏せていません。"),
            format!("Possible secrets ({list}) were not redacted, because secrets = \"allow\" is set."),
        ),
        _ => lang.pick(
            format!("秘密らしいもの（{list}）は伏せました。そのまま送るには、config.toml に secrets = \"allow\" と書くか、`kaizodo run --secrets allow` を使います。"),
            format!("Possible secrets ({list}) were redacted. To send them unredacted, set secrets = \"allow\" in config.toml, or use `kaizodo run --secrets allow`."),
        ),
    }
}

#[cfg(test)]
mod tests;
