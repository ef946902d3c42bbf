//! A provider that forwards prompts without a recorded answer to another provider, and records the
//! complete answers.

use super::line::{Cassette, Line};
use super::player::pieces;
use crate::lang::Lang;
use crate::provider::{Chunk, Chunks, Finish, Preparation, Provider, ServerKind, TimeoutExtension};
use crate::request::{Prompt, Sent};
use futures::future::BoxFuture;
use futures::stream::{self, StreamExt};
use parking_lot::Mutex;
use std::io::{self, Write};
use std::sync::Arc;

/// The output that answers are recorded to, and the first write error.
pub struct Recording(Mutex<RecordingState>);

struct RecordingState {
    to: Box<dyn Write + Send>,
    trouble: Option<io::Error>,
}

impl Recording {
    /// Creates a recording that writes to `to`.
    pub fn new(to: Box<dyn Write + Send>) -> Self {
        Recording(Mutex::new(RecordingState { to, trouble: None }))
    }

    /// Takes the first write error out of the recording, if there was one.
    pub fn take_trouble(&self) -> Option<io::Error> {
        self.0.lock().trouble.take()
    }

    fn write(&self, line: &Line) {
        let mut state = self.0.lock();
        let written = serde_json::to_string(line).map_err(io::Error::from).and_then(|text| {
            state.to.write_all((text + "\n").as_bytes())?;
            state.to.flush()
        });
        if let Err(error) = written {
            state.trouble.get_or_insert(error);
        }
    }
}

/// Provider that records the answers of another provider.
pub struct Recorder {
    inner: Arc<dyn Provider>,
    recording: Arc<Recording>,
    /// Earlier recordings.
    known: Arc<Cassette>,
}

impl Recorder {
    /// Creates a recorder that writes the complete answers of `inner` to `recording`. Complete
    /// answers in `known` are replayed, and not requested again.
    pub fn new(inner: Arc<dyn Provider>, recording: Arc<Recording>, known: Arc<Cassette>) -> Self {
        Recorder { inner, recording, known }
    }
}

impl Provider for Recorder {
    fn label(&self, lang: Lang) -> String {
        self.inner.label(lang)
    }

    fn host(&self) -> Option<String> {
        self.inner.host()
    }

    fn sends(&self) -> bool {
        self.inner.sends()
    }

    fn asks_model(&self) -> bool {
        self.inner.asks_model()
    }

    fn model(&self, prompt: &Prompt) -> String {
        self.inner.model(prompt)
    }

    fn note(&self, lang: Lang) -> Option<String> {
        self.inner.note(lang)
    }

    fn preparation(&self, lang: Lang) -> Option<Preparation> {
        self.inner.preparation(lang)
    }

    fn runs_at(&self, prompt: &Prompt) -> Option<String> {
        self.inner.runs_at(prompt)
    }

    fn kind(&self) -> ServerKind {
        self.inner.kind()
    }

    fn stream(&self, prompt: Prompt, extension: TimeoutExtension) -> Chunks {
        let (recording, model) = (Arc::clone(&self.recording), self.inner.model(&prompt));
        // A file that was edited or comes from an earlier version may have incomplete answers.
        let known = self.known.find(&prompt, &model).ok();
        if let Some(line) = known.filter(|line| line.finish == Finish::Stop) {
            return stream::iter(pieces(line)).boxed();
        }
        let mut answer = String::new();
        let chunks = self.inner.stream(prompt.clone(), extension);
        let watched = chunks.inspect(move |chunk| match chunk {
            Ok(Chunk::Text(text)) => answer.push_str(text),
            Ok(Chunk::Retract(_)) => answer.clear(),
            // An answer without text, or one that was cut off, is a failure: it is not recorded, and
            // is requested again next time.
            Ok(Chunk::Finish { reason: Finish::Stop, usage, .. }) if !answer.trim().is_empty() => {
                let (model, answer) = (model.clone(), std::mem::take(&mut answer));
                recording.write(&Line::new(&prompt, model, answer, Finish::Stop, *usage));
            }
            Ok(Chunk::Begun | Chunk::Thinking(_) | Chunk::Note(_) | Chunk::Finish { .. })
            | Err(_) => {}
        });
        watched.boxed()
    }

