//! What all texts of a folder come to.

use super::judge::{Judgement, Verdict};
use super::measure::{Measures, Quotations, Unit, tokens};
use super::overlap::rounded;
use crate::event::Usage;
use crate::lang::Lang;
use serde::Serialize;

/// One text's numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TextReport {
    /// The file's name.
    pub name: String,
    /// The text's language.
    pub lang: Lang,
    /// The set's answer.
    pub set: Measures,
    /// The answer that it is compared with, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<Measures>,
    /// What the judge said; `None` where nobody was asked, or an answer is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judgement: Option<Judgement>,
}

/// The numbers of one side over all texts.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Sum {
    /// Texts.
    pub texts: usize,
    /// Sections of all answers.
    pub sections: usize,
    /// Of these, not complete.
    pub incomplete: usize,
    /// Of these, in another language than the text.
    pub wrong_language: usize,
    /// Characters of the answers to Japanese texts.
    pub characters: usize,
    /// Words of the answers to English texts.
    pub words: usize,
    /// The mean of the texts' overlaps.
    pub overlap: Option<f64>,
    /// All quotations.
    pub quotations: Quotations,
    /// What everything cost, as far as it was told.
    pub tokens: Option<Usage>,
    /// The median of the times to the first word.
    pub first_word_ms: Option<u64>,
    /// The median of the times to the first complete view.
    pub first_view_ms: Option<u64>,
    /// The median of the times to the end.
    pub all_ms: Option<u64>,
}

impl Sum {
    /// The sum of these answers.
    pub fn of(answers: &[&Measures]) -> Self {
        let count = |of: fn(&Measures) -> usize| answers.iter().map(|a| of(a)).sum();
        let length = |unit| answers.iter().filter(|a| a.unit == unit).map(|a| a.length).sum();
        let overlaps: Vec<_> =
            answers.iter().filter_map(|a| a.overlap.as_ref()).map(|found| found.mean).collect();
        let mut quotations = Quotations::default();
        answers.iter().for_each(|a| quotations += a.quotations);
        Sum {
            texts: answers.len(),
            sections: count(|a| a.sections.len()),
            incomplete: count(Measures::incomplete),
            wrong_language: count(Measures::wrong_language),
            characters: length(Unit::Characters),
            words: length(Unit::Words),
            overlap: mean(&overlaps),
            quotations,
            tokens: tokens(answers.iter().map(|a| a.tokens)),
            first_word_ms: median(answers.iter().filter_map(|a| a.time.first_word_ms)),
            first_view_ms: median(answers.iter().filter_map(|a| a.time.first_view_ms)),
            all_ms: median(answers.iter().filter_map(|a| a.time.all_ms)),
        }
    }
}

fn mean(shares: &[f64]) -> Option<f64> {
    let many = u32::try_from(shares.len()).ok().filter(|many| *many > 0)?;
    Some(rounded(shares.iter().sum::<f64>() / f64::from(many)))
}

/// The one in the middle; of two, the greater.
fn median(times: impl Iterator<Item = u64>) -> Option<u64> {
    let mut times: Vec<_> = times.collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied()
}

/// How often a set's answer was preferred.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Score {
    /// It was, in both orders.
    pub wins: usize,
    /// Neither was.
    pub ties: usize,
    /// Of these, since the preference changed with the order.
    pub changed_with_order: usize,
    /// The other was, in both orders.
    pub losses: usize,
    /// Texts without a judgement: an answer is missing, or the judge's cannot be read.
    pub none: usize,
}

impl Score {
    /// The score of these texts.
    pub fn of<'a>(judged: impl IntoIterator<Item = Option<&'a Judgement>>) -> Self {
        let mut score = Score::default();
        for judgement in judged {
            match judgement.map(|judgement| judgement.verdict) {
                Some(Verdict::Win) => score.wins += 1,
                Some(Verdict::Tie) => score.ties += 1,
                Some(Verdict::Loss) => score.losses += 1,
                Some(Verdict::None) | None => score.none += 1,
            }
            let changed = judgement.is_some_and(|judgement| judgement.changed_with_order);
            score.changed_with_order += usize::from(changed);
        }
        score
    }
}

/// What the set's answers are compared with.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Against {
    /// What it is, as it was typed.
    pub name: String,
    /// Its numbers over all texts.
    pub sum: Sum,
}

/// Everything.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Who was asked, for people.
    pub provider: String,
    /// Each text, in the order of their names.
    pub texts: Vec<TextReport>,
    /// The set's numbers over all texts.
    pub sum: Sum,
    /// The same of what it is compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<Against>,
    /// The model that judged, where one was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judge: Option<String>,
    /// Its preferences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<Score>,
}

