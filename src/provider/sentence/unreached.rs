//! Messages about failed connections: on this computer, the server is probably not running;
//! elsewhere, the cause decides.

use super::Facts;
use crate::lang::Lang;
use crate::provider::{Cause, Tls};

pub(crate) fn unreachable(facts: &Facts<'_>) -> String {
    let Facts { lang, host, status, .. } = facts;
    if let Some(Cause::Tls(tls)) = facts.cause {
        return insecure(*tls, host, *lang);
    }
    let local = local_start(host, *lang).filter(|_| facts.code.is_none());
    if let Some(start) = local {
        return lang.pick(
            format!("{host} に接続できません。{start}か、接続先 URL の設定を外してください。"),
            format!("Cannot connect to {host}. {start}, or unset the base URL."),
        );
    }
    match facts.cause {
        Some(Cause::Dns) => lang.pick(
            format!(
                "{host} というホストが見つかりません。接続先 URL のつづりとネットワークを確かめてください。"
            ),
            format!(
                "Cannot find the host {host}. Check the spelling of the base URL and your network."
            ),
        ),
        Some(Cause::Proxy) => lang.pick(
            format!(
                "プロキシ経由で {host} に接続できません{status}。HTTPS_PROXY などの設定を確かめてください。"
            ),
            format!("The proxy could not reach {host}{status}. Check HTTPS_PROXY and related settings."),
        ),
        Some(Cause::SignIn) => lang.pick(
            format!(
                "ネットワークがサインインを求めていて、{host} に届きません{status}。ブラウザーでサインインしてから、もう一度実行してください。"
            ),
            format!(
                "Cannot reach {host} because the network requires you to sign in{status}. Sign in with a browser and retry."
            ),
        ),
        Some(Cause::ConnectionRefused) => lang.pick(
            format!(
                "{host} への接続が拒まれました。サーバーが動いているか、使っていればプロキシ、接続先 URL のポートを確かめてください。"
            ),
            format!(
                "The connection to {host} was refused. Check that the server is running, the port in the base URL, and your proxy if you use one."
            ),
        ),
        Some(Cause::NoConnection) => lang.pick(
            format!(
                "{host} への接続が時間内にできませんでした。ネットワーク、使っていればプロキシ、接続先 URL を確かめるか、\
                 設定 timeouts.connect_ms を延ばしてください。"
            ),
            format!(
                "The connection to {host} timed out. Check the network, the base URL and your proxy if you use one, \
                 or raise timeouts.connect_ms."
            ),
        ),
        _ => lang.pick(
            format!("{host} に接続できません。ネットワークと接続先 URL を確かめてください。"),
            format!("Cannot reach {host}. Check the network and the base URL."),
        ),
    }
}

fn insecure(tls: Tls, host: &str, lang: Lang) -> String {
    match tls {
        Tls::Expired => lang.pick(
            format!(
                "{host} の証明書は期限が切れています。サーバーの証明書を新しくするか、このコンピューターの時計を確かめてください。"
            ),
            format!("{host}'s certificate has expired. Check this computer's clock, or renew the certificate if the server is yours."),
        ),
        Tls::OtherName => lang.pick(
            format!("{host} の証明書は別の名前のものです。接続先 URL のホスト名を確かめてください。"),
            format!("{host}'s certificate was issued for a different name. Check the host name in the base URL."),
        ),
        Tls::UnknownIssuer => lang.pick(
            format!(
                "{host} の証明書の発行者を、このコンピューターは信頼していません。社内や自分の認証局のものなら、システムの証明書に加えてください。"
            ),
            format!(
                "This computer does not trust the issuer of {host}'s certificate. \
                 If the issuer is your company or you, add its certificate to the system's trusted certificates."
            ),
        ),
        Tls::NotSpoken => lang.pick(
            format!(
                "{host} は TLS を話しません。接続先 URL が `https://` ではなく `http://` でないかを確かめてください。"
            ),
            format!("{host} does not speak TLS. Check whether the base URL should start with `http://`."),
        ),
        Tls::Other => lang.pick(
            format!(
                "{host} と安全に接続できません。証明書と、`https://` で始まる URL が正しいかを確かめてください。"
            ),
            format!(
                "Cannot establish a secure connection to {host}. Check its certificate, and whether the URL should start with `https://`."
            ),
        ),
    }
}

/// Returns how to start the server that usually has this port; `None` if the host is not this
/// computer.
fn local_start(host: &str, lang: Lang) -> Option<&'static str> {
    let (name, port) = host.rsplit_once(':').unwrap_or((host, ""));
    if !name.starts_with("127.") && name != "[::1]" && name != "localhost" {
        return None;
    }
    Some(match port {
        "11434" => {
            lang.pick("Ollama を起動する（`ollama serve`）", "Start Ollama (`ollama serve`)")
        }
        "1234" => lang.pick("LM Studio のサーバーを起動する", "Start LM Studio's server"),
        "8080" | "9931" => lang.pick("`llama-server` を起動する", "Start `llama-server`"),
        _ => lang.pick("サーバーを起動する", "Start the server"),
    })
}