    fn preview(&self, prompt: Prompt) -> BoxFuture<'static, Sent> {
        self.inner.preview(prompt)
    }

    fn preconnect(&self) -> BoxFuture<'static, ()> {
        self.inner.preconnect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Player;
    use super::super::line::tests::prompt;
    use super::*;
    use crate::event::{FailureKind, Usage};
    use crate::provider::{ProviderError, Worksheet, sentence};

    /// Provider that answers with these chunks.
    struct Script(Vec<Result<Chunk, ProviderError>>);

    impl Provider for Script {
        fn label(&self, _: Lang) -> String {
            String::new()
        }

        fn host(&self) -> Option<String> {
            None
        }

        fn model(&self, _: &Prompt) -> String {
            "m".to_owned()
        }

        fn stream(&self, _: Prompt, _: TimeoutExtension) -> Chunks {
            stream::iter(self.0.clone()).boxed()
        }
    }

    /// An in-memory file.
    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<Vec<u8>>>);

    impl Write for Memory {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    async fn recorded(chunks: Vec<Result<Chunk, ProviderError>>) -> String {
        let memory = Memory::default();
        let recording = Arc::new(Recording::new(Box::new(memory.clone())));
        let recorder =
            Recorder::new(Arc::new(Script(chunks.clone())), Arc::clone(&recording), Arc::default());
        let passed: Vec<_> =
            recorder.stream(prompt("a", "b"), TimeoutExtension::default()).collect().await;
        assert_eq!(passed, chunks, "everything is passed on");
        assert!(recording.take_trouble().is_none());
        let bytes = memory.0.lock().clone();
        String::from_utf8(bytes).unwrap()
    }

    fn text(text: &str) -> Result<Chunk, ProviderError> {
        Ok(Chunk::Text(text.to_owned()))
    }

    fn finish(reason: Finish) -> Result<Chunk, ProviderError> {
        let usage = Some(Usage {
            prompt_tokens: 7,
            cached_tokens: 0,
            completion_tokens: 2,
            reasoning_tokens: 0,
        });
        Ok(Chunk::Finish { reason, usage })
    }

    #[test]
    fn a_recorder_says_of_itself_what_its_provider_says() {
        let inner: Arc<dyn Provider> = Arc::new(Worksheet::default());
        let recording = Arc::new(Recording::new(Box::new(Memory::default())));
        let recorder = Recorder::new(Arc::clone(&inner), recording, Arc::default());
        let (prompt, lang) = (prompt("a", "b"), Lang::En);
        let of = |p: &dyn Provider| {
            let host = (p.host(), p.kind(), p.sends(), p.asks_model(), p.runs_at(&prompt));
            (host, p.label(lang), p.note(lang), p.model(&prompt), p.preparation(lang).is_some())
        };
        assert_eq!(of(&recorder), of(&*inner));
        assert!(!recorder.sends() && !recorder.asks_model());
    }

    #[tokio::test]
    async fn recorded_answers_are_replayed() {
        let long = "解像度\n".repeat(40);
        let reasoning = [text("hm"), Ok(Chunk::Retract(2)), Ok(Chunk::Thinking("なぜ".to_owned()))];
        let answer = [text(&long), text("end"), finish(Finish::Stop)];
        let file = recorded([reasoning.as_slice(), answer.as_slice()].concat()).await;
        let cassette = Arc::new(Cassette::parse(&file).unwrap());
        let player = Player::new(cassette, "c".to_owned(), None);
        let mut played: Vec<_> =
            player.stream(prompt("a", "b"), TimeoutExtension::default()).collect().await;
        assert_eq!(played.pop(), Some(finish(Finish::Stop)));
        assert!(played.len() > 3, "in pieces");
        let texts = played.into_iter().map(|chunk| match chunk {
            Ok(Chunk::Text(text)) => text,
            other => panic!("{other:?}"),
        });
        assert_eq!(texts.collect::<String>(), long + "end");
        let missing: Vec<_> =
            player.stream(prompt("a", "c"), TimeoutExtension::default()).collect().await;
        let [Err(error)] = missing.as_slice() else { panic!("{missing:?}") };
        assert_eq!(error.kind, FailureKind::Configuration);
        let said = sentence::failure(error, "", false, Lang::En).message;
        assert!(said.contains("議.md, depth:") && said.contains("a different wording"), "{said}");
    }

    #[tokio::test]
    async fn incomplete_and_empty_answers_are_not_recorded() {
        let broken = ProviderError::new(FailureKind::Server, None);
        assert_eq!(recorded(vec![text("half"), Err(broken)]).await, "");
        assert_eq!(recorded(vec![text(" \n"), finish(Finish::Stop)]).await, "");
        for reason in [Finish::Length, Finish::Filtered, Finish::Tool] {
            assert_eq!(recorded(vec![text("half"), finish(reason)]).await, "", "{reason:?}");
        }
    }

    #[tokio::test]
    async fn an_incomplete_answer_in_a_file_is_requested_again() {
        for (reason, said) in [(Finish::Length, "new"), (Finish::Stop, "old")] {
            let line = Line::new(&prompt("a", "b"), "m".to_owned(), "old".to_owned(), reason, None);
            let known = Cassette::parse(&serde_json::to_string(&line).unwrap()).unwrap();
            let recording = Arc::new(Recording::new(Box::new(Memory::default())));
            let script = Script(vec![text("new"), finish(Finish::Stop)]);
            let recorder = Recorder::new(Arc::new(script), recording, Arc::new(known));
            let chunks: Vec<_> =
                recorder.stream(prompt("a", "b"), TimeoutExtension::default()).collect().await;
            assert_eq!(chunks[0], text(said), "{reason:?}");
        }
    }

    #[tokio::test]
    async fn a_full_disk_is_reported() {
        let full: Box<dyn Write + Send> = Box::new(io::Cursor::new([0_u8; 3]));
        let recording = Arc::new(Recording::new(full));
        let script = Script(vec![text("a"), finish(Finish::Stop)]);
        let recorder = Recorder::new(Arc::new(script), Arc::clone(&recording), Arc::default());
        let passed: Vec<_> =
            recorder.stream(prompt("a", "b"), TimeoutExtension::default()).collect().await;
        assert_eq!(passed.len(), 2, "the answer is not held up");
        assert!(recording.take_trouble().is_some());
    }
}
