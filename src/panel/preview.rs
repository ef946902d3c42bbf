//! Renders the preview of a run, which shows what the run would send.

use super::layout::{code, note_line, one_line, place_of};
use super::sanitize::{Viewer, show_hidden_lines};
use crate::event::{Role, Usd};
use crate::lang::Lang;
use crate::request::{Estimate, Order, Outgoing, Planned, Preview, Sent};

/// Renders a preview as Markdown. The selection and the request bodies are shown verbatim, except
/// that line breaks are normalized and hidden characters are replaced with their code points.
pub fn preview(preview: &Preview) -> String {
    let lang = preview.lang;
    let mut out = heading(preview);
    out += &whereto(preview);
    out.extend(preview.notes.iter().map(|note| note_line(note, Viewer::Renderer)));
    out += lang.pick("\n## 選んだ文章\n\n", "\n## The text\n\n");
    out += lang.pick(
        "どの節の問いにも、この形で入ります。\n\n",
        "Every request contains it in this form.\n\n",
    );
    out += &fenced("text", &preview.text);
    if let Some(context) = &preview.context {
        out += lang.pick(
            "\n## 一緒に送る、周りの文章\n\nどの節の問いでも、文章の前にこの形で入ります。\n\n",
            "\n## The surrounding text\n\nEvery request contains it in this form, before the text.\n\n",
        );
        out += &fenced("text", context);
    }
    for planned in &preview.sections {
        out += &section(planned, lang);
    }
    out += &unsent(preview);
    out
}

fn heading(preview: &Preview) -> String {
    let lang = preview.lang;
    let what = lang.pick("送信内容の確認", "What would be sent");
    let title = match preview.title.as_str() {
        "" => format!("# 解像度 · {what}\n"),
        title => format!("# 解像度 · {what} · {}\n", one_line(title, Viewer::Renderer)),
    };
    let place = code(&place_of(&preview.source));
    let provider = one_line(&preview.provider, Viewer::Renderer);
    let parts: Vec<_> = [place, provider].into_iter().filter(|part| !part.is_empty()).collect();
    title + &format!("\n{}\n", parts.join(" · "))
}

/// Returns the paragraphs that say where the requests go and in which order, how many tokens they
/// take, and which URLs are queried first.
fn whereto(preview: &Preview) -> String {
    let lang = preview.lang;
    let views = || preview.sections.iter().filter(|planned| planned.role == Role::View);
    let count = views().count();
    let sent = |planned: &&Planned| matches!(planned.sent, Sent::Request(_) | Sent::Editor(_));
    let to_editor = preview.sections.iter().any(|p| matches!(p.sent, Sent::Editor(_)));
    if preview.sections.iter().filter(sent).count() == 0 {
        let nothing = lang
            .pick("このコンピューターの外には何も送りません。", "Nothing leaves this computer.");
        return format!("\n{nothing}\n");
    }
    let first = match (&preview.host, to_editor) {
        (Some(host), _) => lang.pick(
            format!("まだ何も送っていません。実行すると、{} だけに {count} 件を送ります。", code(host)),
            format!("Nothing has been sent yet. A run would send {count} requests, only to {}.", code(host)),
        ),
        _ => lang.pick(
            format!("まだ何も送っていません。実行すると、エディターのモデルに {count} 件の問いを渡します。そこから先はエディターの設定によります。"),
            format!("Nothing has been sent yet. A run would hand {count} requests to the editor's models. Where they go from there is up to the editor."),
        ),
    };
    let space = lang.pick("", " ");
    let then = match count < preview.sections.len() {
        true => lang.pick(
            "すべての答えがそろったら、それを文章と一緒に送って焦点を書かせる 1 件が続きます。",
            " Once all have answered, one more request sends the text with their answers, for the focus.",
        ),
        false => "",
    };
    let mut out = format!("\n{first}{space}{}{then}\n", leave(preview.leave, count, lang));
    out += &preview.estimate.map(|estimate| takes(&estimate, lang)).unwrap_or_default();
    for url in &preview.before {
        let url = code(url);
        out += &lang.pick(
            format!("\nその前に一度、文章なしで {url} に尋ねます。答えがモデルの名前を決めることがあります。\n"),
            format!("\nBefore that, {url} is queried once, without the text. Its answer may decide which model is asked.\n"),
        );
    }
    out
}

/// Returns the line with the tokens and the cost.
fn takes(estimate: &Estimate, lang: Lang) -> String {
    let sent = grouped(estimate.prompt_tokens.saturating_sub(estimate.view_tokens));
    let views = grouped(estimate.view_tokens);
    let got = grouped(estimate.completion_tokens);
    let input = match estimate.view_tokens {
        0 => lang.pick(
            format!("入力はおよそ {sent} トークンです。"),
            format!("About {sent} tokens in."),
        ),
        _ => lang.pick(
            format!("入力はおよそ {sent} トークンです。焦点はさらに視点の答えも読みます（合わせて最大 {views} トークン）。"),
            format!("About {sent} tokens in, plus the views' answers, which the focus reads (at most {views} tokens)."),
        ),
    };
    let output = lang
        .pick(format!("出力は最大 {got} トークンです。"), format!(" At most {got} tokens out."));
    let cost = match estimate.cost.map(Usd::rounded_up) {
        Some(cost) => {
            lang.pick(format!("費用は最大 {cost} です。"), format!(" Costs at most {cost}."))
        }
        None => String::new(),
    };
    format!("\n{input}{output}{cost}\n")
}

