//! How far a section is.

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
