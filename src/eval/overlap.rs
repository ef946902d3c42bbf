//! Similarity of the views of a run.

use super::answer::Answer;
use crate::text::quotation::Reading;
use serde::Serialize;
use std::collections::HashSet;

/// Two views of an answer and their similarity: the Jaccard index of their character trigrams,
/// outside of quotations and code.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pair {
    /// Name of the first view, in the order of the sections.
    pub a: String,
    /// Name of the second view.
    pub b: String,
    /// The Jaccard index, from 0 (nothing in common) to 1 (the same trigrams).
    pub share: f64,
}

/// Similarities between the views of an answer, for each pair of views.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Overlap {
    /// Mean similarity over all pairs.
    pub mean: f64,
    /// All pairs of views, in the order of the sections.
    pub pairs: Vec<Pair>,
}

impl Overlap {
    /// Returns the most similar pair of views.
    pub fn highest(&self) -> Option<&Pair> {
        self.pairs.iter().max_by(|a, b| a.share.total_cmp(&b.share))
    }
}

/// Compares every two views of an answer. Returns `None` if fewer than two views have trigrams.
pub fn overlap(answer: &Answer) -> Option<Overlap> {
    let views: Vec<_> = answer
        .views()
        .map(|view| (view.branch.to_string(), trigrams(&Reading::of(&view.text).own)))
        .filter(|(_, trigrams)| !trigrams.is_empty())
        .collect();
    let mut pairs = Vec::new();
    for (at, (a, left)) in views.iter().enumerate() {
        for (b, right) in views.iter().skip(at + 1) {
            let share = rounded(shared(left, right));
            pairs.push(Pair { a: a.clone(), b: b.clone(), share });
        }
    }
    let sum: f64 = pairs.iter().map(|pair| pair.share).sum();
    (!pairs.is_empty()).then(|| Overlap { mean: rounded(sum / count(pairs.len())), pairs })
}

/// Returns the Jaccard index of two texts' trigrams, from 0 to 1.
fn shared(a: &HashSet<[char; 3]>, b: &HashSet<[char; 3]>) -> f64 {
    let both = a.intersection(b).count();
    let all = a.len() + b.len() - both;
    if all == 0 { 0.0 } else { count(both) / count(all) }
}

/// Returns the trigrams of a text's lower-cased letters and digits. Anything between them counts as
/// one space.
fn trigrams(text: &str) -> HashSet<[char; 3]> {
    let mut chars = Vec::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        match (c.is_alphanumeric(), chars.last()) {
            (true, _) => chars.push(c),
            (false, None | Some(' ')) => {}
            (false, Some(_)) => chars.push(' '),
        }
    }
    if chars.last() == Some(&' ') {
        chars.pop();
    }
    let all = chars.iter().zip(chars.iter().skip(1)).zip(chars.iter().skip(2));
    all.map(|((a, b), c)| [*a, *b, *c]).collect()
}

/// Converts a count to `f64`; counts here fit in `u32`.
fn count(things: usize) -> f64 {
    u32::try_from(things).map_or(f64::MAX, f64::from)
}

/// Rounds to four decimal places, so that a report is the same on every machine.
pub(crate) fn rounded(share: f64) -> f64 {
    (share * 10_000.0).round() / 10_000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{BranchId, Event};
    use proptest::prelude::*;

    fn answer(views: &[(&str, &str)]) -> Answer {
        Answer::of(views.iter().map(|(branch, text)| {
            (0, Event::Delta { branch: BranchId((*branch).into()), text: (*text).into() })
        }))
    }

    #[test]
    fn the_focus_and_quotations_do_not_count() {
        let found = overlap(&answer(&[
            ("focus", "ビルドが遅い理由"),
            ("depth", "原因は一つ「ビルドが遅い理由」"),
            ("time", "手順を並べる「ビルドが遅い理由」"),
        ]));
        let found = found.unwrap();
        assert_eq!((found.mean, found.pairs.len()), (0.0, 1));
        assert_eq!(found.highest().map(|p| (p.a.as_str(), p.b.as_str())), Some(("depth", "time")));
    }

    #[test]
    fn overlap_lists_every_pair_and_their_mean() {
        let found =
            overlap(&answer(&[("a", "abcd"), ("b", "ABCD."), ("c", "wxyz"), ("d", "\"quoted\"")]));
        let found = found.unwrap();
        let shares: Vec<_> = found.pairs.iter().map(|pair| pair.share).collect();
        assert_eq!(shares, [1.0, 0.0, 0.0]);
        assert_eq!(found.mean, 0.3333);
        assert_eq!(found.highest().map(|pair| pair.b.as_str()), Some("b"));
        assert_eq!(overlap(&answer(&[("a", "alone")])), None);
    }

    fn jaccard(a: &str, b: &str) -> f64 {
        shared(&trigrams(a), &trigrams(b))
    }

    proptest! {
        #[test]
        fn jaccard_is_symmetric_and_between_0_and_1(a in "[a-cあ-う ]{0,30}", b in "[a-cあ-う ]{0,30}") {
            let share = jaccard(&a, &b);
            prop_assert_eq!(share, jaccard(&b, &a));
            prop_assert!((0.0..=1.0).contains(&share));
        }

        #[test]
        fn a_text_is_like_itself_whatever_its_signs(a in "[a-zあ-ん]{3,30}") {
            prop_assert_eq!(jaccard(&a, &a.to_uppercase()), 1.0);
            prop_assert_eq!(jaccard(&a, &format!("- {a}")), 1.0);
        }
    }
}
