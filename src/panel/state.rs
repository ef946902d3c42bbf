//! How far a section is.

use crate::lang::Lang;

/// How far a section is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SectionState {
    /// A focus that waits for the views: how many have ended, of how many.
    Gathering(usize, usize),
    /// Its request has not left.
    Queued,
    /// Its request has left and nothing has come.
    Waiting,
    /// Reasoning text has come: so many characters.
    Thinking(u64),
    /// Answer text has come: so many characters.
    Writing(u64),
    /// An attempt failed; the next one is waited for.
    Retrying,
    /// Complete.
    Done,
    /// Ended, but not complete.
    Broken,
    /// Stopped by the user.
    Cancelled,
    /// Left until the user asks for it.
    OnDemand,
}

impl SectionState {
    /// It in words, for a section that has text of an answer or not.
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

    /// Answer text has come, or never will.
    pub fn has_text(self) -> bool {
        matches!(self, SectionState::Writing(_)) || self.is_over()
    }

    /// Nothing more comes by itself.
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
