//! `kaizodo setup`: chooses a provider, tries it with one real question, saves the settings, and
//! shows the lines for the editors.

mod attempt;
mod choice;
mod editors;
mod questions;

use super::args::SetupArgs;
use super::ask::{Answer, ask};
use super::{FAILED, INTERRUPTED, OK, fail, output, pager, runtime};
use crate::config::{
    Config, Edit, Env, Folders, ProviderChoice, SaveError, Settings, edited, is_set, save_settings,
    settings_text,
};
use crate::lang::{Lang, Message};
use crate::panel::show_hidden_lines;
use crate::provider::discovery::{DiscoveryOptions, discover};
use crate::provider::{Gguf, Programs};
use crate::session::{KeySource, Lookup, Setup};
use choice::{Choice, is_variable};
use std::process::ExitCode;

/// Why the setup stopped without saving anything.
enum Stop {
    /// The user has interrupted the program.
    Interrupted,
    /// The settings or the arguments must be fixed first.
    Usage(String),
    /// The chosen provider does not work, or the user has declined.
    Failed,
}

/// Takes the choice of a provider from the arguments or asks the user for it, tries the provider,
/// and saves the settings.
pub(crate) fn run(args: &SetupArgs, env: Env) -> ExitCode {
    let programs = env.programs.clone();
    let mut setup = Setup::load(env, Folders::find(), &Settings::default());
    let lang = setup.lang();
    runtime::block_on(lang, async {
        let mut interrupt = Box::pin(tokio::signal::ctrl_c());
        // After this first poll, ^C is handled here, during a question and between two.
        let _ = futures::poll!(&mut interrupt);
        let done = tokio::select! {
            biased;
            _ = interrupt => Err(Stop::Interrupted),
            done = go(args, &mut setup, &programs, lang) => done,
        };
        match done {
            Ok(()) => ExitCode::from(OK),
            Err(Stop::Interrupted) => {
                print(lang.pick("\n何も変えていません。\n", "\nNothing was changed.\n"));
                ExitCode::from(INTERRUPTED)
            }
            Err(Stop::Failed) => {
                print(lang.pick("何も保存していません。\n", "Nothing was saved.\n"));
                ExitCode::from(FAILED)
            }
            Err(Stop::Usage(message)) => fail(&message),
        }
    })
}

