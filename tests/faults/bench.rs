//! Serves a fault to an editor and to a command line, and checks what both users are told.

use crate::support::artifacts::{self, CANARY};
use crate::support::client::Client;
use crate::support::kit::{JA, capabilities, fold, run, section};
use crate::support::kit::{MEMO, TEXT, section_of};
use crate::support::upstream::{Reply, Seen, TIMEOUT, Upstream, answer};
use kaizodo::event::{Event, Outcome, Stamped};
use std::process::Stdio;
use std::sync::Arc;
use tokio::process::Command;

/// Index of the section with the fault. The other sections are answered well.
pub(crate) const FAULTY: usize = 1;
/// The text of the other sections.
pub(crate) const GOOD: &str = "良い答え";
/// Placeholder for the upstream's host in expected sentences.
const HOST: &str = "HOST";

/// Settings that make it possible to try many faults in a short time.
const QUICK: &str = "[retries]\nbackoff_ms = 20\n";

/// A fault, and what is expected of it.
pub(crate) struct Fault {
    name: &'static str,
    place: FaultSite,
    settings: String,
    env: Vec<(String, String)>,
    kept: String,
    /// Whether more text of the same kind may follow.
    goes_on: bool,
    /// Whether text is withdrawn. A terminal cannot take text back, so it may show more.
    withdraws: bool,
    outcome: &'static str,
    kind: &'static str,
    sentences: Option<(String, String)>,
    /// Whether details from the transport may follow the sentences.
    goes_into_detail: bool,
    requests: usize,
}

/// Where the fault is.
enum FaultSite {
    /// In these replies to the second section, one per request. The last reply is repeated for all
    /// further requests.
    Replies(Vec<Reply>),
    /// At this base URL, for all sections.
    Url(String),
}

/// The result of a run for the faulty section.
#[derive(Debug)]
pub(crate) struct Told {
    /// The text of the section's events.
    pub(crate) text: String,
    /// The outcome of the section.
    pub(crate) outcome: Outcome,
    /// Every event of the run.
    pub(crate) events: Vec<Stamped>,
    /// The section in the panel.
    pub(crate) section: String,
    /// The requests that were sent for the section.
    pub(crate) requests: Vec<Seen>,
}

impl Fault {
    /// Creates a fault that is in the reply to every request.
    pub(crate) fn new(name: &'static str, reply: Reply) -> Self {
        Self::in_turn(name, [reply])
    }

    /// Creates a fault that is in these replies, one after the other.
    pub(crate) fn in_turn(name: &'static str, replies: impl IntoIterator<Item = Reply>) -> Self {
        Self::at(name, FaultSite::Replies(replies.into_iter().collect()))
    }

    /// Creates a fault at a base URL.
    pub(crate) fn at_url(name: &'static str, url: String) -> Self {
        Self::at(name, FaultSite::Url(url))
    }

    fn at(name: &'static str, place: FaultSite) -> Self {
        Self {
            name,
            place,
            settings: QUICK.to_owned(),
            env: vec![],
            kept: String::new(),
            goes_on: false,
            withdraws: false,
            outcome: "failed",
            kind: "",
            sentences: None,
            goes_into_detail: false,
            requests: 1,
        }
    }

    /// Sets the user's settings.
    pub(crate) fn settings(mut self, lines: &str) -> Self {
        self.settings = lines.to_owned();
        if !lines.contains("[retries]") {
            self.settings += QUICK;
        }
        self
    }

    /// Adds an environment variable.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Expects this text, which has arrived and is kept.
    pub(crate) fn keeps(mut self, text: impl Into<String>) -> Self {
        self.kept = text.into();
        self
    }

    /// Expects text that begins like this, which has arrived and is kept.
    pub(crate) fn keeps_at_least(mut self, text: impl Into<String>) -> Self {
        (self.kept, self.goes_on) = (text.into(), true);
        self
    }

    /// Allows for text that is shown before it is withdrawn.
    pub(crate) fn withdraws(mut self) -> Self {
        self.withdraws = true;
        self
    }

    /// Expects this end of the section.
    pub(crate) fn ends(mut self, outcome: &'static str, kind: &'static str) -> Self {
        (self.outcome, self.kind) = (outcome, kind);
        self
    }

    /// Expects these messages in Japanese and in English.
    pub(crate) fn says(mut self, ja: impl Into<String>, en: impl Into<String>) -> Self {
        self.sentences = Some((ja.into(), en.into()));
        self
    }

