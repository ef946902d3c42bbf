//! The measurements of one answer.

use super::answer::{Answer, Section};
use super::language::{length, spoken};
use super::overlap::{Overlap, overlap};
use crate::event::{Failure, Usage};
use crate::lang::Lang;
use crate::text::quotation::{Reading, Source};
use serde::Serialize;
use std::ops::AddAssign;

/// The unit in which the length of an answer is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Characters without whitespace.
    Characters,
    /// Words.
    Words,
}

impl Unit {
    /// Returns the unit for measuring the length of text in `lang`.
    pub fn of(lang: Lang) -> Self {
        lang.pick(Unit::Characters, Unit::Words)
    }
}

/// Numbers of quotations in an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Quotations {
    /// Number of all quotations.
    pub all: usize,
    /// Number of quotations that occur verbatim in the text that the answer is about.
    pub verbatim: usize,
}

impl AddAssign for Quotations {
    fn add_assign(&mut self, more: Self) {
        self.all += more.all;
        self.verbatim += more.verbatim;
    }
}

/// Times of an answer, in milliseconds from the start of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Time {
    /// Time of the first text in any section.
    pub first_word_ms: Option<u64>,
    /// Time at which the first complete view ended; a view is any section except the focus.
    pub first_view_ms: Option<u64>,
    /// Time at which the last section ended; `None` if a section has not ended.
    pub all_ms: Option<u64>,
}

/// The measurements of one section.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SectionMeasures {
    /// The branch that wrote the section.
    pub branch: String,
    /// The section's heading.
    pub title: String,
    /// Whether the model finished and wrote something.
    pub complete: bool,
    /// Why the section is not complete, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// Length of the section in [`Measures::unit`].
    pub length: usize,
    /// Detected language of the section; `None` if it is neither Japanese nor English, or if there
    /// are no words.
    pub lang: Option<Lang>,
    /// Whether the section is in the language of the text that it is about; `None` if nothing was
    /// written.
    pub right_language: Option<bool>,
    /// Numbers of quotations in the section.
    pub quotations: Quotations,
    /// Token usage, if the provider reported it.
    pub tokens: Option<Usage>,
    /// Time of the section's first text, in milliseconds from the start of the run; `None` if there
    /// is no text.
    pub first_ms: Option<u64>,
    /// Time of the section's end, in milliseconds from the start of the run; `None` if it has not
    /// ended.
    pub end_ms: Option<u64>,
}

/// The measurements of one answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measures {
    /// The unit of all lengths, which depends on the language of the text that the answer is about.
    pub unit: Unit,
    /// The measurements of each section, in the order of the panel.
    pub sections: Vec<SectionMeasures>,
    /// Total length of all sections.
    pub length: usize,
    /// Similarity between the answer's views; `None` if fewer than two of them have enough text.
    pub overlap: Option<Overlap>,
    /// Numbers of quotations in all sections.
    pub quotations: Quotations,
    /// Total token usage, as far as the provider reported it.
    pub tokens: Option<Usage>,
    /// Times of the answer; all `None` for a recorded answer.
    pub time: Time,
}

impl Measures {
    /// Measures an answer. `text` is the text that the answer is about, as it was sent; `lang` is
    /// the language of `text`.
    pub fn of(answer: &Answer, text: &str, lang: Lang) -> Self {
        let source = Source::new(text);
        let sections: Vec<_> =
            answer.sections.iter().map(|section| measured(section, &source, lang)).collect();
        let mut quotations = Quotations::default();
        sections.iter().for_each(|section| quotations += section.quotations);
        Measures {
            unit: Unit::of(lang),
            length: sections.iter().map(|section| section.length).sum(),
            overlap: overlap(answer),
            quotations,
            tokens: tokens(sections.iter().map(|section| section.tokens)),
            time: time(answer),
            sections,
        }
    }

    /// Removes all times, which have no meaning for a recorded answer.
    pub fn without_times(mut self) -> Self {
        self.time = Time::default();
        for section in &mut self.sections {
            (section.first_ms, section.end_ms) = (None, None);
        }
        self
    }

    /// Returns the number of incomplete sections.
    pub fn incomplete(&self) -> usize {
        self.sections.iter().filter(|section| !section.complete).count()
    }

    /// Returns the number of sections that are not in the language of the text that they are about.
    pub fn wrong_language(&self) -> usize {
        self.sections.iter().filter(|section| section.right_language == Some(false)).count()
    }

