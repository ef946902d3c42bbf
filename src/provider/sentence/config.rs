//! Messages about endpoints that cannot be used, proxies, key commands and cassettes.

use crate::lang::{Lang, Message};
use crate::provider::{
    CassetteError, CassetteErrorKind, EndpointError, KEY_BYTES, KEY_TIMEOUT, KeyError,
    KeyErrorKind, ProxyError, SecretError,
};

impl Message for EndpointError {
    fn message(&self, lang: Lang) -> String {
        match self {
        EndpointError::Url(cause) => lang.pick(
            format!(
                "接続先 URL を読み取れません（{cause}）。http://127.0.0.1:11434 のように書いてください。"
            ),
            format!("The base URL is not valid ({cause}). It should look like http://127.0.0.1:11434."),
        ),
        EndpointError::Scheme => lang.pick(
            "接続先 URL は `https://` または `http://` で始めてください。".to_owned(),
            "Start the base URL with `https://` or `http://`.".to_owned(),
        ),
        EndpointError::UserInfo => lang.pick(
            "接続先 URL にユーザー名やパスワードは書けません。キーは OPENAI_API_KEY に設定してください。"
                .to_owned(),
            "The base URL must not contain a user name or password. Put the key in OPENAI_API_KEY."
                .to_owned(),
        ),
        EndpointError::Insecure(host) => lang.pick(
            format!(
                "{host} へは暗号化されない `http://` になるため、送りません。\
                 `https://` を使うか、allow_insecure_hosts に {host} を加えてください。"
            ),
            format!(
                "Nothing is sent to {host} over plain `http://`. \
                 Use `https://`, or add {host} to allow_insecure_hosts."
            ),
        ),
        EndpointError::Proxy { host, variable, fault } => proxy(host, variable, fault, lang),
        EndpointError::Key(SecretError::Empty) => lang.pick(
            "API キーが空です。OPENAI_API_KEY に設定し直すか、外してください。".to_owned(),
            "OPENAI_API_KEY is empty. Set it to your key, or remove the variable.".to_owned(),
        ),
        EndpointError::Key(SecretError::Unprintable) => lang.pick(
            "API キーの途中に改行か、ASCII にない文字があります。OPENAI_API_KEY を設定し直してください。"
                .to_owned(),
            "The API key contains a line break or a non-ASCII character. Set OPENAI_API_KEY again."
                .to_owned(),
        ),
        EndpointError::Key(SecretError::Quoted) => lang.pick(
            "API キーが引用符で囲まれています。引用符を除いたキーだけを OPENAI_API_KEY に設定してください。".to_owned(),
            "There are quotation marks around the API key. Set OPENAI_API_KEY without them.".to_owned(),
        ),
        EndpointError::Key(SecretError::Prefixed) => lang.pick(
            "API キーの前に `Bearer` が付いています。kaizodo が自分で付けるので、キーだけを OPENAI_API_KEY に設定してください。".to_owned(),
            "The API key starts with `Bearer`, which kaizodo adds itself. Set OPENAI_API_KEY to the key alone.".to_owned(),
        ),
        EndpointError::Key(SecretError::Assigned) => lang.pick(
            "API キーの前に変数名が付いています。`=` より後のキーだけを OPENAI_API_KEY に設定してください。".to_owned(),
            "The API key has a variable name in front of it. Set OPENAI_API_KEY to only the part after the `=`.".to_owned(),
        ),
        EndpointError::KeyCommand(error) => error.message(lang),
        EndpointError::Header(name) => lang.pick(
            format!("ヘッダー {name:?} は送れません。名前と値を確かめてください。"),
            format!("The header {name:?} cannot be sent. Check its name and value."),
        ),
        EndpointError::Unclear => lang.pick(
            "設定に provider = \"openai\" とモデルのファイル（gguf）が両方あり、どちらに尋ねるのか決められないので、何も送りません。ファイルを使うなら provider を \"local\" にし、使わないなら gguf を消してください（環境変数では KAIZODO_PROVIDER と KAIZODO_GGUF）。".to_owned(),
            "Nothing was sent: the settings say provider = \"openai\" and also name a model file (gguf), so it is unclear which of them to ask. To use the file, set `provider` to \"local\"; otherwise remove `gguf` (in the environment, KAIZODO_PROVIDER and KAIZODO_GGUF).".to_owned(),
        ),
        EndpointError::NoEditorModels => lang.pick(
            "設定は provider = \"editor\" ですが、このエディターにはモデルがありません。\"auto\" などに変えてください。".to_owned(),
            "The settings say provider = \"editor\", but this editor offers no models. Choose another provider, such as \"auto\".".to_owned(),
        ),
        EndpointError::NoModel(host) => lang.pick(
            format!("モデルが設定されておらず、{host} の一覧にも使えるモデルがありません。設定の `model` か環境変数 KAIZODO_MODEL にモデルの名前を書いてください。"),
            format!("No model is set, and {host} lists no usable chat model. Set `model` in the settings, or KAIZODO_MODEL."),
        ),
        EndpointError::SettingsUnreadable(host) => lang.pick(
            format!("読めない設定があり、送り先が {host} でよいのか分からないので、何も送りません。`kaizodo doctor` が示す箇所を直してください。"),
            format!("Nothing was sent: some settings cannot be read, so {host} may not be the server you chose. Fix what `kaizodo doctor` reports."),
        ),
        EndpointError::EditorUnclear => lang.pick(
            "読めない設定があり、エディターのモデルに送ってよいのか分からないので、何も送りません。`kaizodo doctor` が示す箇所を直してください。".to_owned(),
            "Nothing was sent: some settings cannot be read, so the editor's models may not be what you chose. Fix what `kaizodo doctor` reports.".to_owned(),
        ),
        EndpointError::Llama(error) => error.message(lang),
        EndpointError::Client(cause) => lang.pick(
            format!("HTTPS の準備ができません（{cause}）。システムの証明書を確かめてください。"),
            format!("HTTPS cannot be set up ({cause}). Check the system's certificates."),
        ),
    }
    }
}

