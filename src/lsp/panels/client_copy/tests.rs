//! Tests with a simulated client that delays, reorders and drops messages as a client may. Whenever
//! its text can be read, it must be one that the panel has had, and in the end the panel's own.

use super::*;
use crate::event::{BranchId, Event, Outcome, RunId, SectionTitle, Source};
use crate::lang::Lang;
use crate::text::{Position, Range16, to_bytes};
use std::collections::HashSet;

const SCHEDULES: u64 = 10_000;
const BRANCHES: [&str; 2] = ["a", "b"];

/// Pseudorandom small numbers (xorshift64*).
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % n
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

/// How a client behaves.
#[derive(Clone, Copy, Debug, Default)]
struct Habits {
    /// It never reports what it has opened.
    mute: bool,
    /// It reports what it has opened, but not later changes.
    no_changes: bool,
    /// It never answers an edit that it has applied.
    no_answers: bool,
    /// It rejects every edit.
    refuses: bool,
    /// It sometimes closes its copy, and opens it again.
    closes: bool,
    /// It shows a pulled text a little later, by applying the difference between that text and the
    /// one that it had when the text arrived, as VS Code does.
    by_difference: bool,
    /// It answers an edit before it reports the change.
    answers_first: bool,
    /// It handles messages in another order than they arrived in.
    reorders: bool,
    /// It sometimes asks for the text, and shows nothing of it.
    looks: bool,
}

/// From the server to the client.
#[derive(Clone, Debug)]
enum Down {
    Text(String),
    Edit { edits: Vec<Edit>, version: i32, number: u64 },
    Refresh,
}

/// From the client to the server.
#[derive(Clone, Debug)]
enum Up {
    Pull,
    Look,
    Open(i32, String),
    Change(i32, String),
    Answer(u64, bool),
    Close,
}

/// What the client has begun but not finished.
#[derive(Debug)]
enum Begun {
    Show(String),
    /// The difference: the number of bytes kept at the start and at the end of the text that the
    /// client had, and the new text between them.
    Difference(usize, usize, String),
    /// An edit of the document that was open when the edit arrived. An editor that has closed that
    /// document since does not apply the edit to the next one.
    Edit {
        edits: Vec<Edit>,
        version: i32,
        number: u64,
        opening: Option<u32>,
    },
}

