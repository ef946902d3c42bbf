//! Messages about a model file and its server, and what to do next.

use crate::lang::{Lang, Message};
use crate::provider::{Launch, LlamaError};
use std::path::Path;

/// Where to get the program.
const PROGRAM: &str = "https://github.com/ggml-org/llama.cpp";

/// Number of the signal that ends a program at once, on every Unix system.
const SIGKILL: i32 = 9;

/// Returns a message that says that a `llama-server` is being started, and for which model file.
pub fn starting(launch: &Launch, lang: Lang) -> String {
    let file = launch.file.file_name().unwrap_or_default().to_string_lossy();
    lang.pick(
        format!("llama-server を起動し、{file} を読み込んでいます"),
        format!("starting llama-server, which loads {file}"),
    )
}

impl Message for LlamaError {
    fn message(&self, lang: Lang) -> String {
        let shown = |path: &Path| path.display().to_string();
        match self {
            LlamaError::NoFile(file) => lang.pick(
                format!("モデルのファイル {} がありません。設定の gguf（または環境変数 KAIZODO_GGUF）のパスを直してください。", shown(file)),
                format!("There is no model file at {}. Correct the path: `gguf` in the settings, or KAIZODO_GGUF.", shown(file)),
            ),
            LlamaError::Unreadable(file, cause) => lang.pick(
                format!("モデルのファイル {} を読めません（{cause}）。ファイルの権限を確かめてください。", shown(file)),
                format!("The model file {} cannot be read ({cause}). Check its permissions.", shown(file)),
            ),
            LlamaError::NotGguf(file) => lang.pick(
                format!("{} は GGUF 形式のファイルではありません。ダウンロードが途中で終わったか、別の形式かもしれません。拡張子が .gguf のモデルを用意し、設定の gguf（または KAIZODO_GGUF）にそのパスを書いてください。", shown(file)),
                format!("{} is not a GGUF file; perhaps it was not fully downloaded, or is in another format. Get a model whose name ends in .gguf, and set gguf in the settings, or KAIZODO_GGUF, to its path.", shown(file)),
            ),
            LlamaError::NoProgram(name) => lang.pick(
                format!("{name} が PATH に見つかりません。llama.cpp をインストールするか（`brew install llama.cpp`、`winget install llama.cpp`、または {PROGRAM}）、設定の llama_server に完全なパスを書いてください。"),
                format!("{name} was not found on PATH. Install llama.cpp (`brew install llama.cpp`, `winget install llama.cpp`, or {PROGRAM}), or set llama_server in the settings to its full path."),
            ),
            LlamaError::NotStarted(program, cause) => lang.pick(
                format!("{} を起動できません（{cause}）。設定の llama_server を確かめてください。", shown(program)),
                format!("{} cannot be started ({cause}). Check llama_server in the settings.", shown(program)),
            ),
            LlamaError::Died { program, status, words } => died(&shown(program), *status, words, lang),
            LlamaError::Silent(program, limit) => lang.pick(
                format!("{} は {} 秒たっても接続を受け付けないので、終了させました。llama_server のコマンドを端末で直接実行して、理由を確かめてください。時間がかかるだけなら、timeouts.first_byte_ms を大きくしてください。", shown(program), limit.as_secs_f64()),
                format!("{} accepted no connection within {} s and was stopped. Run it in a terminal to see why. If it only needs more time, raise timeouts.first_byte_ms.", shown(program), limit.as_secs_f64()),
            ),
            LlamaError::Slow(program, limit) => lang.pick(
                format!("{} は {} 秒たってもモデルを読み込み終わらないので、終了させました。小さいモデルを使うか、timeouts.total_ms を大きくしてください。", shown(program), limit.as_secs_f64()),
                format!("{} was still loading the model after {} s and was stopped. Use a smaller model, or raise timeouts.total_ms.", shown(program), limit.as_secs_f64()),
            ),
            LlamaError::Stranger(program) => lang.pick(
                format!("{} のために選んだポートで、別のプログラムが応答したので、何も送っていません。もう一度実行してください。繰り返すときは、llama.cpp を新しくしてください。", shown(program)),
                format!("Nothing was sent: another program answered on the ports chosen for {}. Try again. If this keeps happening, update llama.cpp.", shown(program)),
            ),
        }
    }
}

fn died(program: &str, status: Option<i32>, words: &str, lang: Lang) -> String {
    // Signals go up to 64. A program that ends with -1 has the status 255.
    let is_signal = |status: &i32| cfg!(unix) && (129..=128 + 64).contains(status);
    let signal = status.filter(is_signal).map(|status| status - 128);
    let how = match (signal, status) {
        (Some(signal), _) => {
            lang.pick(format!("（シグナル {signal}）"), format!(" (signal {signal})"))
        }
        (None, Some(status)) => {
            lang.pick(format!("（状態 {status}）"), format!(" (status {status})"))
        }
        (None, None) => String::new(),
    };
    let todo = match signal {
        // What the system sends if there is too little memory.
        Some(SIGKILL) => lang.pick(
            "メモリーが足りず、システムに止められた可能性があります。小さいモデルを使うか、設定の llama_server の引数で --ctx-size を小さくしてください。",
            "The system may have killed it because there is too little memory. Use a smaller model, or a smaller --ctx-size in the arguments in llama_server.",
        ),
        _ => lang.pick(
            "モデルのファイルと、設定の llama_server の引数を確かめてください。メモリーが足りないときは、小さいモデルを使ってください。",
            "Check the model file and the arguments in llama_server. If there is too little memory, use a smaller model.",
        ),
    };
    let said = match words {
        "" => String::new(),
        words => lang.pick(format!("出力: {words}"), format!(" It said: {words}")),
    };
    lang.pick(
        format!("{program} がモデルを読み込む前に終了しました{how}。{todo}{said}"),
        format!("{program} exited before the model was loaded{how}. {todo}{said}"),
    )
}
