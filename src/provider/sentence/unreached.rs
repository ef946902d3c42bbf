//! No connection: on this computer the server is probably off, elsewhere the cause decides.

use super::Facts;
use crate::lang::Lang;
use crate::provider::Cause;

pub(super) fn unreachable(facts: &Facts<'_>) -> String {
    let Facts { lang, host, .. } = facts;
    if facts.cause == Some(&Cause::Tls) {
        return lang.pick(
            format!(
                "{host} と安全に接続できません。証明書と、https:// で始まる URL が正しいかを確かめてください。"
            ),
            format!(
                "No secure connection to {host} can be made. Check its certificate, and that https:// is right."
            ),
        );
    }
    if let Some(start) = local_start(host, *lang) {
        return lang.pick(
            format!("{host} に接続できません。{start}か、接続先 URL の設定を外してください。"),
            format!("Nothing answers at {host}. {start}, or unset the base URL."),
        );
    }
    match facts.cause {
        Some(Cause::Dns) => lang.pick(
            format!(
                "{host} というホストが見つかりません。接続先 URL のつづりとネットワークを確かめてください。"
            ),
            format!(
                "There is no host named {host}. Check the spelling of the base URL, and the network."
            ),
        ),
        Some(Cause::Proxy) => lang.pick(
            format!(
                "プロキシ経由で {host} に接続できません。HTTPS_PROXY などの設定を確かめてください。"
            ),
            format!("The proxy does not lead to {host}. Check HTTPS_PROXY and its like."),
        ),
        Some(Cause::Refused) => lang.pick(
            format!(
                "{host} が接続を拒みました。サーバーが動いているかと、接続先 URL のポートを確かめてください。"
            ),
            format!(
                "{host} refuses connections. Check that the server runs, and the port of the base URL."
            ),
        ),
        Some(Cause::NoConnection) => lang.pick(
            format!(
                "{host} への接続が時間内にできませんでした。ネットワークと接続先 URL を確かめるか、\
                 設定 timeouts.connect_ms を延ばしてください。"
            ),
            format!(
                "{host} could not be connected to in time. Check the network and the base URL, \
                 or raise timeouts.connect_ms."
            ),
        ),
        _ => lang.pick(
            format!("{host} に接続できません。ネットワークと接続先 URL を確かめてください。"),
            format!("{host} cannot be reached. Check the network and the base URL."),
        ),
    }
}

/// How to start the server that usually has this port, if the host is this computer.
fn local_start(host: &str, lang: Lang) -> Option<&'static str> {
    let (name, port) = host.rsplit_once(':').unwrap_or((host, ""));
    if !name.starts_with("127.") && name != "[::1]" && name != "localhost" {
        return None;
    }
    Some(match port {
        "11434" => lang.pick("Ollama を起動する(`ollama serve`)", "Start Ollama (`ollama serve`)"),
        "1234" => lang.pick("LM Studio のサーバーを起動する", "Start the server of LM Studio"),
        "8080" | "9931" => lang.pick("`llama-server` を起動する", "Start `llama-server`"),
        _ => lang.pick("サーバーを起動する", "Start the server"),
    })
}