/// Formats a number with a comma before each group of three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (digit, left) in digits.chars().zip((1..=digits.len()).rev()) {
        if !out.is_empty() && left.is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn leave(leave: Order, count: usize, lang: Lang) -> String {
    match leave {
        Order::AtOnce(max) if max >= count => {
            lang.pick("すべて同時に送ります。", "All at once.").to_owned()
        }
        Order::AtOnce(max) => lang.pick(
            format!("同時に送るのは {max} 件までです。"),
            format!("At most {max} at a time."),
        ),
        Order::LeaderFirst => lang
            .pick(
                "最初の一件の答えが始まるか 2 秒たったら、残りを送ります。",
                "The first request is sent alone; the others follow once its answer begins, or after two seconds.",
            )
            .to_owned(),
        Order::InTurn => lang.pick("一件ずつ順に送ります。", "One after another.").to_owned(),
    }
}

fn section(planned: &Planned, lang: Lang) -> String {
    let mut out = format!("\n## {}\n\n", one_line(&planned.title, Viewer::Renderer));
    let is_sent = matches!(planned.sent, Sent::Request(_) | Sent::Editor(_));
    if is_sent && !planned.fallbacks.is_empty() {
        let next: Vec<_> = planned.fallbacks.iter().map(|model| code(model)).collect();
        let next = next.join(lang.pick("、", ", "));
        out += &lang.pick(
            format!("このモデルが答えられないときは、順に {next} に尋ねます。\n\n"),
            format!("If this model cannot answer, the next one is asked: {next}.\n\n"),
        );
    }
    match &planned.sent {
        Sent::Nothing => {
            out += lang.pick("何も送りません。\n", "Nothing is sent.\n");
        }
        Sent::Refused(why) => out += &format!("✗ {}\n", one_line(why, Viewer::Renderer)),
        Sent::Editor(json) => {
            out += &question(&planned.question, lang);
            out += &fenced("json", json);
        }
        Sent::Request(Outgoing { method, url, headers, body }) => {
            let names: Vec<_> = headers.iter().map(|name| code(name)).collect();
            let (bytes, names) = (body.len(), names.join(", "));
            out += &format!("{}\n\n", code(&format!("{method} {url}")));
            out += &lang.pick(format!("ヘッダー: {names}。\n\n"), format!("Headers: {names}.\n\n"));
            out += &question(&planned.question, lang);
            out += &lang
                .pick(format!("本文（{bytes} バイト）:\n\n"), format!("Body ({bytes} bytes):\n\n"));
            out += &fenced("json", body);
        }
    }
    out
}

/// Returns the question as readable text; the body below it contains the same text as JSON.
fn question(question: &str, lang: Lang) -> String {
    let asks = lang.pick("文章のあとに置く問い:", "The question, after the text:");
    format!("{asks}\n\n{}\n", fenced("text", question))
}

fn unsent(preview: &Preview) -> String {
    let lang = preview.lang;
    let patterns: Vec<_> = preview.never_send.iter().map(|pattern| code(pattern)).collect();
    let patterns = match patterns.is_empty() {
        true => lang.pick("なし", "none").to_owned(),
        false => patterns.join(", "),
    };
    // The context begins with the document's title, which may be the file's name.
    let (kept_ja, kept_en) = match preview.context.is_some() {
        false => (
            "ファイルの名前とパス、選ばなかった部分",
            "The file's name and path, the rest of the file",
        ),
        true => (
            "ファイルのパス、上に示したほかの部分",
            "The file's path, any part of the file not shown above",
        ),
    };
    let (runs_ja, runs_en) = match preview.of_answer {
        false => ("過去の実行", "earlier runs"),
        true => ("ほかの過去の実行", "other earlier runs"),
    };
    lang.pick(
        format!(
            "\n## 送らないもの\n\n{kept_ja}、ほかのファイル、{runs_ja}。名前が次のどれかに合うファイルからは、選んだ部分も送りません: {patterns}。\n"
        ),
        format!(
            "\n## What is never sent\n\n{kept_en}, other files, and {runs_en}. If a file's name matches one of these patterns, not even the selection is sent: {patterns}.\n"
        ),
    )
}

/// Returns `text` as a fenced code block with the info string `kind`. The fence is longer than any
/// run of backticks in `text`, so that `text` cannot close the block. Hidden characters are
/// replaced with their code points.
pub fn fenced(kind: &str, text: &str) -> String {
    let shown = show_hidden_lines(text);
    let longest = shown.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    let end = if shown.ends_with('\n') { "" } else { "\n" };
    format!("{fence}{kind}\n{shown}{end}{fence}\n")
}
