//! The events of a run: everything that happens in it, in a total order.
//!
//! The panel, the journal, `--json` and the progress reports to clients that opt in all use the
//! same events. `PROTOCOL.md` documents their JSON.

mod answer;
mod failure;
mod total;
mod usage;
mod usd;

pub use answer::{Answer, Attempt, Marks, answers};
pub use failure::{Failure, FailureKind};
pub use total::{Sum, Total};
pub use usage::Usage;
pub use usd::Usd;

use crate::lang::Lang;
use crate::text::{ContextMode, Range16};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;
use utoipa::ToSchema;

/// ID of a run. It is part of the URI of the run's panel and of the name of the run's journal file,
/// and is never reused.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct RunId(pub String);

/// ID of a branch within its run: the name of the branch's perspective (followed by `@` and the
/// model in a set of several models), or `ask-1`, `ask-2` … for follow-up questions.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String)]
pub struct BranchId(pub Arc<str>);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for BranchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Sequence number of an event in its run: 1, 2, 3 … without gaps.
pub type Seq = u64;

/// An event with its sequence number, as written to the journal and sent to clients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Stamped {
    /// Sequence number in the run, from 1.
    pub seq: Seq,
    /// The event itself.
    #[serde(flatten)]
    pub event: Event,
}

/// An event of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The run was accepted. The event lists the run's sections, so that their order never depends
    /// on the order of the answers.
    RunStarted {
        /// ID of the run.
        run: RunId,
        /// Time of the start, in UTC.
        #[schema(value_type = String, format = DateTime)]
        at: Timestamp,
        /// A short title of the run, taken from the selection.
        #[serde(default)]
        title: String,
        /// Where the selection came from.
        source: Source,
        /// The passage of an earlier answer that the run asks about, if any. `source` is then the
        /// part of the document that the first run in the chain asked about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        origin: Option<Passage>,
        /// The language of the panel and of the answers.
        lang: Lang,
        /// Display name of the provider, such as `Ollama at 127.0.0.1:11434`.
        provider: String,
        /// Whether the built-in worksheet answers, without a model.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        without_model: bool,
        /// The run's sections, in the order of the panel.
        sections: Vec<SectionTitle>,
        /// Remarks for the user about how the run was set up, one sentence each.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        notes: Vec<String>,
        /// Digest of the selection and the context that are sent, so that a later process can check
        /// whether the document still contains them. `None` in journals of earlier versions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        selection: Option<String>,
        /// How much of the surrounding text is sent with the selection.
        #[serde(default, skip_serializing_if = "ContextMode::is_none")]
        context: ContextMode,
    },
    /// A section with a new branch was added to a run that has already started. Existing sections
    /// stay byte-identical.
    SectionAdded {
        /// The added section.
        section: SectionTitle,
        /// The branch of the section that the added section follows up on. The added section is
        /// placed below that section, or last if there is no such section.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<BranchId>,
        /// The reader's question that the added section answers; empty if there is none.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        question: String,
    },
    /// A branch is waiting: either for its turn, because the server accepts no more concurrent
    /// requests or is faster with one at a time, or for the server itself.
    BranchQueued {
        /// The branch that is waiting.
        branch: BranchId,
        /// What the branch waits for, as a sentence for the user; `None` if it waits for its turn.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        waits_for: Option<String>,
    },
    /// A branch's request is sent. When a branch that has ended is retried, it starts again.
    BranchStarted {
        /// The branch whose request is sent.
        branch: BranchId,
        /// Name of the model that is asked; empty if no model is asked.
        model: String,
    },
    /// A remark for the user about a branch's request or answer was added.
    BranchNoted {
        /// The branch that the remark is about.
        branch: BranchId,
        /// The remark, in one sentence.
        note: String,
    },
    /// Reasoning arrived from the model. The event only counts its characters.
    Thinking {
        /// The branch whose model is reasoning.
        branch: BranchId,
        /// Number of characters (Unicode scalar values) since the branch's last
        /// [`Event::Thinking`].
        chars: u32,
    },
    /// Reasoning arrived from the model. The event holds its text. It is recorded only if the
    /// settings enable this, and shown only on demand.
    Reasoning {
        /// The branch whose model is reasoning.
        branch: BranchId,
        /// The new reasoning text, exactly as the model wrote it.
        text: String,
    },
    /// A part of a branch's answer arrived.
    Delta {
        /// The branch that the text belongs to.
        branch: BranchId,
        /// The new text, exactly as the model wrote it.
        text: String,
    },
    /// The branch's text since its last [`Event::BranchStarted`] turned out to be reasoning and is
    /// discarded. The answer starts over.
    Retracted {
        /// The branch whose text is retracted.
        branch: BranchId,
        /// Number of characters (Unicode scalar values) that are discarded.
        chars: u32,
    },
    /// A branch's request failed before any text arrived. The next attempt follows after a delay,
    /// or at once if the branch was [queued](Event::BranchQueued) in the meantime or another model
    /// is asked.
    BranchRetrying {
        /// The branch that is retried.
        branch: BranchId,
        /// Number of the next attempt; the first retry is 2.
        attempt: u8,
        /// Delay before the next attempt in milliseconds; 0 if it follows at once.
        after_ms: u64,
        /// Why the last attempt failed.
        failure: Failure,
        /// The model that is asked from now on, if it changes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        model: Option<String>,
    },
    /// A branch has ended. This event follows each [`Event::BranchStarted`] exactly once, or comes
    /// without one if no request was sent.
    BranchEnded {
        /// The branch that has ended.
        branch: BranchId,
        /// How the branch ended.
        #[serde(flatten)]
        outcome: Outcome,
        /// Token usage, if the provider reported it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        usage: Option<Usage>,
        /// Cost of the request, if the model's price is known and the provider reported the token
        /// usage.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cost: Option<Usd>,
        /// Time from sending the request to the end of the branch, in milliseconds.
        #[serde(default)]
        elapsed_ms: u64,
        /// A closing sentence for the user, in place of the model and the token counts. Only in
        /// journals of earlier versions, for the worksheet.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// The reader marked an item in an answer. The mark replaces any earlier mark on the same item.
    Marked {
        /// The branch whose answer contains the item.
        branch: BranchId,
        /// The item: a paragraph, list item or code block.
        item: Item,
        /// The new mark; `None` removes the earlier mark.
        #[serde(default, flatten, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = serde_json::Map<String, serde_json::Value>)]
        mark: Option<Mark>,
    },
    /// All branches of the run have ended.
    RunEnded {
        /// How the run as a whole ended.
        outcome: RunOutcome,
        /// Totals over the run's requests so far; `None` if no model was asked, and in journals of
        /// earlier versions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        total: Option<Total>,
    },
}

