//! What every front end begins with: the settings, the provider selector, and what all sessions of
//! one process share.

use super::cost::Tariff;
use super::focus::branch;
use super::journal_writer::JournalWriter;
use super::{ProviderSelector, Selected, Session};
use crate::config::{Config, Env, Folders, Layers, Settings, SettingsError, user_settings};
use crate::journal::Folder;
use crate::lang::Lang;
use crate::request::Prompt;
use std::path::PathBuf;
use std::sync::Arc;

/// The settings of a process, and the errors of the layers that were ignored. All sessions created
/// from a setup share the servers' state and the journal.
pub struct Setup {
    /// The settings, without those of any repository.
    pub config: Config,
    /// The layers that `config` is merged from.
    pub layers: Layers,
    /// Selects the provider for each run.
    pub selector: ProviderSelector,
    /// The user's home, configuration and state folders; `None` if there is no home directory.
    pub folders: Option<Folders>,
    /// Why layers of the settings were ignored, one error for each.
    pub problems: Vec<SettingsError>,
    journal: Arc<JournalWriter>,
}

impl Setup {
    /// Reads the user's settings file, and applies the environment and then the flags on top.
    pub fn load(env: Env, folders: Option<Folders>, flags: &Settings) -> Self {
        let mut layers = Layers {
            unreadable: env.problem.is_some() && flags.provider.is_none(),
            environment: env.settings,
            flags: flags.clone(),
            locale: env.locale,
            ..Layers::default()
        };
        let broken = layers.user.take(user_settings(folders.as_ref())).err();
        let journal = folders.as_ref().map(|folders| Folder::new(folders.state.clone()));
        Setup {
            config: layers.config(),
            layers,
            selector: ProviderSelector::new(env.api_key)
                .with_proxies(env.proxies)
                .with_programs(env.programs),
            folders,
            problems: broken.into_iter().chain(env.problem).collect(),
            journal: Arc::new(JournalWriter::new(journal)),
        }
    }

    /// Creates a session. Documents without a file count as part of the folder `default_folder`.
    pub fn session(&self, default_folder: Option<PathBuf>) -> Session {
        let (layers, selector) = (self.layers.clone(), self.selector.for_session());
        Session {
            journal: Arc::clone(&self.journal),
            ..Session::new(layers, selector, self.folders.clone(), default_folder)
        }
    }

    /// Returns the name of a model of `selected` whose price is unknown, if runs that would ask it are
    /// refused, because their cost is limited. The name is empty if it is not known which model will
    /// answer.
    pub(crate) fn model_without_price(&self, selected: &Selected) -> Option<String> {
        let tariff = Tariff::new(&self.config, selected);
        let fallbacks = self.config.fallbacks.clone();
        let asked = tariff.billable(&branch(), &Prompt { fallbacks, ..Prompt::default() });
        tariff.model_without_price(&[asked])
    }

    /// Returns the language of messages to the user, according to the user's locale.
    pub fn lang(&self) -> Lang {
        self.config.locale
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::RunOptions;
    use crate::text::{Document, Encoding, Position, Range};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;
    use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
    use tokio::net::{TcpListener, TcpStream};

    const ANSWER: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

    /// Counters of a server's requests: in progress, their maximum so far, and in total.
    #[derive(Default)]
    struct UnderWay(AtomicUsize, AtomicUsize, AtomicUsize);

    /// Answers one request after a short delay.
    async fn answer(mut stream: TcpStream, under_way: Arc<UnderWay>) {
        let (read, mut write) = stream.split();
        let mut lines = BufReader::new(read);
        let mut length = 0;
        loop {
            let mut line = String::new();
            if lines.read_line(&mut line).await.unwrap() == 0 {
                return;
            }
            let lower = line.to_ascii_lowercase();
            if let Some(bytes) = lower.strip_prefix("content-length:") {
                length = bytes.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        lines.read_exact(&mut vec![0; length]).await.unwrap();
        let now = under_way.0.fetch_add(1, Ordering::SeqCst) + 1;
        under_way.1.fetch_max(now, Ordering::SeqCst);
        under_way.2.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(20)).await;
        // Before the last byte is sent, because the client may then send its next request at once.
        under_way.0.fetch_sub(1, Ordering::SeqCst);
        let head =
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
        write.write_all(format!("{head}{ANSWER}").as_bytes()).await.unwrap();
    }

    #[tokio::test]
    async fn the_sessions_of_one_setup_share_the_queue_at_a_server() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let under_way = Arc::new(UnderWay::default());
        let seen = Arc::clone(&under_way);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&seen)));
            }
        });
        let settings = format!(
            "provider = 'openai'\nbase_url = 'http://{address}/v1'\nmodel = 'm'\nfocus = 'off'\nschedule = 'at_once'\nlimits = {{ concurrency = 1 }}"
        );
        let flags = Settings::from_toml("t", &settings).unwrap();
        let setup = Setup::load(Env::default(), None, &flags);
        let sessions = [setup.session(None), setup.session(None)];
        let runs = sessions.each_ref().map(|session| {
            session.documents.lock().open(Document::open("file:///a", "markdown", 1, "why?\n"));
            let range =
                Range { start: Position::default(), end: Position { line: 1, character: 0 } };
            let selection = session.select("file:///a", None, range, Encoding::Utf16).unwrap();
            session.start(selection, &RunOptions::default()).unwrap()
        });
        for run in &runs {
            run.until_over().await;
        }
        assert_eq!(under_way.2.load(Ordering::SeqCst), 8, "four sections of each were asked");
        assert_eq!(under_way.1.load(Ordering::SeqCst), 1, "and never two at a time");
    }
}
