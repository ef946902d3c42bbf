//! The synthetic model: a separate single-threaded process that does nothing but write. A line of
//! JSON on its stdin sets a profile for each perspective. On the line `log`, it prints its log.

mod serve;

use super::profile::Profile;
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader, Write, stdin};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};

/// A request as seen by the upstream. Times are in nanoseconds of [`super::clock`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Served {
    pub(crate) lane: usize,
    /// When the request had arrived completely.
    pub(crate) arrived: u64,
    /// The time just before each piece was written.
    pub(crate) sent: Vec<u64>,
}

#[derive(Default)]
struct UpstreamState {
    lanes: Vec<Profile>,
    log: Vec<Served>,
}

type Shared = Arc<Mutex<UpstreamState>>;

/// Runs the upstream until its input is closed.
pub(crate) fn main() {
    let shared = Shared::default();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    println!("{}", listener.local_addr().unwrap().port());
    let serving = Arc::clone(&shared);
    std::thread::spawn(move || serve::serve(listener, serving));
    for line in stdin().lock().lines() {
        let line = line.unwrap();
        let mut state = shared.lock().unwrap();
        if line == "log" {
            println!("{}", serde_json::to_string(&state.log).unwrap());
        } else {
            *state = UpstreamState { lanes: serde_json::from_str(&line).unwrap(), log: vec![] };
            println!("ready");
        }
    }
}

/// A running upstream process.
pub(crate) struct Upstream {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    pub(crate) port: u16,
}

impl Upstream {
    pub(crate) fn start() -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .arg("upstream")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut upstream = Self { child, input, output, port: 0 };
        upstream.port = upstream.line().parse().unwrap();
        upstream
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }

    /// Sets the profiles of later answers and clears the log.
    pub(crate) fn play(&mut self, lanes: &[Profile]) {
        self.say(&serde_json::to_string(lanes).unwrap());
        assert_eq!(self.line(), "ready");
    }

    /// Returns the requests since the last call of [`Upstream::play`], ordered by lane.
    pub(crate) fn log(&mut self) -> Vec<Served> {
        self.say("log");
        let mut log: Vec<Served> = serde_json::from_str(&self.line()).unwrap();
        log.sort_by_key(|served| served.lane);
        log
    }

    fn say(&mut self, line: &str) {
        writeln!(self.input, "{line}").unwrap();
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
