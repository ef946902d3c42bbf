//! The report on all texts in a folder.

use super::judge::{Judgement, Verdict};
use super::measure::{Measures, Quotations, Unit, tokens};
use super::overlap::rounded;
use crate::event::Usage;
use crate::lang::Lang;
use serde::Serialize;

/// The evaluation of the answers to one text.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TextReport {
    /// The text's file name.
    pub name: String,
    /// Language of the text.
    pub lang: Lang,
    /// Measurements of the perspective set's answer.
    pub set: Measures,
    /// Measurements of the answer by the rival that the set is compared with; `None` if there is no
    /// rival.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<Measures>,
    /// The judge's comparison of the two answers; `None` if no judge was asked or an answer is
    /// missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judgement: Option<Judgement>,
}

/// Totals and averages over all texts for one side of the comparison: the perspective set or its
/// rival.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Sum {
    /// Number of texts.
    pub texts: usize,
    /// Number of sections in all answers.
    pub sections: usize,
    /// Number of sections that are not complete.
    pub incomplete: usize,
    /// Number of sections that are not in the language of the text that they are about.
    pub wrong_language: usize,
    /// Number of characters in the answers to Japanese texts.
    pub characters: usize,
    /// Number of words in the answers to English texts.
    pub words: usize,
    /// Mean similarity between the views of an answer, averaged over the texts; `None` if no answer
    /// has two views to compare.
    pub overlap: Option<f64>,
    /// Numbers of quotations in all answers.
    pub quotations: Quotations,
    /// Total token usage, as far as the provider reported it.
    pub tokens: Option<Usage>,
    /// Median time to an answer's first text, in milliseconds.
    pub first_word_ms: Option<u64>,
    /// Median time to an answer's first complete view, in milliseconds.
    pub first_view_ms: Option<u64>,
    /// Median time until all sections of an answer have ended, in milliseconds.
    pub all_ms: Option<u64>,
}

impl Sum {
    /// Combines the measurements of several answers.
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

/// Returns the median; of two middle values, the greater.
fn median(times: impl Iterator<Item = u64>) -> Option<u64> {
    let mut times: Vec<_> = times.collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied()
}

/// Numbers of wins, ties and losses of the set's answers against the rival's answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Score {
    /// Number of comparisons in which the set's answer was preferred in both orders.
    pub wins: usize,
    /// Number of comparisons in which neither answer was preferred in both orders.
    pub ties: usize,
    /// Number of these ties in which the preference changed when the answers were shown in the
    /// other order.
    pub changed_with_order: usize,
    /// Number of comparisons in which the rival's answer was preferred in both orders.
    pub losses: usize,
    /// Number of texts without a result: an answer is missing, or the judge's answer could not be
    /// parsed.
    pub none: usize,
}

impl Score {
    /// Counts the judge's verdicts. `None` stands for a text without a judgement.
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

/// The rival that the perspective set is compared with: a plain question, another set, or another
/// model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Against {
    /// Name of the rival, as typed on the command line.
    pub name: String,
    /// Totals and averages of the rival's answers over all texts.
    pub sum: Sum,
}

/// The report on all texts in a folder.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Display name of the provider that answered for the set.
    pub provider: String,
    /// The evaluations of the single texts, ordered by file name.
    pub texts: Vec<TextReport>,
    /// Totals and averages of the set's answers over all texts.
    pub sum: Sum,
    /// The rival and the measurements of its answers; `None` if there is no rival.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<Against>,
    /// Name of the judge model; `None` if no judge was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judge: Option<String>,
    /// The judge's verdicts, counted over all texts; `None` if no judge was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<Score>,
}

impl Report {
    /// Builds a report. `against` is the name of the rival, `judge` that of the judge model, if
    /// any.
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

    /// Returns `true` if the evaluation passes: every answer is complete, and the set's answers are
    /// in the right language. If a judge was asked, it must have answered every time, at least one
    /// comparison must have a result, and the set must not have lost more often than it won.
    pub fn is_well(&self) -> bool {
        let answered = |text: &TextReport| {
            text.set.is_complete()
                && text.set.wrong_language() == 0
                && text.against.as_ref().is_none_or(Measures::is_complete)
                && text.judgement.as_ref().is_none_or(Judgement::is_answered)
        };
        // The report also fails if no judgement could be parsed.
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
        let end =
            Event::BranchEnded { branch, outcome, usage, cost: None, elapsed_ms: 0, note: None };
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
    fn characters_and_words_are_summed_separately() {
        let (ja, en) =
            (measures("遅い「slow」", 30, Lang::Ja), measures("it is slow", 10, Lang::En));
        let sum = Sum::of(&[&ja, &en, &measures("遅い", 20, Lang::En)]);
        assert_eq!((sum.texts, sum.characters, sum.words), (3, 8, 5));
        assert_eq!((sum.first_word_ms, sum.tokens.unwrap().prompt_tokens), (Some(20), 60));
        assert_eq!((sum.quotations.verbatim, sum.wrong_language, sum.overlap), (1, 1, None));
        assert_eq!(Sum::of(&[]), Sum::default());
    }

    #[test]
    fn missing_answers_and_wrong_languages_fail_the_report() {
        assert!(report("It is slow.", None, None, false).is_well());
        assert!(!report("遅いから。", None, None, false).is_well());
        assert!(!report("", None, None, false).is_well());
        assert!(report("It is slow.", Some("遅いから。"), None, false).is_well());
        assert!(!report("It is slow.", Some(""), None, false).is_well());
    }

    #[test]
    fn more_losses_than_wins_fail_the_report() {
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