    /// Expects messages that begin like this and end with variable details from the transport.
    pub(crate) fn says_and_more(mut self, ja: &str, en: &str) -> Self {
        self.goes_into_detail = true;
        self.says(ja, en)
    }

    /// Expects this number of requests.
    pub(crate) fn requests(mut self, count: usize) -> Self {
        self.requests = count;
        self
    }

    /// Runs the fault in an editor and on the command line, compares, and returns what the editor
    /// was told.
    pub(crate) async fn check(self) -> Told {
        let (upstream, url) = match &self.place {
            FaultSite::Replies(replies) => {
                let upstream = one_broken(replies.clone()).await;
                let url = upstream.url();
                (Some(upstream), url)
            }
            FaultSite::Url(url) => (None, url.clone()),
        };
        let told = in_editor(&url, &self.settings, &self.env, upstream.as_ref()).await;
        let asked_before = upstream.as_ref().map_or(0, |upstream| upstream.seen().len());
        self.compare(&told, &url);
        if upstream.is_some() {
            assert_eq!(told.requests.len(), self.requests, "{}: requests", self.name);
            let others = asked_before - told.requests.len();
            assert_eq!(others, 3, "{}: requests of the others", self.name);
        }

        let said = on_command_line(&url, &self.settings, &self.env).await;
        let complete = self.outcome == "done";
        assert_eq!(said.code, Some(i32::from(!complete)), "{}: {said:?}", self.name);
        let section = section(&said.out, "Breadth");
        if self.withdraws {
            assert!(section.contains(&format!("\n{}\n\n`m` · ", self.kept)), "{section}");
        } else {
            self.compare_section(section, "## Breadth", &url, |(_, en)| en);
        }
        // Where nobody can be asked, the others are incomplete, too.
        let is_hint = |line: &str| {
            line.starts_with("kaizodo: ")
                && line.contains("Breadth")
                && line.contains(" incomplete. `kaizodo retry` asks for ")
        };
        let lines: Vec<_> = said.err.lines().collect();
        assert_eq!(lines.len(), usize::from(!complete), "{}: {said:?}", self.name);
        assert!(lines.iter().all(|line| is_hint(line)), "{}: {said:?}", self.name);
        if let Some(upstream) = upstream {
            let asked = upstream.seen().len() - asked_before;
            assert_eq!(
                asked,
                self.requests + 3,
                "{}: requests of the command line: {said:?}",
                self.name
            );
            assert_eq!(said.out.matches(GOOD).count(), 3 + usize::from(self.kept == GOOD));
        }
        told
    }

    fn compare(&self, told: &Told, url: &str) {
        let json = serde_json::to_value(&told.outcome).unwrap();
        let got = (json["outcome"].as_str().unwrap(), json["failure"]["kind"].as_str());
        let failure = told.outcome.failure();
        assert_eq!(
            got,
            (self.outcome, Some(self.kind).filter(|k| !k.is_empty())),
            "{}: {json}",
            self.name
        );
        let kept =
            if self.goes_on { told.text.starts_with(&self.kept) } else { told.text == self.kept };
        assert!(kept, "{}: {json}: {:?}", self.name, told.text);
        if let (Some((ja, _)), Some(failure)) = (&self.sentences, failure) {
            let (said, expected) = (&failure.message, with_host(ja, url));
            let is_said = *said == expected || self.goes_into_detail && said.starts_with(&expected);
            assert!(is_said, "{}: {said}\nis not\n{expected}", self.name);
        }
        self.compare_section(&told.section, "## 広さ", url, |(ja, _)| ja);
    }

    fn compare_section(
        &self,
        section: &str,
        heading: &str,
        url: &str,
        pick: impl Fn(&(String, String)) -> &String,
    ) {
        let mark = match self.outcome {
            "done" => "`m` · ",
            "failed" => "✗ ",
            _ => "⚠ ",
        };
        let gap = if self.kept.is_empty() { "" } else { "\n\n" };
        let sentence = self.sentences.as_ref().map(|both| with_host(pick(both), url));
        let (start, end) = (format!("{heading}\n\n{}", self.kept), sentence.unwrap_or_default());
        let shown = match self.goes_on {
            false => section.starts_with(&format!("{start}{gap}{mark}{end}")),
            true => section.starts_with(&start) && section.contains(&format!("{gap}{mark}{end}")),
        };
        assert!(shown, "{}: {section}\nis not\n{start}{gap}{mark}{end}", self.name);
    }
}

fn with_host(sentence: &str, url: &str) -> String {
    let url = url.split_once("://").map_or(url, |(_, rest)| rest);
    sentence.replace(HOST, url.split('/').next().unwrap_or_default())
}