async fn go(
    args: &SetupArgs,
    setup: &mut Setup,
    programs: &Programs,
    lang: Lang,
) -> Result<(), Stop> {
    let Some(folders) = setup.folders.clone() else {
        return Err(Stop::Usage(
            lang.pick(
                "ホームディレクトリがないので、設定を保存できません。",
                "Settings cannot be saved: there is no home directory.",
            )
            .to_owned(),
        ));
    };
    let file = folders.settings().display().to_string();
    let before = settings_text(&folders)
        .map_err(|why| Stop::Usage(format!("{file}: {}", why.message(lang))))?;
    if let Some(problem) = setup.problems.iter().find(|problem| problem.origin == file) {
        return Err(Stop::Usage(problem.message(lang)));
    }
    let is_asking = !says_who(args);
    if is_asking && !pager::is_terminal() {
        return Err(Stop::Usage(lang.pick(
            "端末ではないので質問できません。--local、--openai、--base-url URL、--gguf FILE、--worksheet のどれかを付けてください（`kaizodo setup --help`）。",
            "This is not a terminal, so kaizodo cannot ask you to choose. Pass --local, --openai, --base-url URL, --gguf FILE or --worksheet (see `kaizodo setup --help`).",
        ).to_owned()));
    }
    let choice = match is_asking {
        true => {
            tell_what_is(setup, &file, lang).await;
            questions::ask(setup, programs, lang).await?
        }
        false => said(args, lang).await?,
    };
    check_key(&choice, setup, lang)?;
    let user = &setup.layers.user.settings;
    let uses_url =
        matches!(user.provider, None | Some(ProviderChoice::Auto | ProviderChoice::OpenAi));
    let now = user.base_url.as_deref().filter(|_| uses_url);
    let (after, edits) = edited(&before, &choice.changes(now))
        .map_err(|error| Stop::Usage(format!("{file}: {}", error.message(lang))))?;
    let chosen =
        Settings::from_toml(&file, &after).map_err(|error| Stop::Usage(error.message(lang)))?;
    // The settings are tried alone. The environment may override them, which is reported below.
    let around = std::mem::take(&mut setup.layers.environment);
    setup.layers.user.settings = chosen;
    setup.config = setup.layers.config();
    let is_tried = args.no_try || choice == Choice::Worksheet;
    if !is_tried && !attempt::attempt(setup, lang).await {
        let anyway = lang.pick("それでも保存しますか?", "Save it anyway?");
        if !is_asking || !matches!(ask(anyway).await, Answer::Yes) {
            return Err(Stop::Failed);
        }
    }
    if edits.is_empty() {
        print(&lang.pick(
            format!("{file} は、もうそのとおりになっています。\n"),
            format!("{file} already has these settings; nothing was changed.\n"),
        ));
    } else {
        save(args, &folders, (&before, &after), &edits, lang).await?;
    }
    tell_what_overrides(&setup.layers.user.settings, &around, lang);
    let own = std::env::current_exe().unwrap_or_default();
    let lines = editors::lines(programs, &own, lang);
    if !lines.is_empty() {
        print(lang.pick(
            "\n見つかったエディターには、次のように書きます（詳しくは docs/editors.ja.md）。\n",
            "\nAdd these lines to your editor's configuration (more in docs/editors.md):\n",
        ));
        print(&lines);
    }
    print(lang.pick(
        "\n試すには: kaizodo run --text \"気になっていることを一文で\"\n",
        "\nTo try it: kaizodo run --text \"one sentence about what is on your mind\"\n",
    ));
    Ok(())
}

/// Makes sure that no key is sent to a server that it is not meant for. Fails if the variable for
/// the key is not set, or if another server would receive the key or the headers and query
/// parameters, now or after a later change.
fn check_key(choice: &Choice, setup: &Setup, lang: Lang) -> Result<(), Stop> {
    let refused = |ja: &str, en: &str| Err(Stop::Usage(lang.pick(ja, en).to_owned()));
    if choice.key_from().is_some_and(|name| !is_set(name)) {
        return refused(
            "キーの環境変数として指定されたものが、この端末では設定されていません。設定してから、もう一度実行してください。",
            "The environment variable that you gave for the key is not set in this shell. Set it, and run this again.",
        );
    }
    let source = setup.selector.key_source(&setup.config);
    if choice.key_from().is_some() && source == Some(KeySource::Environment) {
        return refused(
            "OPENAI_API_KEY が設定されていて、ほかのどのキーよりも優先されるので、それがこのサーバーに送られてしまいます。OPENAI_API_KEY を消してから、もう一度実行してください。",
            "OPENAI_API_KEY is set and overrides any other key, so it would be sent to this server. Unset it, and run this again.",
        );
    }
    let user = &setup.layers.user.settings;
    // If the file names no server, its headers go where the environment says.
    let config = match (&user.base_url, &user.gguf) {
        (None, None) => setup.config.clone(),
        _ => Config::from_layers([user], lang),
    };
    if choice.is_elsewhere(&config) && !(config.headers.is_empty() && config.query.is_empty()) {
        return refused(
            "設定の headers と query は、これまでのサーバーのためのもので、キーが入っているかもしれません。ほかのサーバーに送られないように、先に設定から消して、もう一度実行してください。",
            "The settings contain headers or query parameters that were meant for another server and may include a key. Remove them first, so that they are never sent to a different server, and run this again.",
        );
    }
    Ok(())
}

fn says_who(args: &SetupArgs) -> bool {
    args.local || args.openai || args.worksheet || args.base_url.is_some() || args.gguf.is_some()
}

