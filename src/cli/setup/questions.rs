//! The questions on the terminal: numbered lists and lines of input, which work on any terminal and
//! with screen readers. ^C at any question leaves everything unchanged.

use super::choice::{Choice, is_variable};
use super::{Stop, print};
use crate::cli::ask::{Line, line};
use crate::config::is_set;
use crate::lang::{Lang, Message};
use crate::provider::discovery::{DiscoveryOptions, discover};
use crate::provider::models::list_models;
use crate::provider::{Gguf, Launch, Programs, base_url};
use crate::session::{KeySource, Setup};

/// Maximum number of models that are listed.
const LISTED: usize = 20;

/// Asks the user to choose the provider that answers.
pub(crate) async fn ask(setup: &Setup, programs: &Programs, lang: Lang) -> Result<Choice, Stop> {
    print(lang.pick("サーバーを探しています…\n", "Looking for servers …\n"));
    let found = discover(&DiscoveryOptions::default()).await;
    let mut choices: Vec<Choice> = found
        .iter()
        .enumerate()
        .filter(|(_, found)| !found.models.is_empty())
        .map(|(place, found)| Choice::found(found, place == 0))
        .collect();
    if choices.is_empty() {
        print(&format!("  {}\n", no_local(lang)));
    }
    if setup.selector.key_source(&setup.config) == Some(KeySource::Environment) {
        choices.push(Choice::OpenAi { model: None });
    }
    choices.push(Choice::Server { base_url: String::new(), model: None, key_from: None });
    let words: Vec<_> = choices.iter().map(|choice| choice.words(lang)).collect();
    let (file, none) = words_of_rest(lang);
    let all: Vec<_> = words.into_iter().chain([file, none]).collect();
    let in_use = choices.iter().position(|choice| choice.is_in_use(&setup.config));
    let in_use = match (&setup.config.gguf, in_use) {
        (Some(_), _) => Some(choices.len()),
        (None, None) if Choice::Worksheet.is_in_use(&setup.config) => Some(choices.len() + 1),
        (None, place) => place,
    };
    let question = lang.pick("\n誰に答えてもらいますか?", "\nWho is to answer?");
    let picked = pick(question, &all, in_use.unwrap_or(0), lang).await?;
    match choices.into_iter().nth(picked) {
        Some(Choice::Local { label, base_url, is_first, models, .. }) => {
            let now = setup.config.model.as_ref();
            let place = now.and_then(|now| models.iter().position(|model| model == now));
            let question = lang.pick("\nどのモデルを使いますか?", "\nWhich model?");
            let shown: Vec<_> = models.iter().take(LISTED).cloned().collect();
            let model = match shown.len() {
                1 => 0,
                _ => pick(question, &shown, place.unwrap_or(0), lang).await?,
            };
            let model = models.get(model).cloned();
            Ok(Choice::Local { label, base_url, is_first, models, model })
        }
        Some(Choice::Server { .. }) => server(setup, lang).await,
        Some(other) => Ok(other),
        None if picked + 1 == all.len() => Ok(Choice::Worksheet),
        None => model_file(setup, programs, lang).await,
    }
}

fn words_of_rest(lang: Lang) -> (String, String) {
    let file = lang.pick(
        "自分のモデルのファイル（GGUF。llama-server で動かす）",
        "Your own model file (GGUF), served by llama-server",
    );
    (file.to_owned(), Choice::Worksheet.words(lang))
}

/// Returns the message that no local server was found, and how to start one.
pub(crate) fn no_local(lang: Lang) -> String {
    lang.pick(
        "このコンピューターで、モデルを使えるサーバー（Ollama、LM Studio、llama.cpp、vLLM）が見つかりません。Ollama なら、`ollama serve` で起動し（起動済みなら不要）、別の端末で `ollama pull llama3.2` を実行してから、もう一度試してください。",
        "No server with a model (Ollama, LM Studio, llama.cpp, vLLM) was found on this computer. To use Ollama, run `ollama serve`, and in another terminal `ollama pull llama3.2`; then run this again.",
    ).to_owned()
}

/// Checks a base URL. Returns an error message if the URL cannot be used.
pub(crate) fn check_url(url: &str, lang: Lang) -> Result<(), String> {
    base_url(url).map(drop).map_err(|error| error.message(lang))
}

async fn server(setup: &Setup, lang: Lang) -> Result<Choice, Stop> {
    let now = setup.config.base_url.clone().unwrap_or_default();
    let base_url = loop {
        let example = "https://openrouter.ai/api/v1";
        let question = match now.as_str() {
            "" => lang.pick(
                format!("\nURL（例: {example}）:"),
                format!("\nURL (for example {example}):"),
            ),
            now => format!("\nURL [{now}]:"),
        };
        let typed = typed(&question, &now).await?;
        match check_url(&typed, lang) {
            Ok(()) => break typed,
            Err(why) => print(&format!("  {why}\n")),
        }
    };
    let key_from = key(lang).await?;
    let model = model(setup, &base_url, lang).await?;
    Ok(Choice::Server { base_url, model, key_from })
}