struct World {
    chance: Chance,
    habits: Habits,
    now: Instant,
    panel: Panel,
    /// Every text that the panel has had.
    had: HashSet<String>,
    copy: Option<ClientCopy>,
    due: bool,
    tells: bool,
    down: VecDeque<Down>,
    up: VecDeque<Up>,
    begun: Vec<Begun>,
    /// The client's text and its version.
    shown: Option<(i32, String)>,
    pulling: bool,
    openings: u32,
    edits: u32,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let mut habits = Habits::default();
        match chance.below(9) {
            0 => habits.mute = true,
            1 => habits.no_changes = true,
            2 => habits.no_answers = true,
            3 => habits.refuses = true,
            _ => {}
        }
        habits.closes = chance.one_in(4);
        habits.by_difference = chance.one_in(2);
        habits.answers_first = chance.one_in(3);
        habits.reorders = chance.one_in(2);
        // If a client does not report its changes, the server cannot know what it shows after such
        // a request.
        habits.looks = !habits.mute && !habits.no_changes && chance.one_in(3);
        let mut panel = Panel::new("t", Lang::En);
        panel.apply(&started());
        let mut world = World {
            chance,
            habits,
            now: Instant::now(),
            panel,
            had: HashSet::new(),
            copy: None,
            due: true,
            tells: false,
            down: VecDeque::new(),
            up: VecDeque::from([Up::Pull]),
            begun: Vec::new(),
            shown: None,
            pulling: true,
            openings: 0,
            edits: 0,
        };
        world.keep();
        world
    }

    fn keep(&mut self) {
        self.had.insert(self.panel.text());
        self.due = true;
    }

    /// The panel grows, or a section of it starts again or ends.
    fn grow(&mut self) {
        let branch = BranchId(BRANCHES[self.chance.below(2) as usize].into());
        let event = match self.chance.below(12) {
            0 => Event::BranchStarted { branch, model: "m".into() },
            1 => ended(branch),
            n => {
                let text = ["x", "解像", "😀\n", "- ", "\n## y\n", "```\n", "a b"][n as usize % 7];
                Event::Delta { branch, text: text.into() }
            }
        };
        self.panel.apply(&event);
        self.keep();
    }

    /// The server takes the steps that are due.
    fn act(&mut self) {
        let Some(copy) = &mut self.copy else { return };
        loop {
            match copy.next(&self.panel, Encoding::Utf16, self.now, self.due, self.tells) {
                Step::Edit { edits, version, number } => {
                    self.due = false;
                    self.edits += 1;
                    self.down.push_back(Down::Edit { edits, version, number });
                }
                Step::Refresh => self.down.push_back(Down::Refresh),
                Step::Current => {
                    self.due = false;
                    return;
                }
                Step::Wait(_) => return,
            }
        }
    }

    /// The server handles the client's next message.
    fn hear(&mut self) {
        let Some(word) = self.up.pop_front() else { return };
        let now = self.now;
        let copy = self.copy.get_or_insert_with(|| ClientCopy::unknown(now));
        match word {
            Up::Pull => {
                copy.pulled(View::new(&self.panel), now);
                self.down.push_back(Down::Text(self.panel.text()));
            }
            Up::Look => copy.pulled(View::new(&self.panel), now),
            Up::Open(version, text) => {
                self.tells = true;
                copy.opened(Document::open("u", "markdown", version, &text), now);
            }
            Up::Change(version, text) => {
                self.tells = true;
                copy.changed(version, &[Change { range: None, text }], Encoding::Utf16, now);
            }
            Up::Answer(number, applied) => copy.answered(number, applied, now),
            Up::Close => {
                if !copy.closed() {
                    self.copy = None;
                }
            }
        }
        self.act();
    }

    /// The client receives the server's next message.
    fn take(&mut self) {
        match self.down.pop_front() {
            Some(Down::Text(text)) => self.begun.push(Begun::Show(text)),
            Some(Down::Edit { edits, version, number }) => {
                let opening = self.shown.as_ref().map(|_| self.openings);
                self.begun.push(Begun::Edit { edits, version, number, opening });
            }
            Some(Down::Refresh) if self.shown.is_some() || self.pulling => {
                self.pulling = true;
                self.up.push_back(Up::Pull);
            }
            Some(Down::Refresh) | None => {}
        }
    }

    /// The client finishes something that it has begun.
    fn go_on(&mut self) {
        if self.begun.is_empty() {
            return;
        }
        let at = if self.habits.reorders { self.chance.below(self.begun.len() as u64) } else { 0 };
        let is_text = |begun: &Begun| !matches!(begun, Begun::Edit { .. });
        let mut at = at as usize;
        if is_text(&self.begun[at]) {
            // Whole texts keep their order.
            at = self.begun.iter().position(is_text).unwrap_or(at);
        }
        match self.begun.remove(at) {
            Begun::Show(text) => {
                self.pulling = false;
                match &self.shown {
                    Some((_, shown)) if self.habits.by_difference => {
                        let (start, end) = common(shown, &text);
                        let new = text[start..text.len() - end].to_owned();
                        if *shown != text {
                            // A later text replaces one that is still being applied.
                            self.begun.retain(|b| !matches!(b, Begun::Difference(..)));
                            self.begun.push(Begun::Difference(start, end, new));
                        }
                    }
                    _ => self.show(text),
                }
            }
            Begun::Difference(start, end, new) => {
                if let Some((_, shown)) = &self.shown {
                    let (head, tail) = (&shown.get(..start), shown.len().checked_sub(end));
                    let tail = tail.and_then(|at| shown.get(at..));
                    let text = [head.unwrap_or("?"), &new, tail.unwrap_or("?")].concat();
                    self.show(text);
                }
            }
            Begun::Edit { edits, version, number, opening } => {
                let is_same = opening == Some(self.openings);
                self.edit(&edits, if is_same { version } else { -1 }, number);
            }
        }
    }

    fn edit(&mut self, edits: &[Edit], version: i32, number: u64) {
        let fits = self.shown.as_ref().is_some_and(|(shown, _)| *shown == version);
        let applied = fits && !self.habits.refuses;
        let answers = !(applied && self.habits.no_answers);
        let answer = answers.then_some(Up::Answer(number, applied));
        if self.habits.answers_first {
            self.up.extend(answer.clone());
        }
        if let Some((_, shown)) = self.shown.as_ref().filter(|_| applied) {
            let rope = Rope::from_str(shown);
            let mut text = shown.clone();
            for Edit { range, text: new } in edits.iter().rev() {
                let place = to_bytes(&rope, *range, Encoding::Utf16);
                assert!(place.is_exact(), "{range:?} is no place of {shown:?}");
                text.replace_range(place.bytes(), new);
            }
            self.show(text);
        }
        if !self.habits.answers_first {
            self.up.extend(answer);
        }
    }

    /// Replaces the client's text.
    fn show(&mut self, text: String) {
        assert!(self.had.contains(&text), "the panel never was:\n{text}\n{:?}", self.habits);
        let Habits { mute, no_changes, .. } = self.habits;
        match &mut self.shown {
            Some((_, shown)) if *shown == text => {}
            Some((version, shown)) => {
                (*version, *shown) = (*version + 1, text.clone());
                if !mute && !no_changes {
                    self.up.push_back(Up::Change(*version, text));
                }
            }
            None => {
                self.shown = Some((1, text.clone()));
                if !mute {
                    self.up.push_back(Up::Open(1, text));
                }
            }
        }
    }

    /// The client closes its copy, or opens it again.
    fn close_or_open(&mut self) {
        if self.shown.take().is_some() {
            self.openings += 1;
            self.begun.retain(|begun| matches!(begun, Begun::Edit { .. }));
            if !self.habits.mute {
                self.up.push_back(Up::Close);
            }
        } else if !self.pulling {
            self.pulling = true;
            self.up.push_back(Up::Pull);
        }
    }

    /// All messages arrive, and time passes until nothing more happens.
    fn come_to_rest(&mut self) {
        for branch in BRANCHES {
            self.panel.apply(&ended(BranchId(branch.into())));
        }
        self.keep();
        if self.shown.is_none() && !self.pulling {
            self.close_or_open();
        }
        for _ in 0..400 {
            while !(self.up.is_empty() && self.down.is_empty() && self.begun.is_empty()) {
                self.take();
                self.go_on();
                self.hear();
            }
            self.now += Duration::from_secs(3);
            self.act();
        }
    }
}

