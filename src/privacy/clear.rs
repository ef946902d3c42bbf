//! What is done with a selection before it may leave: secrets are blacked out, passed or refused,
//! and the reader is told.

use super::find::{Found, find};
use super::hidden::hidden;
use super::kind::Kind;
use crate::lang::Lang;
use serde::Deserialize;
use std::borrow::Cow;
use std::ops::Range;

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

/// One piece of a text that is read as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// Its text.
    pub text: &'a str,
    /// Whether it is to leave. What is not is looked at all the same, for a secret that reaches
    /// from it into its neighbour.
    pub leaves: bool,
}

/// Makes a text ready to leave. Characters that are not seen stay: they may be what the text is
/// about, and who is told of them can take them out.
///
/// # Errors
/// What was found, where it is to be refused.
pub fn clear(text: &str, policy: Secrets, lang: Lang) -> Result<Cleared, Vec<Count>> {
    let (mut texts, secrets) = clear_pieces(&[Piece { text, leaves: true }], policy, lang)?;
    let notes = secrets.into_iter().chain(hidden(text).sentence(lang)).collect();
    Ok(Cleared { text: texts.pop().unwrap_or_default(), notes })
}

/// Makes the pieces of a text ready to leave: each as it is to be, and what the reader should know
/// of secrets. A secret that lies across a border has a mark on either side of it.
///
/// # Errors
/// What was found in pieces that are to leave, where it is to be refused.
pub fn clear_pieces(
    pieces: &[Piece<'_>],
    policy: Secrets,
    lang: Lang,
) -> Result<(Vec<String>, Option<String>), Vec<Count>> {
    let mut counts = Vec::new();
    let mut cleared: Vec<Cow<'_, str>> = pieces.iter().map(|p| Cow::Borrowed(p.text)).collect();
    for _ in 0..ROUNDS {
        let found = find_in(&cleared);
        let places = places(&cleared);
        let left = || pieces.iter().zip(&places).filter(|(p, _)| p.leaves).map(|(_, place)| place);
        count(
            found.iter().filter(|f| left().any(|place| overlap(&f.range, place).is_some())),
            &mut counts,
        );
        if found.is_empty() || policy != Secrets::Redact {
            break;
        }
        cleared = cleared
            .iter()
            .zip(&places)
            .map(|(text, place)| Cow::Owned(marked(text, place, &found, lang)))
            .collect();
    }
    if policy == Secrets::Refuse && !counts.is_empty() {
        return Err(counts);
    }
    let secrets = (!counts.is_empty()).then(|| sentence(&counts, policy, lang));
    Ok((cleared.into_iter().map(Cow::into_owned).collect(), secrets))
}

/// Where each piece is in the whole.
fn places(texts: &[Cow<'_, str>]) -> Vec<Range<usize>> {
    let mut end = 0;
    let place = |text: &Cow<'_, str>| {
        let start = end;
        end += text.len();
        start..end
    };
    texts.iter().map(place).collect()
}

/// What is found in the whole and, since what stands before a secret may hide it there, in each
/// piece by itself.
fn find_in(texts: &[Cow<'_, str>]) -> Vec<Found> {
    if let [text] = texts {
        return find(text);
    }
    let mut all = find(&texts.concat());
    for (text, place) in texts.iter().zip(places(texts)) {
        let moved = |Found { range, kind }: Found| Found {
            range: range.start + place.start..range.end + place.start,
            kind,
        };
        all.extend(find(text).into_iter().map(moved));
    }
    all.sort_by_key(|found| found.range.start);
    let mut apart: Vec<Found> = Vec::new();
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

fn count<'a>(found: impl Iterator<Item = &'a Found>, counts: &mut Vec<Count>) {
    for passage in found {
        match counts.iter_mut().find(|(kind, _)| *kind == passage.kind) {
            Some((_, count)) => *count += 1,
            None => counts.push((passage.kind, 1)),
        }
    }
}

/// A text with a mark in place of what lies in it of each passage; `place` is its own in the whole.
fn marked(text: &str, place: &Range<usize>, found: &[Found], lang: Lang) -> String {
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

#[cfg(test)]
mod tests;
