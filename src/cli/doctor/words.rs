//! The doctor's sentences: what is so, and what to do next.

use crate::config::ProviderChoice;
use crate::lang::Lang;

pub(crate) fn works(host: &str, model: &str, lang: Lang) -> String {
    match model {
        "" => lang.pick(format!("{host} が応答しています。"), format!("{host} answers.")),
        model => lang.pick(
            format!("{host} が応答し、モデル「{model}」を使えます。"),
            format!("{host} answers, and the model \"{model}\" can be asked."),
        ),
    }
}

pub(crate) fn no_model(selector: ProviderChoice, lang: Lang) -> String {
    match selector {
        ProviderChoice::Worksheet => lang.pick(
            "設定どおり、モデルには尋ねず、内蔵のワークシートが答えます。モデルに答えさせるには、provider を auto にしてください。".to_owned(),
            "As the settings say, no model is asked and the built-in worksheet answers. Set provider to auto to have a model asked.".to_owned(),
        ),
        _ => lang.pick(
            "使えるモデルがないので、内蔵のワークシートが答えます。モデルに答えさせるには、`export OPENAI_API_KEY=…` を設定するか、Ollama を起動してください(`ollama serve`)。".to_owned(),
            "There is no model to ask, so the built-in worksheet answers. For a model's answers, set `export OPENAI_API_KEY=…` or start Ollama (`ollama serve`).".to_owned(),
        ),
    }
}

pub(crate) fn no_key(host: &str, lang: Lang) -> String {
    lang.pick(
        format!("{host} に尋ねるにはキーが要りますが、OPENAI_API_KEY が設定されていません。`export OPENAI_API_KEY=…` を設定してください。"),
        format!("{host} wants a key, and OPENAI_API_KEY is not set. Set `export OPENAI_API_KEY=…`."),
    )
}

pub(crate) fn no_models(host: &str, lang: Lang) -> String {
    lang.pick(
        format!("{host} は応答していますが、モデルが一つもありません。サーバーにモデルを読み込ませてください(Ollama なら `ollama pull llama3.2`)。"),
        format!("{host} answers, but it has no model. Load one there (with Ollama: `ollama pull llama3.2`)."),
    )
}

pub(crate) fn none_answers(host: &str, first: &[String], lang: Lang) -> String {
    lang.pick(
        format!("{host} にあるモデル({} など)には、質問に答えられて、しかもそのサーバー自体で動くものがありません。設定の model か KAIZODO_MODEL に、使うモデルの名前を書いてください。", first.join("、")),
        format!("None of the models at {host} ({} …) is a chat model that runs on that server itself. Set model in the settings, or KAIZODO_MODEL, to the one to use.", first.join(", ")),
    )
}

pub(crate) fn other_purpose(host: &str, model: &str, lang: Lang) -> String {
    lang.pick(
        format!("{host} のモデル「{model}」は、埋め込み、音声、画像、リランキング、モデレーションなどのためのもので、質問には答えません。設定の model か KAIZODO_MODEL を直してください。"),
        format!("The model \"{model}\" at {host} is not a chat model; it is for embeddings, speech, images, ranking or moderation. Change model in the settings, or KAIZODO_MODEL."),
    )
}

pub(crate) fn wrong_model(host: &str, model: &str, near: &[String], lang: Lang) -> String {
    lang.pick(
        format!("{host} にモデル「{model}」はありません。近い名前は {} です。設定の model か KAIZODO_MODEL を直してください。", near.join("、")),
        format!("{host} has no model \"{model}\". The nearest it has: {}. Change model in the settings, or KAIZODO_MODEL.", near.join(", ")),
    )
}

pub(crate) fn no_list(host: &str, lang: Lang) -> String {
    lang.pick(
        format!("{host} はモデルの一覧を出さないので、モデル名は確かめていません。実行して 404 になるときは、接続先 URL(多くは /v1 で終わります)を直してください。"),
        format!("{host} does not list its models, so the model was not checked. If a run says 404, correct the base URL (most end in /v1)."),
    )
}