/// Asks for the name of the variable that holds the key. Returns `None` for `OPENAI_API_KEY`.
async fn key(lang: Lang) -> Result<Option<String>, Stop> {
    loop {
        let question = lang.pick(
            "キーが入っている環境変数の名前（Enter だけなら、OPENAI_API_KEY があればそれを使い、なければキーなし）:",
            "Name of the environment variable that holds the key (press Enter to use OPENAI_API_KEY if it is set, otherwise no key):",
        );
        match &*typed(question, "").await? {
            "" | "OPENAI_API_KEY" => return Ok(None),
            name if is_variable(name) && is_set(name) => return Ok(Some(name.to_owned())),
            // The input may be the key itself, so the message does not repeat it.
            name if is_variable(name) => print(lang.pick(
                "  その名前の環境変数は、ここでは設定されていません。\n",
                "  No environment variable with that name is set here.\n",
            )),
            _ => print(lang.pick(
                "  キーではなく、環境変数の名前を入力してください。キーは設定に保存しません。\n",
                "  Type the name of the variable, not the key: keys are not saved in the settings.\n",
            )),
        }
    }
}

/// Asks for the model at a server: from a list if the server returns at most [`LISTED`] chat
/// models, otherwise by name. Returns `None` for the server's first model.
async fn model(setup: &Setup, url: &str, lang: Lang) -> Result<Option<String>, Stop> {
    let listed = match setup.selector.endpoint_at(url, &setup.config) {
        Ok(endpoint) => list_models(&endpoint).await.ok(),
        Err(_) => None,
    };
    let names: Vec<String> = listed
        .iter()
        .flat_map(|models| &models.all)
        .filter(|m| m.chats)
        .map(|m| m.name.clone())
        .collect();
    if !names.is_empty() && names.len() <= LISTED {
        let now = setup.config.model.as_ref();
        let place = now.and_then(|now| names.iter().position(|name| name == now));
        let question = lang.pick("\nどのモデルを使いますか?", "\nWhich model?");
        let picked = pick(question, &names, place.unwrap_or(0), lang).await?;
        return Ok(names.get(picked).cloned());
    }
    let now = setup.config.model.clone().unwrap_or_default();
    let question = match now.as_str() {
        "" => lang.pick(
            "モデルの名前（サーバーに任せるなら Enter）:".to_owned(),
            "Name of the model (press Enter for the first model that the server lists):".to_owned(),
        ),
        now => lang.pick(format!("モデルの名前 [{now}]:"), format!("Name of the model [{now}]:")),
    };
    Ok(Some(typed(&question, &now).await?).filter(|name| !name.is_empty()))
}

async fn model_file(setup: &Setup, programs: &Programs, lang: Lang) -> Result<Choice, Stop> {
    let now = setup.config.gguf.as_ref().map(|gguf| gguf.as_str().to_owned()).unwrap_or_default();
    loop {
        let question = match now.as_str() {
            "" => lang.pick(
                "\nGGUF ファイルのパス（例: ~/models/gemma-3-4b-it-Q4_K_M.gguf）:".to_owned(),
                "\nPath of the GGUF file (for example ~/models/gemma-3-4b-it-Q4_K_M.gguf):"
                    .to_owned(),
            ),
            now => lang.pick(
                format!("\nGGUF ファイルのパス [{now}]:"),
                format!("\nPath of the GGUF file [{now}]:"),
            ),
        };
        let path = typed(&question, &now).await?;
        // A path that was dragged onto the terminal may be in quotation marks.
        let path = path.trim_matches(['\'', '"']);
        let gguf = match Gguf::try_from(path.to_owned()) {
            Ok(gguf) => gguf,
            Err(error) => {
                print(&format!("  {}\n", error.message(lang)));
                continue;
            }
        };
        match Launch::new(&gguf, &setup.config.llama_server, programs, &setup.config.request) {
            Ok(_) => return Ok(Choice::ModelFile(gguf)),
            Err(error) => print(&format!("  {}\n", error.message(lang))),
        }
    }
}

/// Asks the user to pick one of `all`, and returns its index. Enter alone picks `offered`.
async fn pick(question: &str, all: &[String], offered: usize, lang: Lang) -> Result<usize, Stop> {
    print(&format!("{question}\n"));
    for (number, words) in (1..).zip(all) {
        print(&format!("  {number}. {words}\n"));
    }
    loop {
        let prompt =
            lang.pick(format!("番号 [{}]:", offered + 1), format!("Number [{}]:", offered + 1));
        let typed = typed(&prompt, "").await?;
        if typed.is_empty() {
            return Ok(offered);
        }
        // An input method may produce full-width digits.
        let digits: String = typed.chars().map(narrow).collect();
        match digits.parse::<usize>() {
            Ok(number) if (1..=all.len()).contains(&number) => return Ok(number - 1),
            _ => print(&lang.pick(
                format!("  1 から {} の番号を入力してください。\n", all.len()),
                format!("  Type a number from 1 to {}.\n", all.len()),
            )),
        }
    }
}

fn narrow(c: char) -> char {
    match c {
        '０'..='９' => {
            char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c)
        }
        c => c,
    }
}

/// Asks for a line of input. Enter alone accepts `offered`.
async fn typed(question: &str, offered: &str) -> Result<String, Stop> {
    match line(question).await {
        Line::Text(text) if text.is_empty() => Ok(offered.to_owned()),
        Line::Text(text) => Ok(text),
        Line::Ended => Err(Stop::Interrupted),
    }
}