impl Event {
    /// Creates the end of a branch without usage, cost and time: its request was never sent, or they
    /// are not known.
    pub fn ended(branch: BranchId, outcome: Outcome) -> Self {
        Event::BranchEnded { branch, outcome, usage: None, cost: None, elapsed_ms: 0, note: None }
    }

    /// Returns the branch that the event is about, if any.
    pub fn branch(&self) -> Option<&BranchId> {
        match self {
            Event::BranchStarted { branch, .. }
            | Event::BranchQueued { branch, .. }
            | Event::BranchNoted { branch, .. }
            | Event::Thinking { branch, .. }
            | Event::Reasoning { branch, .. }
            | Event::Delta { branch, .. }
            | Event::Retracted { branch, .. }
            | Event::BranchRetrying { branch, .. }
            | Event::BranchEnded { branch, .. }
            | Event::Marked { branch, .. } => Some(branch),
            Event::SectionAdded { section, .. } => Some(&section.branch),
            Event::RunStarted { .. } | Event::RunEnded { .. } => None,
        }
    }
}

/// Where a selection came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Source {
    /// The document's URI.
    pub uri: String,
    /// The selected range, always in UTF-16 units.
    pub range: Range16,
}

impl Source {
    /// Returns `true` for a document that an editor can open, rather than standard input or a
    /// command-line argument.
    pub fn is_document(&self) -> bool {
        !self.uri.starts_with("kaizodo:")
    }

    /// Returns `true` if the ranges of both sources have a line in common. Does not compare the
    /// documents.
    pub fn shares_lines(&self, other: &Source) -> bool {
        let (a, b) = (self.range.0.lines(), other.range.0.lines());
        a.start < b.end && b.start < a.end
    }
}

/// A passage in an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Passage {
    /// The run that the answer belongs to.
    pub run: RunId,
    /// The branch that wrote the answer.
    pub branch: BranchId,
    /// The heading of the answer's section, for display; empty in runs of earlier versions.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The passage's range in the answer as the model wrote it, in lines and UTF-16 units. That
    /// answer is the concatenated text of the [`Event::Delta`] events of the last attempt that
    /// wrote any text.
    pub range: Range16,
}

impl Passage {
    /// Returns the lines that the passage touches, counted from 0.
    pub fn lines(&self) -> std::ops::Range<usize> {
        let line = |line: u32| usize::try_from(line).unwrap_or(usize::MAX);
        line(self.range.0.start.line)..line(self.range.0.end.line).saturating_add(1)
    }
}

/// A paragraph, list item or code block in an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Item {
    /// The item's first line in the answer as the model wrote it, counted from 0.
    pub line: usize,
    /// The item's text, which may be truncated.
    pub text: String,
}

/// The reader's judgment of an item in an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "mark", content = "comment", rename_all = "snake_case")]
pub enum Mark {
    /// The item is right and should stay.
    Keep,
    /// The item is wrong or useless.
    Drop,
    /// The reader's comment on the item.
    Comment(String),
}

/// The name of a mark other than a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MarkName {
    /// [`Mark::Keep`].
    Keep,
    /// [`Mark::Drop`].
    Drop,
}

impl Mark {
    /// Creates a mark from a name or a comment; the comment takes precedence. Returns `None` if
    /// neither is given, which removes the item's mark.
    pub fn of(name: Option<MarkName>, comment: Option<String>) -> Option<Self> {
        match (name, comment) {
            (_, Some(comment)) => Some(Mark::Comment(comment)),
            (Some(MarkName::Keep), None) => Some(Mark::Keep),
            (Some(MarkName::Drop), None) => Some(Mark::Drop),
            (None, None) => None,
        }
    }
}

