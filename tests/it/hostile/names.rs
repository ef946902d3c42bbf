//! Names, notes and errors from outside change no heading and create no link.

use super::checks::inert::structure;
use super::checks::run::fold;
use kaizodo::event::{BranchId, Event, Failure, FailureKind, Outcome, RunId, SectionTitle, Source};
use kaizodo::lang::Lang;
use kaizodo::panel::summary;
use kaizodo::text::Range16;

#[derive(serde::Deserialize)]
struct Names {
    names: Vec<String>,
    around: Vec<String>,
}

pub(crate) fn all() -> Vec<String> {
    let Names { names, around } = serde_json::from_str(include_str!("data/names.json")).unwrap();
    let all = around.iter().flat_map(|a| names.iter().map(|n| a.replace("{}", n)));
    all.collect()
}

/// Returns a run in which everything that does not come from us is `name`.
fn run_called(name: &str) -> Vec<Event> {
    let id = |i: usize| BranchId(format!("b{i}").into());
    let uri = url::Url::from_file_path("/a").unwrap().join("/x/").unwrap();
    let encoded: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let failure = || Failure {
        kind: FailureKind::Server,
        message: name.into(),
        host: Some(name.into()),
        status: None,
        retry_after_ms: None,
    };
    let ended = |i, outcome, note: Option<&str>| Event::BranchEnded {
        branch: id(i),
        outcome,
        usage: None,
        cost: None,
        elapsed_ms: 0,
        note: note.map(str::to_owned),
    };
    let mut events = vec![Event::RunStarted {
        run: RunId(name.into()),
        at: jiff::Timestamp::UNIX_EPOCH,
        title: name.into(),
        source: Source { uri: format!("{uri}{encoded}"), range: Range16::default() },
        lang: Lang::En,
        provider: name.into(),
        without_model: false,
        sections: (0..5)
            .map(|i| SectionTitle { branch: id(i), title: name.into(), role: Default::default() })
            .collect(),
        notes: vec![name.into(), name.into()],
        origin: None,
        selection: None,
        context: Default::default(),
    }];
    events.extend((0..4).map(|i| Event::BranchStarted { branch: id(i), model: name.into() }));
    events.push(ended(0, Outcome::Failed(failure()), None));
    events.push(ended(1, Outcome::CutOff(failure()), None));
    events.push(ended(2, Outcome::Done, Some(name)));
    events.extend([None, Some(name.to_owned())].map(|model| {
        let (branch, failure) = (id(3), failure());
        Event::BranchRetrying { branch, attempt: 2, after_ms: 1, failure, model }
    }));
    events
}

#[test]
fn two_hundred_names_change_no_structure() {
    let plain = structure(&fold(&run_called("x")).text());
    assert_eq!(plain.iter().filter(|e| e.starts_with("Start(Heading")).count(), 6);
    let names = all();
    assert!(names.len() >= 200);
    for name in &names {
        let panel = fold(&run_called(name));
        assert_eq!(structure(&panel.text()), plain, "{name:?} in {}", panel.text());
        let is_live = |c: char| c.is_control() && c != '\n';
        assert_eq!(panel.text().find(is_live), None, "{name:?}");
        assert_eq!(summary(&panel).0.find(char::is_control), None, "{name:?}");
    }
}
