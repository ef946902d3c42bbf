//! The state of a section, and the words that describe the state.

use crate::lang::Lang;

/// The state of a panel's section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SectionState {
    /// A focus section is waiting for the views: the number of views that have ended, and the total
    /// number of views.
    Gathering(usize, usize),
    /// The request has not been sent yet.
    Queued,
    /// The request was sent, but no answer or reasoning has arrived yet.
    Waiting,
    /// The model is reasoning: the number of characters of reasoning so far.
    Thinking(u64),
    /// The model is answering: the number of characters of the answer so far.
    Writing(u64),
    /// An attempt failed, and the next one is pending.
    Retrying,
    /// The answer is complete.
    Done,
    /// The section failed, or its answer is incomplete.
    Broken,
    /// The user stopped the section.
    Cancelled,
    /// The section is not written until the user asks for it.
    OnDemand,
}

impl SectionState {
    /// Describes the state in words, for display. `has_answer` is `true` if the section has answer
    /// text.
    pub fn words(self, has_answer: bool, lang: Lang) -> &'static str {
        let (ja, en) = match self {
            SectionState::Gathering(..) => {
                ("視点がそろうのを待っています", "waiting for the views")
            }
            SectionState::Queued => ("順番を待っています", "queued"),
            SectionState::Waiting => ("答えを待っています", "waiting"),
            SectionState::Thinking(_) => ("考えています", "thinking"),
            SectionState::Writing(_) => ("書いています", "writing"),
            SectionState::Retrying => ("もう一度送ります", "retrying"),
            SectionState::Done => ("完了", "complete"),
            SectionState::Broken if has_answer => ("途中で終わりました", "incomplete"),
            SectionState::Broken => ("失敗しました", "failed"),
            SectionState::Cancelled => ("停止しました", "stopped"),
            SectionState::OnDemand => ("まだ書いていません", "not written yet"),
        };
        lang.pick(ja, en)
    }

    /// Returns `true` if answer text has arrived, or if the section has ended.
    pub fn has_text(self) -> bool {
        matches!(self, SectionState::Writing(_)) || self.is_over()
    }

    /// Returns `true` if the section has ended: nothing more arrives unless the user asks for it.
    pub fn is_over(self) -> bool {
        matches!(
            self,
            SectionState::Done
                | SectionState::Broken
                | SectionState::Cancelled
                | SectionState::OnDemand
        )
    }
}
