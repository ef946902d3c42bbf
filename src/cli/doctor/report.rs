//! The doctor's report, as text and as JSON.

use crate::cli::json;
use crate::cli::table::wrapped;
use crate::config::{Config, ProviderChoice};
use crate::event::FailureKind;
use crate::lang::Lang;
use crate::panel::show_hidden;
use crate::provider::discovery::FoundServer;
use crate::session::Setup;
use crate::session::{KeySource, Reason, Scope, Selected};
use crate::text::ContextMode;
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

/// The report that `kaizodo doctor` prints.
#[derive(Serialize)]
pub(crate) struct Report {
    #[serde(flatten)]
    pub(crate) facts: Facts,
    pub(crate) local_servers: Vec<Local>,
    pub(crate) findings: Vec<Finding>,
}

/// The settings in force, without the key and without values of headers or query parameters.
#[derive(Serialize)]
pub(crate) struct Facts {
    version: &'static str,
    /// The language of messages.
    locale: Lang,
    /// The language of answers; `None` for the language of the text.
    lang: Option<Lang>,
    settings: Option<File>,
    /// Display name of the provider that answers.
    provider: String,
    /// Why this provider was chosen.
    #[serde(skip)]
    reason: Reason,
    #[serde(skip)]
    selector: ProviderChoice,
    base_url: Option<String>,
    /// The program that is started for a model file, if the settings name one.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    started: Option<Started>,
    model: Option<String>,
    /// Models that are asked if `model` cannot answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fallbacks: Vec<String>,
    key: bool,
    /// Where the API key comes from.
    #[serde(skip)]
    key_source: Option<KeySource>,
    /// The context sent with a selection.
    context: ContextMode,
    perspectives: Vec<String>,
    sets: Vec<String>,
    repository: Option<RepositoryReport>,
}

/// A program and the model file that it is given.
#[derive(Serialize)]
struct Started {
    program: String,
    gguf: String,
}

/// The repository of the folder that the program was started in.
#[derive(Serialize)]
struct RepositoryReport {
    root: String,
    trusted: bool,
}

#[derive(Serialize)]
struct File {
    path: String,
    state: FileState,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
enum FileState {
    Read,
    Missing,
    Broken,
}

/// A model server on this computer.
#[derive(Serialize)]
pub(crate) struct Local {
    label: String,
    models: Vec<String>,
    /// Models for which the server forwards the text to another computer.
    elsewhere: Vec<Elsewhere>,
}

/// A model that runs on another computer.
#[derive(Serialize)]
struct Elsewhere {
    model: String,
    host: String,
}

/// One result of the doctor's checks, with its severity.
#[derive(Serialize)]
pub(crate) struct Finding {
    level: Level,
    kind: String,
    message: String,
}

/// Severity of a finding, least severe first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    /// Everything works.
    Well,
    /// A remark. Runs still work.
    Note,
    /// A run would fail.
    Problem,
    /// The settings must be fixed first.
    Configuration,
}

impl Finding {
    pub(crate) fn well(message: String) -> Self {
        Finding { level: Level::Well, kind: "works".to_owned(), message }
    }

    pub(crate) fn note(kind: &str, message: String) -> Self {
        Finding { level: Level::Note, kind: kind.to_owned(), message }
    }

    pub(crate) fn problem(kind: &str, message: String) -> Self {
        Finding { level: Level::Problem, kind: kind.to_owned(), message }
    }

    pub(crate) fn configuration(message: String) -> Self {
        Finding { level: Level::Configuration, kind: name(FailureKind::Configuration), message }
    }
}

