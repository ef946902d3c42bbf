//! The lower bound: a program that only reads and parses the same streams and keeps the text.

use super::clock;
use super::proc;
use super::profile::LANE;
use super::record::Record;
use serde::Deserialize;
use std::borrow::Cow;

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow)]
    choices: Vec<Choice<'a>>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(borrow)]
    delta: Delta<'a>,
}

#[derive(Deserialize)]
struct Delta<'a> {
    #[serde(borrow)]
    content: Option<Cow<'a, str>>,
}

/// `reader URL LANES PIECE TEXT`: sends the requests and prints its [`Record`].
pub(crate) fn main(args: &[String]) {
    let [url, lanes, piece, text] = args else { panic!("reader URL LANES PIECE TEXT") };
    let (lanes, piece): (usize, usize) = (lanes.parse().unwrap(), piece.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let record = runtime.block_on(async {
        // reqwest requires a crypto provider, though nothing here is encrypted.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let (start, cpu) = (clock::now(), clock::own_cpu());
        let streams = (0..lanes).map(|lane| read(&http, url, text, lane, piece));
        let read = futures::future::join_all(streams).await;
        Record {
            ready: start,
            start,
            end: clock::now(),
            cpu: clock::own_cpu() - cpu,
            rss: proc::peak_memory("self"),
            handed: read.iter().map(|(text, _)| text.len() as u64).sum(),
            visible: read.into_iter().map(|(_, visible)| visible).collect(),
        }
    });
    println!("{}", serde_json::to_string(&record).unwrap());
}

/// Returns the text of an answer, and when each piece of it was complete.
async fn read(
    http: &reqwest::Client,
    url: &str,
    about: &str,
    lane: usize,
    piece: usize,
) -> (String, Vec<u64>) {
    let body = serde_json::json!({
        "model": "m", "stream": true, "messages": [{"role": "user", "content": format!("{about} Answer {LANE}{lane:03}.")}],
    });
    let request = http.post(format!("{url}/chat/completions")).json(&body);
    let mut response = request.send().await.unwrap();
    let (mut text, mut visible, mut held) = (String::new(), Vec::new(), Vec::new());
    if !response.status().is_success() {
        return (text, visible);
    }
    let blank_line = memchr::memmem::Finder::new("\n\n");
    while let Some(bytes) = response.chunk().await.unwrap() {
        held.extend_from_slice(&bytes);
        let mut taken = 0;
        while let Some(end) = blank_line.find(&held[taken..]) {
            let event = &held[taken..taken + end];
            taken += end + 2;
            let data = event.strip_prefix(b"data: ").unwrap();
            if data == b"[DONE]" {
                continue;
            }
            let event: Event<'_> = serde_json::from_slice(data).unwrap();
            let content = event.choices.into_iter().next().and_then(|c| c.delta.content);
            text.push_str(&content.unwrap_or_default());
            while visible.len() < text.len() / piece {
                visible.push(clock::now());
            }
        }
        held.drain(..taken);
    }
    (text, visible)
}