/// Starts an upstream that answers well, except for the second section.
pub(crate) async fn one_broken(replies: Vec<Reply>) -> Upstream {
    let counts: Arc<[std::sync::atomic::AtomicUsize; 2]> = Arc::default();
    Upstream::start(move |seen| {
        if section_of(seen) != FAULTY {
            return answer([GOOD]);
        }
        let english = usize::from(seen.body_text().contains("Your side of the text: "));
        let at = counts[english].fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        replies[at.min(replies.len() - 1)].clone()
    })
    .await
}

/// Starts a server in a home folder with these settings, with the memo open.
pub(crate) async fn editor(url: &str, settings: &str, env: &[(String, String)]) -> Client {
    let mut all = vec![("OPENAI_BASE_URL", url), ("KAIZODO_MODEL", "m")];
    all.extend(env.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let mut client = Client::start_at_home(&["lsp"], &all, |home| {
        let folder = home.join("config/kaizodo");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.toml"), settings).unwrap();
    });
    client.initialize(capabilities()).await;
    assert!(client.unread_of("window/showMessage").is_empty(), "{:?}", client.unread());
    client.open(MEMO, "markdown", TEXT);
    client
}

/// Makes one run in an editor.
pub(crate) async fn in_editor(
    url: &str,
    settings: &str,
    env: &[(String, String)],
    upstream: Option<&Upstream>,
) -> Told {
    let mut client = editor(url, settings, env).await;
    let run = run(&mut client).await;
    client.open_virtual(&run.uri).await;
    let events = run.ended(&mut client, 1).await;
    let folded = fold(&events);
    // The editor's copy, which was built from edits, equals the panel that the events produce.
    let text = client.wait_document(&run.uri, |text| text == folded).await;
    assert!(client.unread_of("window/showMessage").is_empty(), "{:?}", client.unread());
    let requests = upstream.map(Upstream::seen).unwrap_or_default();
    let requests = requests.into_iter().filter(|seen| section_of(seen) == FAULTY).collect();
    if upstream.is_some() {
        for (at, title) in JA.iter().enumerate().filter(|(at, _)| *at != FAULTY) {
            let expected = format!("## {title}\n\n{GOOD}\n\n`m` · 10");
            assert!(section(&text, title).starts_with(&expected), "section {at}: {text}");
        }
    }
    assert_eq!(client.shut_down().await, Some(0));
    Told { requests, section: section(&text, JA[FAULTY]).to_owned(), ..told(events) }
}

/// Returns the faulty section's part of the events.
fn told(events: Vec<Stamped>) -> Told {
    let (mut text, mut outcome) = (String::new(), None);
    for stamped in &events {
        match &stamped.event {
            Event::Delta { branch, text: piece } if &*branch.0 == "breadth" => text += piece,
            Event::Retracted { branch, .. } if &*branch.0 == "breadth" => text.clear(),
            Event::BranchEnded { branch, outcome: end, .. } if &*branch.0 == "breadth" => {
                assert_eq!(outcome.replace(end.clone()), None, "one end");
            }
            _ => {}
        }
    }
    let (section, requests) = (String::new(), vec![]);
    Told { text, outcome: outcome.unwrap(), events, section, requests }
}

/// How the program ended and what it printed.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Makes one run on the command line.
pub(crate) async fn on_command_line(url: &str, settings: &str, env: &[(String, String)]) -> Said {
    command_line(&[], url, settings, env).await
}

/// Like [`on_command_line`], with further arguments.
pub(crate) async fn command_line(
    args: &[&str],
    url: &str,
    settings: &str,
    env: &[(String, String)],
) -> Said {
    let home = artifacts::home();
    artifacts::key_given(home.path());
    let folder = home.path().join(".config/kaizodo");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), settings).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_kaizodo"));
    command.args(["run", "--text", "Meetings run long."]).args(args).current_dir(home.path());
    command
        .env_clear()
        .env("KAIZODO_FOCUS", "off")
        .env("HOME", home.path())
        .env("LANG", "en_US.UTF-8");
    command.env("OPENAI_BASE_URL", url).env("KAIZODO_MODEL", "m").env("OPENAI_API_KEY", CANARY);
    command.envs(env.iter().cloned()).stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(3 * TIMEOUT, command.output()).await;
    let output = output.expect("the program ends").unwrap();
    artifacts::Keeper::beside(home.path(), "stdout").keep(&output.stdout);
    artifacts::Keeper::beside(home.path(), "stderr").keep(&output.stderr);
    Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}