/// Returns the name of a failure kind that is used in the JSON of events.
pub(crate) fn name(kind: FailureKind) -> String {
    serde_json::to_value(kind).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

impl Local {
    pub(crate) fn new(found: &FoundServer) -> Self {
        let all = found.endpoint.elsewhere.iter().flatten();
        Local {
            label: found.endpoint.label.clone(),
            models: found.models.clone(),
            elsewhere: all
                .map(|(model, host)| Elsewhere { model: model.clone(), host: host.clone() })
                .collect(),
        }
    }
}

impl Facts {
    pub(crate) fn new(
        setup: &Setup,
        selected: &Selected,
        scope: &Scope,
        perspectives: Vec<String>,
    ) -> Self {
        let Config { locale, lang, .. } = &setup.config;
        let settings = setup.folders.as_ref().map(|folders| {
            let path = folders.settings().display().to_string();
            let state = if setup.problems.iter().any(|problem| problem.origin == path) {
                FileState::Broken
            } else if folders.settings().exists() {
                FileState::Read
            } else {
                FileState::Missing
            };
            File { path, state }
        });
        let started = match &selected.reason {
            Reason::ModelFile(launch) => Some(Started {
                program: launch.program.display().to_string(),
                gguf: launch.file.display().to_string(),
            }),
            _ => None,
        };
        // A server that is started for a model file has no address before it is started.
        let endpoint = selected.endpoint.as_ref().filter(|_| started.is_none());
        let base_url = endpoint.map(|endpoint| {
            let mut url = endpoint.base_url.clone();
            // A query may carry a key.
            url.set_query(None);
            url.to_string()
        });
        Facts {
            version: env!("CARGO_PKG_VERSION"),
            locale: *locale,
            lang: *lang,
            settings,
            provider: selected.provider.label(*locale),
            reason: selected.reason.clone(),
            selector: setup.config.provider,
            base_url,
            started,
            model: selected.endpoint.as_ref().and_then(|endpoint| endpoint.model.clone()),
            fallbacks: match selected.endpoint {
                Some(_) => setup.config.fallbacks.clone(),
                None => Vec::new(),
            },
            key: setup.selector.key_source(&setup.config).is_some(),
            key_source: setup.selector.key_source(&setup.config),
            context: setup.config.context,
            perspectives,
            sets: scope.set_names().into_iter().skip(1).collect(),
            repository: scope.repository().map(|located| RepositoryReport {
                root: located.repository.root.display().to_string(),
                trusted: located.is_trusted(),
            }),
        }
    }

    /// Returns why this provider was chosen, in words.
    fn why(&self, lang: Lang) -> &'static str {
        match (&self.reason, self.selector) {
            (Reason::Misconfigured(_), _) => lang.pick(
                "設定を直すまで、どこにも問い合わせません",
                "no one, until the settings are fixed",
            ),
            (Reason::ModelFile(_), _) => lang.pick("gguf の設定による", "gguf is set"),
            (Reason::Settings, ProviderChoice::Worksheet) => {
                lang.pick("設定の provider による", "chosen by `provider` in the settings")
            }
            (Reason::Settings, _) => lang.pick("接続先 URL の設定による", "a base URL is set"),
            (Reason::Key, _) => match self.key_source {
                Some(KeySource::Environment) => {
                    lang.pick("OPENAI_API_KEY があるため", "OPENAI_API_KEY is set")
                }
                Some(KeySource::Command(_)) => {
                    lang.pick("key_command があるため", "key_command is set")
                }
                None => lang.pick("設定の provider による", "chosen by `provider` in the settings"),
            },
            (Reason::Local { .. }, _) => lang.pick(
                "このコンピューターでサーバーが動いているため",
                "a server is running on this computer",
            ),
            (Reason::Nothing, _) => lang.pick(
                "キーがなく、このコンピューターで動くサーバーも見つからないため",
                "there is no API key, and no server is running on this computer",
            ),
        }
    }
}

impl Report {
    /// Returns the highest severity of all findings, or [`Level::Well`] if there are none.
    pub(crate) fn worst(&self) -> Level {
        self.findings.iter().map(|finding| finding.level).max().unwrap_or(Level::Well)
    }