/// Returns the choice that the arguments make.
async fn said(args: &SetupArgs, lang: Lang) -> Result<Choice, Stop> {
    let model = args.model.clone();
    // The value may be the key itself, so the message does not repeat it.
    if args.key_from_env.as_ref().is_some_and(|name| !is_variable(name)) {
        return Err(Stop::Usage(lang.pick(
            "--key-from-env には、キーではなく、キーが入っている環境変数の名前を書いてください。",
            "--key-from-env takes the name of the environment variable that holds the key, not the key itself.",
        ).to_owned()));
    }
    if args.local {
        let found = discover(&DiscoveryOptions::default()).await;
        let Some((place, first)) = found.iter().enumerate().find(|(_, f)| !f.models.is_empty())
        else {
            return Err(Stop::Usage(questions::no_local(lang)));
        };
        return Ok(match Choice::found(first, place == 0) {
            Choice::Local { label, base_url, is_first, models, model: own } => {
                Choice::Local { label, base_url, is_first, models, model: model.or(own) }
            }
            other => other,
        });
    }
    if let Some(file) = &args.gguf {
        // A path that is typed here is relative to the current folder, but the settings are used in
        // any folder.
        let full = match file.to_str().filter(|text| text.starts_with("~/")) {
            Some(text) => text.to_owned(),
            None => std::path::absolute(file)
                .map_or_else(|_| file.display().to_string(), |full| full.display().to_string()),
        };
        let gguf = Gguf::try_from(full).map_err(|error| Stop::Usage(error.message(lang)))?;
        return Ok(Choice::ModelFile(gguf));
    }
    if let Some(base_url) = &args.base_url {
        questions::check_url(base_url, lang).map_err(Stop::Usage)?;
        // `OPENAI_API_KEY` is used in any case, if it is set.
        let is_default = |name: &String| name == "OPENAI_API_KEY" && is_set(name);
        let key_from = args.key_from_env.clone().filter(|name| !is_default(name));
        let base_url = base_url.clone();
        return Ok(Choice::Server { base_url, model, key_from });
    }
    Ok(if args.openai { Choice::OpenAi { model } } else { Choice::Worksheet })
}

/// Prints where the settings are, and who answers now.
async fn tell_what_is(setup: &Setup, file: &str, lang: Lang) {
    let selected = setup.selector.select(&setup.config, Lookup::KnownOnly).await;
    let who = selected.provider.label(lang);
    let who = match &setup.config.model {
        Some(model) if selected.endpoint.is_some() && !who.contains(model.as_str()) => {
            format!("{who} · {model}")
        }
        _ => who,
    };
    print(&lang.pick(
        format!("設定: {file}\n今、答えるのは: {who}\n"),
        format!("Settings: {file}\nAnswers now come from: {who}\n"),
    ));
}

/// Shows the changes and saves them. Asks first if an existing value changes, unless `args` say
/// yes.
async fn save(
    args: &SetupArgs,
    folders: &Folders,
    (before, after): (&str, &str),
    edits: &[Edit],
    lang: Lang,
) -> Result<(), Stop> {
    let file = folders.settings().display().to_string();
    print(&format!("\n{file}:\n"));
    for edit in edits {
        print(&match edit {
            Edit::Added(line) => format!("  + {line}\n"),
            Edit::Changed(old, new) => format!("  - {old}\n  + {new}\n"),
            Edit::Removed(old) => format!("  - {old}\n  + # {old}\n"),
        });
    }
    let changes_any = edits.iter().any(|edit| !matches!(edit, Edit::Added(_)));
    if changes_any && !args.yes {
        match ask(lang.pick("このように変えますか?", "Make these changes?")).await {
            Answer::Yes => {}
            Answer::No => return Err(Stop::Failed),
            Answer::Interrupted => return Err(Stop::Interrupted),
            Answer::Nobody => {
                return Err(Stop::Usage(
                    lang.pick(
                        "すでにある設定を変えてよければ、--yes を付けてください。",
                        "Nothing was saved. To change these settings, run this again with --yes.",
                    )
                    .to_owned(),
                ));
            }
        }
    }
    save_settings(folders, before, after).map_err(|error| {
        Stop::Usage(match error {
            SaveError::Changed => lang.pick(
                format!("{file} がそのあいだに変わったので、保存していません。もう一度実行してください。"),
                format!("{file} was changed in the meantime, so your settings were not saved to it. Run this command again."),
            ),
            SaveError::Failed(why) => lang.pick(
                format!("{file} を保存できません（{why}）。"),
                format!("{file} cannot be saved ({why})."),
            ),
        })
    })?;
    print(lang.pick("✓ 保存しました。\n", "✓ Saved.\n"));
    Ok(())
}