impl Report {
    /// The report on these texts; `against` names what was compared with, `judge` the model that
    /// judged.
    pub fn of(
        provider: String,
        texts: Vec<TextReport>,
        against: Option<String>,
        judge: Option<String>,
    ) -> Self {
        let sets: Vec<_> = texts.iter().map(|text| &text.set).collect();
        let others: Vec<_> = texts.iter().filter_map(|text| text.against.as_ref()).collect();
        let judgements = texts.iter().map(|text| text.judgement.as_ref());
        Report {
            provider,
            sum: Sum::of(&sets),
            against: against.map(|name| Against { name, sum: Sum::of(&others) }),
            score: judge.is_some().then(|| Score::of(judgements)),
            judge,
            texts,
        }
    }

    /// Whether every answer is there, the set's in the right language, and the set, where a judge
    /// was asked, did not lose more often than it won.
    pub fn is_well(&self) -> bool {
        let answered = |text: &TextReport| {
            text.set.is_complete()
                && text.set.wrong_language() == 0
                && text.against.as_ref().is_none_or(Measures::is_complete)
                && text.judgement.as_ref().is_none_or(Judgement::is_answered)
        };
        // A judge of whom nothing could be read has shown nothing.
        let preferred = self
            .score
            .is_none_or(|score| score.losses <= score.wins && score.none < self.texts.len());
        self.texts.iter().all(answered) && preferred
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{Answer, Opinion};
    use crate::event::{BranchId, Event, Outcome};
    use proptest::prelude::*;

    fn measures(text: &str, at: u64, lang: Lang) -> Measures {
        let branch = BranchId("depth".into());
        let said = Event::Delta { branch: branch.clone(), text: text.into() };
        let (outcome, usage) =
            (Outcome::Done, Some(Usage { prompt_tokens: at, ..Usage::default() }));
        let end = Event::BranchEnded { branch, outcome, usage, elapsed_ms: 0, note: None };
        Measures::of(&Answer::of([(at, said), (at, end)]), "slow builds", lang)
    }

    fn judged(first: &str, second: &str) -> Judgement {
        Judgement::of([Opinion::of(first, true), Opinion::of(second, false)])
    }

    fn report(
        set: &str,
        against: Option<&str>,
        judgement: Option<Judgement>,
        judged: bool,
    ) -> Report {
        let judge = judged.then(|| "j".to_owned());
        let text = TextReport {
            name: "a.en.md".into(),
            lang: Lang::En,
            set: measures(set, 3, Lang::En),
            against: against.map(|text| measures(text, 4, Lang::En)),
            judgement,
        };
        Report::of(String::new(), vec![text], against.map(|_| "plain".into()), judge)
    }

    #[test]
    fn characters_and_words_are_added_apart() {
        let (ja, en) =
            (measures("遅い「slow」", 30, Lang::Ja), measures("it is slow", 10, Lang::En));
        let sum = Sum::of(&[&ja, &en, &measures("遅い", 20, Lang::En)]);
        assert_eq!((sum.texts, sum.characters, sum.words), (3, 8, 5));
        assert_eq!((sum.first_word_ms, sum.tokens.unwrap().prompt_tokens), (Some(20), 60));
        assert_eq!((sum.quotations.verbatim, sum.wrong_language, sum.overlap), (1, 1, None));
        assert_eq!(Sum::of(&[]), Sum::default());
    }

    #[test]
    fn what_is_missing_or_in_another_language_is_not_well() {
        assert!(report("It is slow.", None, None, false).is_well());
        assert!(!report("遅いから。", None, None, false).is_well());
        assert!(!report("", None, None, false).is_well());
        assert!(report("It is slow.", Some("遅いから。"), None, false).is_well());
        assert!(!report("It is slow.", Some(""), None, false).is_well());
    }

    #[test]
    fn losing_more_than_winning_is_not_well() {
        let of = |judgement| report("It is slow.", Some("So it is."), judgement, true);
        assert!(of(Some(judged("A", "B"))).is_well());
        assert!(of(Some(judged("A", "A"))).is_well());
        assert!(!of(Some(judged("B", "A"))).is_well());
        assert!(!of(Some(judged("x", "A"))).is_well(), "nothing could be read");
        assert!(!of(None).is_well());
        let score = of(Some(judged("A", "A"))).score.unwrap();
        assert_eq!((score.ties, score.changed_with_order), (1, 1));
    }

    proptest! {
        #[test]
        fn every_text_is_in_the_score_once(orders in prop::collection::vec(("(A|B|tie|x)", "(A|B|tie|x)"), 0..9)) {
            let judgements: Vec<_> = orders.iter().map(|(a, b)| judged(a, b)).collect();
            let score = Score::of(judgements.iter().map(Some));
            prop_assert_eq!(score.wins + score.ties + score.losses + score.none, orders.len());
            prop_assert!(score.changed_with_order <= score.ties);
        }
    }
}