    /// Returns the report as one JSON object.
    pub(crate) fn json(&self) -> String {
        #[derive(Serialize)]
        struct Whole<'a> {
            works: bool,
            #[serde(flatten)]
            report: &'a Report,
        }
        let whole = Whole { works: self.worst() <= Level::Note, report: self };
        // Serializing texts and lists cannot fail.
        let json = serde_json::to_string_pretty(&whole).unwrap_or_default();
        json::inert(json) + "\n"
    }

    /// Returns the report as text for people, wrapped to `room` columns if `Some`.
    pub(crate) fn text(&self, room: Option<usize>, lang: Lang) -> String {
        let rows = self.rows(lang);
        let width = rows.iter().map(|(name, _)| name.width()).max().unwrap_or(0);
        let mut out = format!("kaizodo {}\n\n", self.facts.version);
        for (name, value) in &rows {
            let space = " ".repeat(width - name.width() + 2);
            let value = wrapped(&show_hidden(value), width + 4, room);
            out += &format!("  {name}{space}{value}\n");
        }
        out.push('\n');
        for Finding { level, message, .. } in &self.findings {
            let sign = match level {
                Level::Well => "✓",
                Level::Note => "!",
                Level::Problem | Level::Configuration => "✗",
            };
            out += &format!("{sign} {}\n", wrapped(&show_hidden(message), 2, room));
        }
        out
    }

    fn rows(&self, lang: Lang) -> Vec<(&'static str, String)> {
        let Facts { locale, settings, provider, base_url, model, perspectives, sets, .. } =
            &self.facts;
        let called = |l: Lang| match l {
            Lang::Ja => lang.pick("日本語", "Japanese"),
            Lang::En => lang.pick("英語", "English"),
        };
        let answers =
            self.facts.lang.map_or(lang.pick("文章に合わせる", "same as the text"), called);
        let settings = settings.as_ref().map(|File { path, state }| {
            let state = match state {
                FileState::Read => lang.pick("読みました", "read"),
                FileState::Missing => {
                    lang.pick("ありません。なくても動きます", "not found; optional")
                }
                FileState::Broken => lang.pick("読めません", "cannot be read"),
            };
            lang.pick(format!("{path}（{state}）"), format!("{path} ({state})"))
        });
        let local = self.local_servers.iter().map(|Local { label, models, elsewhere }| {
            let onward =
                elsewhere.iter().map(|Elsewhere { model, host }| format!("{model} → {host}"));
            let names = models.iter().cloned().chain(onward).take(5);
            format!("{label}: {}", names.collect::<Vec<_>>().join(", "))
        });
        let local: Vec<_> = local.collect();
        let none = || lang.pick("なし", "none").to_owned();
        let mut rows = vec![
            (lang.pick("表示の言語", "message language"), called(*locale).to_owned()),
            (lang.pick("答えの言語", "answer language"), answers.to_owned()),
            (lang.pick("設定ファイル", "settings file"), settings.unwrap_or_else(none)),
            (
                lang.pick("尋ねる相手", "who answers"),
                match provider.as_str() {
                    "" => self.facts.why(lang).to_owned(),
                    provider => format!("{provider} · {}", self.facts.why(lang)),
                },
            ),
        ];
        rows.extend(base_url.clone().map(|url| (lang.pick("接続先 URL", "base URL"), url)));
        if let Some(Started { program, gguf }) = &self.facts.started {
            rows.push((lang.pick("モデルのファイル", "model file"), gguf.clone()));
            rows.push((lang.pick("起動するプログラム", "program"), program.clone()));
        }
        let models = model.iter().chain(&self.facts.fallbacks).cloned().collect::<Vec<_>>();
        if !models.is_empty() {
            rows.push((lang.pick("モデル", "model"), models.join(lang.pick("、", ", "))));
        }
        let key = match &self.facts.key_source {
            Some(KeySource::Environment) => {
                lang.pick("あり（表示しません）", "set (never shown)").to_owned()
            }
            Some(KeySource::Command(program)) => lang.pick(
                format!("コマンド `{program}` から（表示しません）"),
                format!("from the command `{program}` (never shown)"),
            ),
            None => none(),
        };
        rows.push((lang.pick("API キー", "API key"), key));
        rows.push((
            lang.pick("このコンピューターのサーバー", "local servers"),
            if local.is_empty() { none() } else { local.join(" / ") },
        ));
        let context = match self.facts.context {
            ContextMode::None => None,
            ContextMode::Around => Some(lang.pick(
                "前後の行、文書のタイトルかファイル名、見出しか定義の行",
                "nearby lines, title or file name, heading or definition",
            )),
            ContextMode::File => Some(lang.pick("文書全体", "the whole document")),
        };
        rows.extend(
            context.map(|what| (lang.pick("一緒に送るもの", "also sent"), what.to_owned())),
        );
        rows.push((lang.pick("視点", "perspectives"), perspectives.join(", ")));
        if !sets.is_empty() {
            rows.push((lang.pick("視点の組", "sets"), sets.join(", ")));
        }
        rows.extend(self.facts.repository.as_ref().map(|RepositoryReport { root, trusted }| {
            let state = match trusted {
                true => lang.pick("信頼しています", "trusted"),
                false => lang.pick("信頼していません", "not trusted"),
            };
            (lang.pick("リポジトリ", "repository"), format!("{root} · {state}"))
        }));
        rows
    }
}