    /// Returns `true` if there are sections and all of them are complete.
    pub fn is_complete(&self) -> bool {
        !self.sections.is_empty() && self.incomplete() == 0
    }
}

fn measured(section: &Section, source: &Source, lang: Lang) -> SectionMeasures {
    let reading = Reading::of(&section.text);
    let spoken = spoken(&section.text);
    let says = !section.text.trim().is_empty();
    SectionMeasures {
        branch: section.branch.to_string(),
        title: section.title.clone(),
        complete: section.is_complete(),
        failure: section.outcome.as_ref().and_then(|outcome| outcome.failure()).cloned(),
        length: length(&section.text, lang),
        lang: spoken,
        right_language: says.then_some(spoken == Some(lang)),
        quotations: Quotations {
            all: reading.quotations.len(),
            verbatim: reading.quotations.iter().filter(|quoted| source.holds(quoted)).count(),
        },
        tokens: section.usage,
        first_ms: section.first_ms,
        end_ms: section.end_ms,
    }
}

/// Returns the sum of the reported usage; `None` if none was reported.
pub(crate) fn tokens(told: impl Iterator<Item = Option<Usage>>) -> Option<Usage> {
    told.flatten().reduce(Usage::plus)
}

fn time(answer: &Answer) -> Time {
    let ends: Option<Vec<_>> = answer.sections.iter().map(|section| section.end_ms).collect();
    let complete = answer.views().filter(|view| view.is_complete());
    Time {
        first_word_ms: answer.sections.iter().filter_map(|section| section.first_ms).min(),
        first_view_ms: complete.filter_map(|view| view.end_ms).min(),
        all_ms: ends.and_then(|ends| ends.into_iter().max()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{BranchId, Event, FailureKind, Outcome};

    fn usage(prompt_tokens: u64) -> Usage {
        Usage { prompt_tokens, cached_tokens: 1, completion_tokens: 2, reasoning_tokens: 0 }
    }

    fn section(branch: &str, text: &str, at: u64, outcome: Outcome) -> [(u64, Event); 2] {
        let branch = BranchId(branch.into());
        let usage = (outcome == Outcome::Done).then(|| usage(at));
        let end = Event::BranchEnded {
            branch: branch.clone(),
            outcome,
            usage,
            cost: None,
            elapsed_ms: 0,
            note: None,
        };
        [(at, Event::Delta { branch, text: text.into() }), (at + 10, end)]
    }

    fn failed() -> Outcome {
        let (kind, message) = (FailureKind::Server, "broke".into());
        Outcome::CutOff(Failure::new(kind, message))
    }

    #[test]
    fn the_numbers_of_an_answer_are_those_of_its_sections() {
        let events = [
            section("focus", "まず「一時間」を疑う。", 90, Outcome::Done),
            section("depth", "遅い(根拠「一時間\nかかる」)と「二時間」", 20, Outcome::Done),
            section("time", "It got slow.", 5, failed()),
        ];
        let answer = Answer::of(events.concat());
        let of = Measures::of(&answer, "ビルドに一時間かかる。", Lang::Ja);
        assert_eq!(of.unit, Unit::Characters);
        let lengths: Vec<_> = of.sections.iter().map(|section| section.length).collect();
        assert_eq!((lengths.as_slice(), of.length), ([11, 20, 10].as_slice(), 41));
        assert_eq!(of.quotations, Quotations { all: 2, verbatim: 1 }, "each on one line");
        assert_eq!((of.incomplete(), of.wrong_language(), of.is_complete()), (1, 1, false));
        let tokens = Usage {
            prompt_tokens: 110,
            cached_tokens: 2,
            completion_tokens: 4,
            reasoning_tokens: 0,
        };
        assert_eq!(of.tokens, Some(tokens));
        let time = Time { first_word_ms: Some(5), first_view_ms: Some(30), all_ms: Some(100) };
        assert_eq!(of.time, time, "what was cut off is no complete view, and neither is the focus");
        assert!(of.sections[2].failure.is_some() && of.sections[0].failure.is_none());
        let untimed = of.without_times();
        assert_eq!((untimed.time, untimed.sections[1].end_ms), (Time::default(), None));
    }

    #[test]
    fn an_empty_section_has_no_wrong_language() {
        let answer = Answer::of(section("depth", "", 1, failed()));
        let of = Measures::of(&answer, "x", Lang::En);
        assert_eq!((of.incomplete(), of.wrong_language(), of.tokens), (1, 0, None));
        assert!(!Measures::of(&Answer::default(), "x", Lang::En).is_complete());
    }
}