/// A section's branch, heading and role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SectionTitle {
    /// The branch whose answer the section holds.
    pub branch: BranchId,
    /// The section's heading.
    pub title: String,
    /// How the section's answer relates to those of the other sections.
    #[serde(default, skip_serializing_if = "Role::is_view")]
    pub role: Role,
}

impl SectionTitle {
    /// Creates the title of a section with the role [`Role::View`].
    pub fn view(branch: impl Into<Arc<str>>, title: impl Into<String>) -> Self {
        SectionTitle { branch: BranchId(branch.into()), title: title.into(), role: Role::View }
    }
}

/// How a section's answer relates to those of the other sections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Answers independently of the other sections.
    #[default]
    View,
    /// Combines the answers of the views, and is written after them.
    Focus,
    /// Follows up on another section. The focus does not use its answer.
    FollowUp,
}

impl Role {
    /// Returns `true` for [`Role::View`].
    pub(crate) fn is_view(&self) -> bool {
        *self == Role::View
    }
}

/// How a branch ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "outcome", content = "failure", rename_all = "snake_case")]
pub enum Outcome {
    /// The model finished.
    Done,
    /// The token limit or one of kaizodo's size limits was reached.
    Length(Failure),
    /// The provider's content filter stopped the answer.
    Filtered(Failure),
    /// The answer broke off, for example because the connection broke, a timeout expired or kaizodo
    /// stopped.
    CutOff(Failure),
    /// An error prevented the answer, or ended it early.
    Failed(Failure),
    /// The user stopped the branch.
    Cancelled,
    /// The focus was skipped, without sending a request, until the user asks for it with a retry.
    OnDemand,
}

impl Outcome {
    /// Returns the failure, if the outcome has one.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Outcome::Done | Outcome::Cancelled | Outcome::OnDemand => None,
            Outcome::Length(f) | Outcome::Filtered(f) | Outcome::CutOff(f) | Outcome::Failed(f) => {
                Some(f)
            }
        }
    }
}

/// How a run as a whole ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// Every section is complete, or is written only on demand.
    Done,
    /// At least one section failed or is incomplete.
    Partial,
    /// The user stopped at least one section, and all others are complete.
    Cancelled,
}

impl RunOutcome {
    /// Combines the outcomes of a run's branches into the outcome of the run.
    pub fn of<'a>(branches: impl Iterator<Item = &'a Outcome>) -> Self {
        branches.fold(RunOutcome::Done, |before, outcome| match (before, outcome) {
            (before, Outcome::Done | Outcome::OnDemand) => before,
            (RunOutcome::Done | RunOutcome::Cancelled, Outcome::Cancelled) => RunOutcome::Cancelled,
            _ => RunOutcome::Partial,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(json: &str) -> Event {
        let stamped: Stamped = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&stamped).unwrap(), json);
        stamped.event
    }

    #[test]
    fn a_run_may_name_the_passage_that_it_asks_about() {
        let range = r#"{"start":{"line":0,"character":0},"end":{"line":1,"character":3}}"#;
        let started = |origin: &str| {
            format!(
                r#"{{"seq":1,"event":"run_started","run":"r","at":"2026-11-22T14:00:00Z","title":"t","source":{{"uri":"file:///a.md","range":{range}}},{origin}"lang":"en","provider":"p","sections":[]}}"#
            )
        };
        let Event::RunStarted { origin, .. } = round(&started("")) else { panic!() };
        assert_eq!(origin, None, "as runs of earlier versions begin");
        let passage =
            format!(r#""origin":{{"run":"q","branch":"depth","title":"Depth","range":{range}}},"#);
        let Event::RunStarted { origin, .. } = round(&started(&passage)) else { panic!() };
        let Passage { run, branch, title, range } = origin.unwrap();
        assert_eq!(
            (&*run.0, &*branch.0, &*title, range.0.end.character),
            ("q", "depth", "Depth", 3)
        );
    }

    #[test]
    fn a_mark_is_of_an_item_and_may_be_taken_away() {
        for mark in
            ["", r#","mark":"keep""#, r#","mark":"drop""#, r#","mark":"comment","comment":"why?""#]
        {
            let event = round(&format!(
                r#"{{"seq":9,"event":"marked","branch":"depth","item":{{"line":3,"text":"議題が多い"}}{mark}}}"#
            ));
            let Event::Marked { mark: read, .. } = event else { panic!("{event:?}") };
            assert_eq!(read.is_none(), mark.is_empty());
        }
    }

    #[test]
    fn a_section_that_is_added_says_what_it_goes_on_from() {
        let json = r#"{"seq":9,"event":"section_added","section":{"branch":"why","title":"Why?","role":"follow_up"},"after":"depth","question":"Why now?"}"#;
        let event = round(json);
        assert_eq!(event.branch(), Some(&BranchId("why".into())));
        round(r#"{"seq":9,"event":"section_added","section":{"branch":"scale","title":"Scale"}}"#);
    }
}
