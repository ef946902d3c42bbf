//! Messages about requests that the server rejected.

use super::Facts;
use crate::provider::transport::ANOTHER_PATH;
use crate::provider::{Cause, KeyPlace};

pub(crate) fn unauthorized(facts: &Facts<'_>) -> String {
    let Facts { lang, host, status, .. } = facts;
    if facts.cause == Some(&Cause::NoKey) {
        return lang.pick(
            format!(
                "{host} はキーを求めていますが{status}、ここには設定されていません。\
                 OPENAI_API_KEY か、config.toml の key_command で設定してください。\
                 デスクトップから起動したエディターには、シェルの環境変数が届かないことがあります\
                （VS Code ではコマンド「API キーを設定」を使えます）。"
            ),
            format!(
                "{host} requires an API key{status}, but none is set. Set OPENAI_API_KEY, or key_command in \
                 config.toml. An editor started from the desktop may not see your shell's \
                 environment variables (in VS Code, use the command Set API Key)."
            ),
        );
    }
    match facts.cause {
        Some(Cause::KeyRejected(place)) => rejected(place, facts),
        _ => rejected(&KeyPlace::Environment, facts),
    }
}

/// Returns the message for a rejected key. Only a key from the environment is replaced by setting
/// `OPENAI_API_KEY`.
fn rejected(place: &KeyPlace, facts: &Facts<'_>) -> String {
    let Facts { lang, host, status, .. } = facts;
    match place {
        KeyPlace::Nowhere | KeyPlace::Environment => lang.pick(
            format!(
                "{host} がキーを受け付けませんでした{status}。\
                 有効なキーを OPENAI_API_KEY に設定して、もう一度実行してください。"
            ),
            format!(
                "{host} rejected the API key{status}. Set OPENAI_API_KEY to a valid key and retry."
            ),
        ),
        KeyPlace::Command(program) => lang.pick(
            format!(
                "{host} が、`{program}` の出力したキーを受け付けませんでした{status}。\
                 config.toml の key_command と、その出力を確かめて、もう一度実行してください。"
            ),
            format!(
                "{host} rejected the API key that `{program}` printed{status}. \
                 Check key_command in config.toml and what it prints, then retry."
            ),
        ),
        KeyPlace::Header(name) => lang.pick(
            format!(
                "{host} が、ヘッダー {name} のキーを受け付けませんでした{status}。\
                 設定の headers にあるキーを直して、もう一度実行してください。"
            ),
            format!(
                "{host} rejected the key in the header {name}{status}. \
                 Correct the key in `headers` in the settings, then retry."
            ),
        ),
        KeyPlace::Perhaps(name) => lang.pick(
            format!(
                "{host} がキーを受け付けませんでした{status}。\
                 キーが {name} に入っているなら、設定のその値を直してください。入っていなければ、OPENAI_API_KEY か、config.toml の key_command で設定してください。"
            ),
            format!(
                "{host} rejected the API key{status}. If the key is in {name}, correct it in the settings. \
                 Otherwise set OPENAI_API_KEY, or key_command in config.toml."
            ),
        ),
    }
}

pub(crate) fn forbidden(facts: &Facts<'_>) -> String {
    let Facts { lang, host, model, status, .. } = facts;
    match facts.cause {
        Some(Cause::Region) => lang.pick(
            format!(
                "{host} は、この国や地域からは使えません{status}。\
                 使える地域のサーバーや、別の提供元のモデルを使ってください。プロキシや VPN を通しているときは、その出口の場所も確かめてください。"
            ),
            format!(
                "{host} is not available in the country or region the request came from{status}. \
                 Use another provider, or check the exit location of your proxy or VPN if you use one."
            ),
        ),
        Some(Cause::NoAccess) => lang.pick(
            format!(
                "{host} のこのアカウントでは、モデル「{model}」を使えません{status}。\
                 提供元の管理画面で使えるようにするか、別のモデルを使ってください。"
            ),
            format!(
                "This account at {host} is not allowed to use \"{model}\"{status}. \
                 Request access from the provider, or use another model."
            ),
        ),
        Some(Cause::Firewall) => lang.pick(
            format!(
                "{host} の API ではなく、その手前にあるファイアウォールやボット対策が要求を止めたようです{status}。\
                 接続先 URL と、使っていれば VPN やプロキシを確かめてください。"
            ),
            format!(
                "A firewall or bot check in front of {host}'s API seems to have blocked the request{status}. \
                 Check the base URL, and your VPN or proxy if you use one."
            ),
        ),
        Some(Cause::NoKey) => lang.pick(
            format!(
                "{host} がキーのない要求を許可しませんでした{status}。\
                 キーが要るサーバーなら、OPENAI_API_KEY か、config.toml の key_command で設定してください。"
            ),
            format!(
                "{host} denied the request, which carried no API key{status}. \
                 If the server requires one, set OPENAI_API_KEY, or key_command in config.toml."
            ),
        ),
        _ => lang.pick(
            format!(
                "{host} が要求を許可しませんでした{status}。\
                 アカウントとキーに、モデル「{model}」を使う権限があるかを確かめてください。"
            ),
            format!(
                "{host} denied the request{status}. \
                 Check that your account and key are allowed to use \"{model}\"."
            ),
        ),
    }
}