fn started() -> Event {
    let title = |b: &&str| SectionTitle {
        branch: BranchId((*b).into()),
        title: (*b).into(),
        role: Default::default(),
    };
    Event::RunStarted {
        run: RunId("r".into()),
        at: jiff::Timestamp::UNIX_EPOCH,
        title: "t".into(),
        source: Source { uri: "file:///a.md".into(), range: Range16::default() },
        lang: Lang::En,
        provider: "p".into(),
        without_model: false,
        sections: BRANCHES.iter().map(title).collect(),
        notes: vec![],
        origin: None,
        selection: None,
        context: Default::default(),
    }
}

fn ended(branch: BranchId) -> Event {
    Event::BranchEnded {
        branch,
        outcome: Outcome::Done,
        usage: None,
        cost: None,
        elapsed_ms: 1,
        note: None,
    }
}

/// Returns the number of bytes that two texts share at their starts, and at their ends.
fn common(a: &str, b: &str) -> (usize, usize) {
    let same = |(x, y): &(char, char)| x == y;
    let start: usize = a.chars().zip(b.chars()).take_while(same).map(|(c, _)| c.len_utf8()).sum();
    let (a, b) = (&a[start..], &b[start..]);
    let ends = a.chars().rev().zip(b.chars().rev());
    (start, ends.take_while(same).map(|(c, _)| c.len_utf8()).sum())
}