/// Returns what is wrong with the variable that names the proxy, and what to do about it.
fn proxy(host: &str, variable: &str, fault: &ProxyError, lang: Lang) -> String {
    match fault {
        ProxyError::Scheme(scheme) => lang.pick(
            format!("環境変数 {variable} が指定する `{scheme}://` のプロキシには対応していないので、{host} には何も送りません。`socks5h://`、`socks5://`、`http://` などに書き直すか、プロキシを使わないなら NO_PROXY に {host} を加えてください。"),
            format!("{variable} names a `{scheme}://` proxy, which is not supported, so nothing is sent to {host}. Use `socks5h://`, `socks5://` or `http://`, or add {host} to NO_PROXY to bypass the proxy."),
        ),
        ProxyError::NoPort => lang.pick(
            format!("環境変数 {variable} の SOCKS プロキシにポート番号がないので、{host} には何も送りません。`socks5h://127.0.0.1:1080` のように書いてください。"),
            format!("The SOCKS proxy in {variable} has no port, so nothing is sent to {host}. It should look like `socks5h://127.0.0.1:1080`."),
        ),
        ProxyError::Unreadable => lang.pick(
            format!("環境変数 {variable} をプロキシの URL として読めないので、{host} には何も送りません。`http://proxy.example:3128` のように書いてください（パスワードの中の `@` は `%40` と書きます）。"),
            format!("{variable} is not a valid proxy URL, so nothing is sent to {host}. It should look like `http://proxy.example:3128` (in a password, write `@` as `%40`)."),
        ),
        ProxyError::Cgi => lang.pick(
            format!("環境変数 REQUEST_METHOD があると {variable} のプロキシが使われないので、{host} には何も送りません。REQUEST_METHOD を外してください。"),
            format!("The proxy in {variable} is ignored while REQUEST_METHOD is set, so nothing is sent to {host}. Unset REQUEST_METHOD."),
        ),
    }
}

