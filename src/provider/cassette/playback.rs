//! A provider that plays one recorded run at the pace of a model.

use super::line::{Cassette, Line};
use super::player::Player;
use crate::lang::Lang;
use crate::provider::{Chunk, Chunks, Provider, TimeoutExtension};
use crate::request::Prompt;
use futures::stream::{self, StreamExt};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// Number of characters per chunk.
const PIECE: usize = 4;
/// Time for a quarter of a token, at 80 tokens per second.
const QUARTER: Duration = Duration::from_micros(3125);
/// What a recording has in place of the model's name if that is not known.
const UNKNOWN: &str = "recorded";

/// Provider that plays a recorded run. The run's prompts must be those of the recording.
#[derive(Clone, Debug)]
pub struct Playback {
    cassette: Arc<Cassette>,
    player: Player,
    is_paced: bool,
}

impl Playback {
    /// Creates a provider that plays the answers of `cassette`: at the pace of a model if
    /// `is_paced`, otherwise all at once.
    pub fn new(cassette: Cassette, is_paced: bool) -> Self {
        let cassette = Arc::new(cassette);
        let player = Player::new(Arc::clone(&cassette), String::new(), None);
        Playback { cassette, player, is_paced }
    }

    /// Returns the name of the model that was recorded; empty if it is not known.
    pub fn recorded_model(&self) -> &str {
        Some(self.cassette.first_model()).filter(|name| *name != UNKNOWN).unwrap_or_default()
    }
}

impl Provider for Playback {
    fn label(&self, lang: Lang) -> String {
        lang.pick("記録した答え", "recorded answers").to_owned()
    }

    fn host(&self) -> Option<String> {
        None
    }

    fn sends(&self) -> bool {
        false
    }

    fn asks_model(&self) -> bool {
        false
    }

    fn model(&self, _: &Prompt) -> String {
        self.recorded_model().to_owned()
    }

    fn stream(&self, prompt: Prompt, extension: TimeoutExtension) -> Chunks {
        match self.cassette.find(&prompt, self.cassette.first_model()) {
            Ok(line) if self.is_paced => play(paced(line)),
            _ => self.player.stream(prompt, extension),
        }
    }
}

/// Returns a stream of chunks, each at its time after the first poll.
fn play(chunks: Vec<(Duration, Chunk)>) -> Chunks {
    let timed = async move {
        let start = Instant::now();
        stream::iter(chunks).then(move |(after, chunk)| async move {
            sleep_until(start + after).await;
            Ok(chunk)
        })
    };
    stream::once(timed).flatten().boxed()
}

/// Returns a recorded answer as chunks, each with the time at which it arrives.
fn paced(line: &Line) -> Vec<(Duration, Chunk)> {
    let mut at = first_token(&line.perspective);
    let chars: Vec<char> = line.answer.chars().collect();
    let mut chunks = Vec::new();
    for piece in chars.chunks(PIECE) {
        at += QUARTER * piece.iter().copied().map(quarters).sum::<u32>();
        chunks.push((at, Chunk::Text(piece.iter().collect())));
    }
    chunks.push((at, Chunk::Finish { reason: line.finish, usage: line.usage }));
    chunks
}

/// Returns how long the first token of a section takes. It is not the same for any two of the
/// default views, and the first section of the panel begins first.
fn first_token(perspective: &str) -> Duration {
    Duration::from_millis(match perspective {
        "depth" => 900,
        "structure" => 1150,
        "breadth" => 1400,
        "time" => 1750,
        _ => 1000,
    })
}

/// Estimates how many quarters of a token a character is: English has about four characters a
/// token, Japanese four for three tokens.
fn quarters(c: char) -> u32 {
    if c.is_ascii() { 1 } else { 3 }
}

#[cfg(test)]
mod tests {
    use super::super::line::tests::prompt;
    use super::*;
    use crate::event::FailureKind;
    use crate::provider::Finish;

    fn playback(answer: &str, model: &str, is_paced: bool) -> Playback {
        let line = Line::new(&prompt("a", "b"), model.into(), answer.into(), Finish::Length, None);
        let file = serde_json::to_string(&line).unwrap();
        Playback::new(Cassette::parse(&file).unwrap(), is_paced)
    }

    /// Plays the answer, and returns it with the time of each chunk in milliseconds.
    async fn played(playback: &Playback) -> (String, Vec<u128>) {
        let start = Instant::now();
        let mut chunks = playback.stream(prompt("a", "b"), TimeoutExtension::default());
        let (mut text, mut times) = (String::new(), Vec::new());
        while let Some(chunk) = chunks.next().await {
            times.push(start.elapsed().as_millis());
            match chunk.unwrap() {
                Chunk::Text(piece) => text += &piece,
                chunk => assert_eq!(chunk, Chunk::Finish { reason: Finish::Length, usage: None }),
            }
        }
        (text, times)
    }

    #[tokio::test(start_paused = true)]
    async fn eighty_tokens_a_second_follow_a_wait() {
        let english = "abcd".repeat(80);
        let (text, times) = played(&playback(&english, "m", true)).await;
        assert_eq!((text, times.len()), (english, 81));
        assert_eq!((times[0], times[39], times[79], times[80]), (913, 1400, 1900, 1900));
        let japanese = "解像度を上げる。".repeat(10);
        let (text, times) = played(&playback(&japanese, "m", true)).await;
        assert_eq!((text, times.last()), (japanese, Some(&1650)));
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_pace_nothing_waits() {
        let (text, times) = played(&playback("An answer.", "m", false)).await;
        assert_eq!((text.as_str(), times.as_slice()), ("An answer.", [0, 0].as_slice()));
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_not_recorded_fails_at_once() {
        let mut chunks =
            playback("x", "m", true).stream(prompt("a", "c"), TimeoutExtension::default());
        let Some(Err(error)) = chunks.next().await else { panic!("an error") };
        assert_eq!(error.kind, FailureKind::Configuration);
    }

    #[test]
    fn a_model_is_named_if_the_recording_names_it() {
        assert_eq!(playback("x", "gpt-9", true).recorded_model(), "gpt-9");
        assert_eq!(playback("x", UNKNOWN, true).recorded_model(), "");
        assert!(!playback("x", "gpt-9", true).asks_model());
    }
}