#[test]
fn whatever_a_client_delays_or_drops_its_text_is_the_panel_s() {
    let mut edits = 0;
    for seed in 1..=SCHEDULES {
        let mut world = World::new(seed);
        for _ in 0..60 {
            match world.chance.below(12) {
                0 | 1 => world.grow(),
                2..=4 => world.hear(),
                5..=7 => world.take(),
                8 | 9 => world.go_on(),
                10 => {
                    let slow = if world.chance.one_in(4) { 1500 } else { 60 };
                    world.now += Duration::from_millis(world.chance.below(slow));
                    world.act();
                }
                _ if world.habits.looks && world.chance.one_in(3) => world.up.push_back(Up::Look),
                _ if world.habits.closes && world.chance.one_in(3) => world.close_or_open(),
                _ => world.act(),
            }
        }
        world.come_to_rest();
        let shown = world.shown.as_ref().map(|(_, text)| text.as_str());
        assert_eq!(shown, Some(&*world.panel.text()), "{seed}: {:?}", world.habits);
        edits += u64::from(world.edits);
    }
    assert!(edits > SCHEDULES * 2, "{edits}: clients that tell are served by edits");
}

/// Creates the record of a client that has pulled and opened the whole panel.
fn open(panel: &Panel, now: Instant) -> ClientCopy {
    let mut copy = ClientCopy::unknown(now);
    copy.pulled(View::new(panel), now);
    copy.opened(Document::open("u", "markdown", 1, &panel.text()), now);
    copy
}

fn text(text: &str) -> Event {
    Event::Delta { branch: BranchId("a".into()), text: text.into() }
}

#[test]
fn a_text_is_edited_as_soon_as_the_client_has_it_and_never_before() {
    let (now, mut panel) = (Instant::now(), Panel::new("t", Lang::En));
    panel.apply(&started());
    let mut copy = ClientCopy::unknown(now);
    copy.pulled(View::new(&panel), now);
    let given = panel.text();
    panel.apply(&text("x"));
    let at = |ms| now + Duration::from_millis(ms);
    let next = |copy: &mut ClientCopy, ms| copy.next(&panel, Encoding::Utf16, at(ms), true, false);
    assert!(matches!(next(&mut copy, 1_900), Step::Wait(Some(_))), "it may be slow");
    copy.opened(Document::open("u", "markdown", 7, &given), at(1_950));
    assert!(matches!(next(&mut copy, 1_950), Step::Edit { version: 7, number: 1, .. }));
    assert!(matches!(next(&mut copy, 1_960), Step::Wait(Some(_))), "one at a time");
    copy.answered(1, true, at(1_970));
    assert!(matches!(next(&mut copy, 1_970), Step::Wait(Some(_))), "the client has not said so");
    copy.changed(8, &[Change { range: None, text: panel.text() }], Encoding::Utf16, at(1_980));
    assert!(matches!(next(&mut copy, 1_980), Step::Current));
}

#[test]
fn another_text_than_was_given_is_pulled_again_and_not_edited() {
    let (now, mut panel) = (Instant::now(), Panel::new("t", Lang::En));
    panel.apply(&started());
    let mut copy = open(&panel, now);
    let typed = Change {
        range: Some(crate::text::Range { start: Position::default(), end: Position::default() }),
        text: "typed".into(),
    };
    copy.changed(2, &[typed], Encoding::Utf16, now);
    panel.apply(&text("x"));
    let next = copy.next(&panel, Encoding::Utf16, now, true, true);
    assert!(matches!(next, Step::Refresh), "{next:?}");
}