impl Message for KeyError {
    fn message(&self, lang: Lang) -> String {
        let KeyError { program, kind } = self;
        let seconds = KEY_TIMEOUT.as_secs();
        let (what, todo) = match kind {
        KeyErrorKind::Missing => (
            lang.pick("見つかりません。", "was not found."),
            lang.pick("config.toml の key_command に、完全なパスを書いてください。", "Set key_command in config.toml to its full path."),
        ),
        KeyErrorKind::NotStarted(cause) => return lang.pick(
            format!("キーを出力するコマンド `{program}` を実行できません（{cause}）。config.toml の key_command を確かめてください。"),
            format!("The key command `{program}` cannot be run ({cause}). Check key_command in config.toml."),
        ),
        KeyErrorKind::Failed(Some(status)) => return lang.pick(
            format!("キーを出力するコマンド `{program}` が状態 {status} で失敗しました。端末で実行して、理由を確かめてください。"),
            format!("The key command `{program}` failed with status {status}. Run it in a terminal to see why."),
        ),
        KeyErrorKind::Failed(None) => (
            lang.pick("シグナルで終了しました。", "was terminated by a signal."),
            lang.pick("端末で実行して、理由を確かめてください。", "Run it in a terminal to see why."),
        ),
        KeyErrorKind::Late => return lang.pick(
            format!("キーを出力するコマンド `{program}` が {seconds} 秒たっても終わらないので、止めました。入力を待たずに終わるようにしてください（先に鍵束を開けておくなど）。"),
            format!("The key command `{program}` did not finish within {seconds} s and was stopped. Make sure it does not wait for input (for example, unlock the keyring first)."),
        ),
        KeyErrorKind::TooMuch => return lang.pick(
            format!("キーを出力するコマンド `{program}` の出力が {KEY_BYTES} バイトを超えたので、止めました。一行目にキーだけを出力するものを指定してください。"),
            format!("The key command `{program}` printed more than {KEY_BYTES} bytes and was stopped. Use one that prints the key, and nothing else, on its first line."),
        ),
        KeyErrorKind::Unfit(SecretError::Empty) => (
            lang.pick("一行目に何も出力しませんでした。", "printed nothing on its first line."),
            lang.pick("端末で実行して、キーが一行目に出るか確かめてください。", "Run it in a terminal and check that the key is on the first line."),
        ),
        KeyErrorKind::Unfit(SecretError::Unprintable) => (
            lang.pick("一行目に、キーには使えない文字を出力しました。", "printed a first line that cannot be a key."),
            lang.pick("端末で実行して、キーだけが一行目に出るか確かめてください。", "Run it in a terminal and check that the key, and nothing else, is on the first line."),
        ),
        KeyErrorKind::Unfit(SecretError::Quoted | SecretError::Prefixed | SecretError::Assigned) => (
            lang.pick("一行目に、引用符や `Bearer`、変数名の付いたキーを出力しました。", "printed a key with quotation marks around it, or with `Bearer` or a variable name in front of it."),
            lang.pick("キーだけを一行目に出力させてください。", "Make it print the key, and nothing else, on its first line."),
        ),
    };
        lang.pick(
            format!("キーを出力するコマンド `{program}` は{what}{todo}"),
            format!("The key command `{program}` {what} {todo}"),
        )
    }
}

impl Message for CassetteError {
    fn message(&self, lang: Lang) -> String {
        let CassetteError { cassette, file, perspective, kind } = self;
        match kind {
            CassetteErrorKind::OtherModel { asked, recorded } => lang.pick(
                format!("カセット {cassette} にある {file} の {perspective} への答えは {recorded} のもので、{asked} の答えはありません。`--model {recorded}` を付けるか、`--record` で記録し直してください。"),
                format!("{file}, {perspective}: {cassette} has an answer from {recorded} but none from {asked}. Use `--model {recorded}`, or record it again with `--record`."),
            ),
            CassetteErrorKind::OtherWording => lang.pick(
                format!("カセット {cassette} にある {file} の {perspective} への答えは、いまとは違う文言で尋ねたときのものです。`--record` で記録し直してください。"),
                format!("{file}, {perspective}: the answer in {cassette} was recorded with a different wording of the question. Record it again with `--record`."),
            ),
            CassetteErrorKind::Nothing => lang.pick(
                format!("カセット {cassette} に {file} の {perspective} への答えがありません。`--record` で記録してください。"),
                format!("{file}, {perspective}: {cassette} has no recorded answer. Record one with `--record`."),
            ),
        }
    }
}