pub(crate) fn quota(facts: &Facts<'_>) -> String {
    let Facts { lang, host, status, .. } = facts;
    match facts.cause {
        Some(Cause::DayUsedUp) => lang.pick(
            format!(
                "{host} の 1 日の上限に達しました{status}。\
                 上限が戻るまで待つか、プランを変えるか、別のモデルを使ってください。"
            ),
            format!(
                "Your account at {host} has reached its daily limit{status}. \
                 Wait until it resets, change your plan, or use another model."
            ),
        ),
        Some(Cause::MinuteTokens) => lang.pick(
            format!(
                "この要求だけで、{host} で 1 分間に使えるトークン数を超えます{status}。\
                 選択範囲を狭めるか、同じ枠で数えられる `limits.max_tokens` を減らすか、契約を見直してください。"
            ),
            format!(
                "This request alone exceeds the tokens-per-minute limit of your account at {host}{status}. \
                 Select less text, lower `limits.max_tokens`, which counts toward it, or change your plan."
            ),
        ),
        _ => lang.pick(
            format!(
                "{host} の利用枠または残高が尽きています{status}。\
                 契約と支払いを確かめるか、別のモデルを使ってください。"
            ),
            format!(
                "Your account at {host} has no quota or credit left{status}. \
                 Check your plan and billing, or use another model."
            ),
        ),
    }
}

pub(crate) fn not_found(facts: &Facts<'_>) -> String {
    let Facts { lang, host, model, status, .. } = facts;
    lang.pick(
        format!(
            "{host} にモデル「{model}」または接続先のパスが見つかりません{status}。\
             使えるモデルは `kaizodo doctor` で確かめられます。"
        ),
        format!(
            "{host} cannot find the model \"{model}\" or the requested path{status}. \
             Run `kaizodo doctor` to see which models are available."
        ),
    )
}

pub(crate) fn too_large(facts: &Facts<'_>) -> String {
    let Facts { lang, host, model, status, .. } = facts;
    lang.pick(
        format!(
            "選択範囲が長すぎて、{host} のモデル「{model}」には収まりません{status}。\
             範囲を狭めるか、より長い文章を扱えるモデルを使ってください。"
        ),
        format!(
            "The selection is too long for \"{model}\" at {host}{status}. \
             Select less text, or use a model with a larger context window."
        ),
    )
}

pub(crate) fn bad_request(facts: &Facts<'_>) -> String {
    let Facts { lang, host, model, status, code, .. } = facts;
    if code.is_some_and(|code| (300..400).contains(&code)) {
        let target = match facts.cause {
            Some(Cause::Redirect(target)) if target != ANOTHER_PATH => {
                lang.pick(format!(" {target} "), target.clone())
            }
            _ => lang.pick("別の場所", ANOTHER_PATH).to_owned(),
        };
        return lang.pick(
            format!(
                "{host} は{target}へ転送しようとしています{status}。\
                 文章とキーは転送先へ送りません。接続先 URL を最終的なものに直してください。"
            ),
            format!(
                "{host} redirects to {target}{status}; your text and key were not sent there. \
                 Set the base URL to the final address."
            ),
        );
    }
    lang.pick(
        format!(
            "{host} が要求を受け付けませんでした{status}。\
             接続先 URL とモデル「{model}」の設定を確かめてください。"
        ),
        format!(
            "{host} rejected the request{status}. \
             Check the base URL and the settings for \"{model}\"."
        ),
    )
}

pub(crate) fn rate_limited(facts: &Facts<'_>, wait_ms: Option<u64>) -> String {
    let Facts { lang, host, status, .. } = facts;
    match wait_ms.map(|ms| ms.div_ceil(1000)) {
        Some(s) => lang.pick(
            format!("{host} への要求が多すぎます{status}。{s} 秒後にもう一度実行してください。"),
            format!("{host} is rate-limiting requests{status}. Retry in {s} s."),
        ),
        None => lang.pick(
            format!(
                "{host} への要求が多すぎます{status}。\
                 少し待ってから実行し直すか、同時に送る数を減らしてください。"
            ),
            format!(
                "{host} is rate-limiting requests{status}. Wait a moment and retry, or send fewer requests at once."
            ),
        ),
    }
}
