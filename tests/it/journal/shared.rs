//! A home folder whose journal outlives the servers that use it.

use super::shelf::*;
use crate::support::client::Client;
use crate::support::kit::{self, capabilities, section_of};
use crate::support::program::Home;
use crate::support::upstream::*;
use kaizodo::event::{Event, RunId, Stamped};
use kaizodo::journal::Folder;
use serde_json::Value;
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// A home folder whose journal outlives the servers that use it, and the model that they ask.
pub(crate) struct Shared {
    pub(crate) home: Home,
    pub(crate) upstream: Upstream,
    /// When the runs get a focus: the value of `KAIZODO_FOCUS`.
    pub(crate) focus: &'static str,
}

impl Shared {
    /// Creates a home with a model that answers three sections. The third, `structure`, is only
    /// answered when it is asked again.
    pub(crate) async fn new() -> Self {
        let asked = AtomicUsize::new(0);
        let view = move |seen: &Seen| match section_of(seen) {
            2 if asked.fetch_add(1, Ordering::Relaxed) == 0 => kit::stuck("途中の言葉"),
            2 => answer(["終わりまで", "の言葉"]),
            _ => answer(["良い答え"]),
        };
        let upstream = Upstream::start(move |seen| match kit::is_follow_up(seen) {
            true => answer(["続きの答え"]),
            false => view(seen),
        })
        .await;
        Shared { home: Home::new(), upstream, focus: "off" }
    }

    /// Writes the user's settings file, for servers that start later.
    pub(crate) fn set(&self, settings: &str) {
        self.home.write(".config/kaizodo/config.toml", settings);
    }

    /// Returns a run whose server was killed and whose text is not in the journal.
    pub(crate) async fn killed_without_text(&self) -> kit::Run {
        self.set("journal.selection = false\n");
        let run = self.killed().await;
        assert!(!self.file(&run).contains("{\"asked\":"));
        run
    }

    /// Returns the contents of a run's journal file.
    pub(crate) fn file(&self, run: &kit::Run) -> String {
        fs::read_to_string(self.folder().file(&RunId(run.id.clone()))).unwrap()
    }

    pub(crate) fn folder(&self) -> Folder {
        of_home(self.home.path())
    }

    /// Starts a server in this home, without an open document.
    pub(crate) async fn bare(&self, lang: &str, can: Value) -> Client {
        let state = self.home.path().join(".local/state");
        let config = self.home.path().join(".config");
        let env = [
            ("XDG_STATE_HOME", state.to_str().unwrap()),
            ("XDG_CONFIG_HOME", config.to_str().unwrap()),
            ("LANG", lang),
            ("KAIZODO_FOCUS", self.focus),
        ];
        let mut client = kit::launch(&self.upstream, &env);
        client.initialize(can).await;
        client
    }

    pub(crate) async fn server(&self) -> Client {
        let client = self.bare("C", capabilities()).await;
        client.open(kit::MEMO, "markdown", kit::TEXT);
        client
    }

    /// Starts a server with a run that does not end by itself, and waits until all of it is saved.
    pub(crate) async fn begun(&self) -> (Client, kit::Run) {
        let mut client = self.server().await;
        let run = kit::run(&mut client).await;
        let folder = self.folder();
        while folder.load(&RunId(run.id.clone())).unwrap().is_none_or(|kept| {
            let is_end = |stamped: &&Stamped| matches!(stamped.event, Event::BranchEnded { .. });
            said(&kept.events, "structure").is_empty()
                || kept.events.iter().filter(is_end).count() < 3
        }) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        (client, run)
    }

    /// Returns a run whose server was killed.
    pub(crate) async fn killed(&self) -> kit::Run {
        let (mut client, run) = self.begun().await;
        client.kill();
        run
    }

    pub(crate) fn events(&self, run: &kit::Run) -> Vec<Stamped> {
        let kept = kept(&self.folder(), &RunId(run.id.clone()));
        assert_eq!(kept.problems, []);
        kept.events
    }
}