/// Names the environment variables that override the settings, if any.
fn tell_what_overrides(chosen: &Settings, environment: &Settings, lang: Lang) {
    let set = overriding(chosen, environment);
    if !set.is_empty() {
        print(&lang.pick(
            format!("⚠ 環境変数 {} が、この設定より優先されます。\n", set.join("、")),
            format!("⚠ These environment variables override the settings: {}.\n", set.join(", ")),
        ));
    }
}

/// Returns the environment variables that change who would be asked with the settings in `chosen`.
fn overriding(chosen: &Settings, environment: &Settings) -> Vec<&'static str> {
    type Part = (&'static str, fn(&Settings, &mut Settings));
    const PARTS: [Part; 4] = [
        ("KAIZODO_PROVIDER", |from, to| to.provider = from.provider),
        ("KAIZODO_GGUF", |from, to| to.gguf.clone_from(&from.gguf)),
        ("OPENAI_BASE_URL", |from, to| to.base_url.clone_from(&from.base_url)),
        ("KAIZODO_MODEL", |from, to| to.model.clone_from(&from.model)),
    ];
    let nothing = Settings::default();
    let asked =
        |environment: &Settings| asked(&Config::from_layers([chosen, environment], Lang::En));
    let counts = |(_, copy): &&Part| {
        let (mut alone, mut others) = (nothing.clone(), environment.clone());
        copy(environment, &mut alone);
        copy(&nothing, &mut others);
        asked(&alone) != asked(&nothing) || asked(&others) != asked(environment)
    };
    PARTS.iter().filter(counts).map(|(name, _)| *name).collect()
}

/// Returns what the settings say about who is asked, without what does not count.
fn asked(config: &Config) -> impl PartialEq + use<> {
    let Config { provider, base_url, gguf, model, fallbacks, .. } = config.clone();
    let models = (model, fallbacks);
    let (base_url, models) = match provider {
        ProviderChoice::Worksheet => return (provider, None, None, None),
        ProviderChoice::Local => (None, models),
        _ => (base_url, models),
    };
    // A model file is asked whatever models are named.
    let models = gguf.is_none().then_some(models);
    (provider, base_url, gguf, models)
}

fn print(text: &str) {
    output::print(&show_hidden_lines(text));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_named_only_if_it_changes_who_is_asked() {
        let of = |text: &str| Settings::from_toml("c", text).unwrap();
        let (url, model) = ("base_url = 'http://a.test'\n", "model = 'm'\n");
        let (file, local) = ("gguf = '/m.gguf'\n", "provider = 'local'\n");
        let (openai, worksheet) = ("provider = 'openai'\n", "provider = 'worksheet'\n");
        for (chosen, environment, expected) in [
            (worksheet.to_owned(), [url, model].concat(), vec![]),
            (worksheet.to_owned(), file.to_owned(), vec![]),
            (
                worksheet.to_owned(),
                [openai, url].concat(),
                vec!["KAIZODO_PROVIDER", "OPENAI_BASE_URL"],
            ),
            (local.to_owned(), [url, model].concat(), vec!["KAIZODO_MODEL"]),
            ([local, file].concat(), [url, model].concat(), vec![]),
            ([openai, model].concat(), url.to_owned(), vec!["OPENAI_BASE_URL"]),
            ([openai, url, model].concat(), [openai, url, model].concat(), vec![]),
            ([openai, url].concat(), file.to_owned(), vec!["KAIZODO_GGUF"]),
        ] {
            assert_eq!(overriding(&of(&chosen), &of(&environment)), expected, "{chosen}");
        }
    }
}
