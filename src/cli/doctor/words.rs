//! The doctor's sentences: what was found, and what to do next.

use crate::config::ProviderChoice;
use crate::lang::Lang;
use crate::provider::Launch;

pub(crate) fn works(host: &str, model: &str, lang: Lang) -> String {
    match model {
        "" => lang.pick(format!("{host} が応答しています。"), format!("{host} is reachable.")),
        model => lang.pick(
            format!("{host} が応答し、モデル「{model}」を使えます。"),
            format!("{host} is reachable, and the model \"{model}\" is available."),
        ),
    }
}

pub(crate) fn will_start(launch: &Launch, lang: Lang) -> String {
    let program = launch.program.display();
    lang.pick(
        format!("モデルのファイルがあり、最初の実行のときに {program} を起動します。実際に尋ねて確かめるには、`kaizodo setup` を実行してください。"),
        format!("The model file exists; {program} will be started with it on the first run. To try it with a question, run `kaizodo setup`."),
    )
}

pub(crate) fn no_model(selector: ProviderChoice, lang: Lang) -> String {
    match selector {
        ProviderChoice::Worksheet => lang.pick(
            "設定どおり、モデルには尋ねず、内蔵のワークシートが答えます。モデルに答えさせるには、provider を auto にしてください。".to_owned(),
            "The built-in worksheet is selected in the settings, so no model is asked. To get answers from a model, set `provider` to `auto`.".to_owned(),
        ),
        _ => lang.pick(
            "使えるモデルがないので、内蔵のワークシートが答えます。モデルに答えさせるには、`kaizodo setup` を実行するか、Ollama を起動してください（`ollama serve`）。モデルの答えの例は `kaizodo demo` で見られます。".to_owned(),
            "No model is available, so the built-in worksheet answers. To get answers from a model, run `kaizodo setup` or start Ollama (`ollama serve`). To see a model's answers first, run `kaizodo demo`.".to_owned(),
        ),
    }
}

pub(crate) fn no_key(host: &str, lang: Lang) -> String {
    lang.pick(
        format!("{host} には API キーが必要ですが、OPENAI_API_KEY が設定されていません。`export OPENAI_API_KEY=…` を実行してください。"),
        format!("{host} needs an API key, and OPENAI_API_KEY is not set. Run `export OPENAI_API_KEY=…`."),
    )
}

pub(crate) fn no_models(host: &str, lang: Lang) -> String {
    lang.pick(
        format!("{host} は応答していますが、モデルが一つもありません。サーバーにモデルを読み込ませてください（Ollama なら `ollama pull llama3.2`）。"),
        format!("{host} is reachable but has no models. Load one there (with Ollama: `ollama pull llama3.2`)."),
    )
}

pub(crate) fn none_answers(host: &str, first: &[String], lang: Lang) -> String {
    lang.pick(
        format!("{host} にあるモデル（{} など）には、チャット用で、しかもそのサーバー自体で動くものがありません。設定の model か KAIZODO_MODEL に、使うモデルの名前を書いてください。", first.join("、")),
        format!("None of the models at {host} ({} …) is a chat model that runs on that server. Set `model` in the settings, or KAIZODO_MODEL, to the model to use.", first.join(", ")),
    )
}

pub(crate) fn other_purpose(host: &str, model: &str, lang: Lang) -> String {
    lang.pick(
        format!("{host} のモデル「{model}」は、埋め込み、音声、画像、リランキング、モデレーションなどのためのもので、質問には答えません。設定の model か KAIZODO_MODEL を直してください。"),
        format!("The model \"{model}\" at {host} is not a chat model; it is for embeddings, speech, images, ranking or moderation. Change `model` in the settings, or KAIZODO_MODEL."),
    )
}

pub(crate) fn wrong_model(host: &str, model: &str, near: &[String], lang: Lang) -> String {
    if near.is_empty() {
        return lang.pick(
            format!("{host} にモデル「{model}」はなく、ほかのチャット用のモデルもありません。設定の model か KAIZODO_MODEL を直すか、サーバーにモデルを読み込ませてください。"),
            format!("{host} has no model \"{model}\" and no other chat model. Change `model` in the settings, or KAIZODO_MODEL, or load a model there."),
        );
    }
    lang.pick(
        format!("{host} にモデル「{model}」はありません。近い名前は {} です。設定の model か KAIZODO_MODEL を直してください。", near.join("、")),
        format!("{host} has no model \"{model}\". Similar names there: {}. Change `model` in the settings, or KAIZODO_MODEL.", near.join(", ")),
    )
}

/// The cost of a run is limited, but cannot be estimated. `model` is empty if it is not known.
pub(crate) fn no_price(model: &str, lang: Lang) -> String {
    match model {
        "" => lang.pick(
            "limits.run_cost で費用を制限していますが、どのモデルが答えるか分からず、費用を見積もれないので、このままでは実行できません。model を設定するか、limits.run_cost を外してください。".to_owned(),
            "`limits.run_cost` is set, but it is not known which model will answer, so costs cannot be estimated and runs are refused. Set `model`, or remove `limits.run_cost`.".to_owned(),
        ),
        model => lang.pick(
            format!("limits.run_cost で費用を制限していますが、モデル「{model}」の価格が分からず、費用を見積もれないので、このモデルに尋ねる実行はできません。prices に価格を書くか、limits.run_cost を外してください。"),
            format!("`limits.run_cost` is set, but the price of the model \"{model}\" is not known, so runs that might use it are refused. Add the model to `prices`, or remove `limits.run_cost`."),
        ),
    }
}

pub(crate) fn no_list(host: &str, lang: Lang) -> String {
    lang.pick(
        format!("{host} はモデルの一覧を出さないので、モデル名は確かめていません。実行して 404 になるときは、接続先 URL（多くは /v1 で終わります）を直してください。"),
        format!("{host} does not list its models, so the model name was not checked. If a run fails with 404, correct the base URL (most end in /v1)."),
    )
}
