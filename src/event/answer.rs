//! The current answer of a branch, folded from its events: its text, whether it is complete, and
//! the reader's marks.

use super::{BranchId, Event, Item, Mark, Outcome, Stamped};
use std::collections::{BTreeMap, HashMap};

/// The state of a branch's current attempt. The first text of an attempt replaces the text of the
/// previous attempt, so an attempt that writes no text replaces nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attempt {
    /// Whether the next text is the first of a new attempt.
    is_new: bool,
}

impl Attempt {
    /// Begins a new attempt to answer.
    pub fn begin(&mut self) {
        self.is_new = true;
    }

    /// Records that text has arrived. Returns `true` if it is the first text of a new attempt,
    /// which replaces the text so far.
    pub fn write(&mut self) -> bool {
        std::mem::take(&mut self.is_new)
    }

    /// Ends the attempt; text that arrives later belongs to another attempt. Returns `true` if this
    /// attempt wrote the branch's current text.
    pub fn end(&mut self) -> bool {
        !std::mem::replace(&mut self.is_new, true)
    }
}

/// The reader's marks on the items of one answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Marks(BTreeMap<usize, (Item, Mark)>);

impl Marks {
    /// Sets the mark of an item, replacing an earlier one; `None` removes it.
    pub fn set(&mut self, item: &Item, mark: Option<&Mark>) {
        match mark {
            Some(mark) => drop(self.0.insert(item.line, (item.clone(), mark.clone()))),
            None => drop(self.0.remove(&item.line)),
        }
    }

    /// Returns the marks, in the order of their items.
    pub fn iter(&self) -> impl Iterator<Item = (&Item, &Mark)> {
        self.0.values().map(|(item, mark)| (item, mark))
    }

    /// Removes all marks.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

/// The current answer of one branch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The text, as the model wrote it.
    pub text: String,
    /// Whether the model finished the answer.
    pub is_whole: bool,
    /// The reader's marks on the answer's items.
    pub marks: Marks,
    attempt: Attempt,
}

impl Answer {
    /// Folds the events of a run into the answer of one branch.
    pub fn of(branch: &BranchId, events: &[Stamped]) -> Self {
        let mut answer = Answer::default();
        let own = events.iter().filter(|stamped| stamped.event.branch() == Some(branch));
        own.for_each(|stamped| answer.apply(&stamped.event));
        answer
    }

    /// Applies one event of the answer's branch.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::BranchStarted { .. } => self.begin(),
            Event::Delta { text, .. } => self.write(text),
            Event::Retracted { .. } => self.retract(),
            Event::BranchEnded { outcome, .. } => {
                if self.attempt.end() {
                    self.is_whole = *outcome == Outcome::Done;
                }
            }
            Event::Marked { item, mark, .. } => self.marks.set(item, mark.as_ref()),
            Event::RunStarted { .. }
            | Event::SectionAdded { .. }
            | Event::BranchQueued { .. }
            | Event::BranchNoted { .. }
            | Event::Thinking { .. }
            | Event::Reasoning { .. }
            | Event::BranchRetrying { .. }
            | Event::RunEnded { .. } => {}
        }
    }

    /// Begins a new attempt. The current text is kept until the new attempt writes text.
    pub fn begin(&mut self) {
        self.attempt.begin();
    }

    /// Appends text to the answer. The first text of a new attempt replaces the text so far.
    pub fn write(&mut self, text: &str) {
        if self.attempt.write() {
            self.retract();
        }
        self.text.push_str(text);
    }

    /// Discards the answer's text and marks.
    pub fn retract(&mut self) {
        self.text.clear();
        self.marks.clear();
        self.is_whole = false;
    }
}

/// Folds the events of a run into the answers of all its branches.
pub fn answers<'a>(events: impl IntoIterator<Item = &'a Event>) -> HashMap<BranchId, Answer> {
    let mut answers: HashMap<BranchId, Answer> = HashMap::new();
    for event in events {
        let Some(branch) = event.branch() else { continue };
        match answers.get_mut(branch) {
            Some(answer) => answer.apply(event),
            None => answers.entry(branch.clone()).or_default().apply(event),
        }
    }
    answers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Failure, FailureKind};

    fn id() -> BranchId {
        BranchId("深さ".into())
    }

    fn start() -> Event {
        Event::BranchStarted { branch: id(), model: "m".into() }
    }

    fn text(text: &str) -> Event {
        Event::Delta { branch: id(), text: text.into() }
    }

    fn retracted() -> Event {
        Event::Retracted { branch: id(), chars: 2 }
    }

    fn end(outcome: Outcome) -> Event {
        let branch = id();
        Event::ended(branch, outcome)
    }

    fn marked(line: usize, mark: Option<Mark>) -> Event {
        Event::Marked { branch: id(), item: Item { line, text: "項目".into() }, mark }
    }

    fn refused() -> Outcome {
        let (kind, message) = (FailureKind::Limit, String::new());
        Outcome::Failed(Failure::new(kind, message))
    }

    fn stands(events: &[&[Event]]) -> (String, bool, Vec<usize>) {
        let events: Vec<_> = events
            .concat()
            .into_iter()
            .zip(1..)
            .map(|(event, seq)| Stamped { seq, event })
            .collect();
        let answer = Answer::of(&id(), &events);
        let all = answers(events.iter().map(|stamped| &stamped.event));
        assert_eq!(all.get(&id()).cloned().unwrap_or_default(), answer);
        let marks = answer.marks.iter().map(|(item, _)| item.line).collect();
        (answer.text, answer.is_whole, marks)
    }

    #[test]
    fn an_answer_stands_until_text_of_another_attempt_comes() {
        let first =
            [start(), text("思考"), retracted(), text("一"), text("つ"), end(Outcome::Done)];
        let one = || ("一つ".to_owned(), true, vec![]);
        assert_eq!(stands(&[&first]), one());
        assert_eq!(stands(&[&first, &[start()]]), one(), "nothing has come");
        assert_eq!(stands(&[&first, &[start(), end(Outcome::Cancelled)]]), one());
        assert_eq!(stands(&[&first, &[end(refused())]]), one(), "it never left");
        let two = |is_whole| ("二".to_owned(), is_whole, vec![]);
        assert_eq!(stands(&[&first, &[start(), text("二")]]), two(false));
        assert_eq!(stands(&[&first, &[start(), text("二"), end(Outcome::Cancelled)]]), two(false));
        assert_eq!(stands(&[&first, &[start(), text("二"), end(Outcome::Done)]]), two(true));
        let thought = [start(), text("思"), retracted()];
        assert_eq!(stands(&[&first, &thought]), (String::new(), false, vec![]));
        assert_eq!(stands(&[]), (String::new(), false, vec![]));
    }

    #[test]
    fn marks_go_with_the_answer_that_they_are_on() {
        let first = [start(), text("一"), end(Outcome::Done)];
        let marks = [
            marked(2, Some(Mark::Keep)),
            marked(0, Some(Mark::Drop)),
            marked(2, None),
            marked(1, Some(Mark::Comment("なぜ".into()))),
        ];
        let marked = [&first[..], &marks].concat();
        assert_eq!(stands(&[&marked]).2, [0, 1]);
        assert_eq!(stands(&[&marked, &[start(), end(refused())]]).2, [0, 1]);
        assert!(stands(&[&marked, &[start(), text("二")]]).2.is_empty());
        assert!(stands(&[&marked, &[retracted()]]).2.is_empty());
    }
}
