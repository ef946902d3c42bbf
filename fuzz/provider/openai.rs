//! Reads a model's events as the program does.

#[path = "../../src/provider/openai/answer/mod.rs"]
mod answer;
#[path = "../../src/provider/openai/event.rs"]
mod event;
#[path = "../../src/provider/openai/object.rs"]
mod object;

use super::Chunk;
use super::transport::parse_unnamed_error;
use answer::{Answer, Coalescer};
use event::Event;

/// The result of an answer: its text, the number of reasoning characters, and its end or error.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Whole {
    pub text: String,
    pub thought: u64,
    pub end: Option<Result<Chunk, String>>,
    /// Number of events that could not be read.
    pub holes: usize,
}

/// Reads events, each as JSON.
pub fn read<'a>(events: impl IntoIterator<Item = &'a str>) -> Whole {
    let (mut answer, mut ready, mut whole) =
        (Answer::default(), Coalescer::default(), Whole::default());
    for json in events {
        let Ok(event) = Event::read(json) else {
            whole.holes += 1;
            continue;
        };
        if event.is_bare() && parse_unnamed_error(json).is_some() {
            whole.end = Some(Err("an error in an event".into()));
            break;
        }
        if !event.is_sound() {
            whole.holes += 1;
            continue;
        }
        let taken = answer.take(event, &mut ready);
        add(&mut ready, &mut whole);
        if let Err(api_error) = taken {
            whole.end = Some(Err(api_error.message));
            break;
        }
    }
    answer.flush(&mut ready);
    add(&mut ready, &mut whole);
    if whole.end.is_none() && answer.finished() {
        whole.end = Some(answer.end().map_err(str::to_owned));
    }
    whole
}

fn add(ready: &mut Coalescer, whole: &mut Whole) {
    while let Some(Ok(chunk)) = ready.pop() {
        match chunk {
            Chunk::Text(text) => whole.text += &text,
            Chunk::Thinking(text) => whole.thought += text.chars().count() as u64,
            Chunk::Retract(chars) => {
                whole.text.clear();
                whole.thought += u64::from(chars);
            }
            Chunk::Begun | Chunk::Note(_) | Chunk::Finish { .. } => {
                unreachable!("none is made of an event")
            }
        }
    }
}
