//! The panel's own words: title, origin, headings, status lines and the total.

use super::sanitize::{Sanitizer, Viewer, show_hidden};
use super::state::SectionState;
use crate::event::{Failure, Item, Mark, Outcome, Passage, Source, Total, Usage, Usd};
use crate::lang::Lang;
use unicode_width::UnicodeWidthChar;

/// Maximum width of a panel's title in terminal columns, of which a kana or kanji takes two.
const TITLE_COLUMNS: usize = 60;

/// Maximum number of characters of an item that are shown next to its mark.
const MARK_CHARS: usize = 40;

/// Separator in the panel's head, between the source and the title of the section that contains the
/// passage the run asks about.
pub(crate) const PASSAGE_SEPARATOR: &str = " › ";

/// Facts for a section's closing line, besides the outcome.
pub(crate) struct Closing<'a> {
    pub(crate) model: &'a str,
    pub(crate) usage: Option<Usage>,
    pub(crate) cost: Option<Usd>,
    pub(crate) elapsed_ms: u64,
    /// A sentence that replaces all other facts. Found only in journals of earlier versions.
    pub(crate) note: Option<&'a str>,
    /// Notes for the user about the section's request or answer, for example that the token limit
    /// was reduced.
    pub(crate) asked: &'a [String],
}

/// Returns a short title for a selection: the first sentence of the first line that contains a
/// letter or a digit. A longer one is cut after 60 columns, before a word where it has spaces.
pub fn title_of(selection: &str) -> String {
    let line = selection.lines().find(|l| l.chars().any(char::is_alphanumeric)).unwrap_or_default();
    let line = line.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '「').trim();
    let sentence = line.split_inclusive(['。', '!', '?', '！', '？']).next().unwrap_or_default();
    // A full stop ends a sentence only before a space: `1.5` and `notes.md` do not end one.
    let sentence = sentence.split_once(". ").map_or(sentence, |(first, _)| first);
    let sentence = show_hidden(sentence.trim_end_matches('。'));
    match cut_at(&sentence, TITLE_COLUMNS) {
        Some(kept) => format!("{kept}…"),
        None => sentence,
    }
}

/// Returns the beginning of a line that is wider than `columns`, without the word that would be cut
/// unless that is more than half of it; `None` if the whole line fits.
fn cut_at(line: &str, columns: usize) -> Option<&str> {
    let mut width = 0;
    let (end, _) = line.char_indices().find(|(_, c)| {
        width += c.width().unwrap_or_default();
        width > columns
    })?;
    let kept = line.get(..end)?;
    let is_in_word = !line.get(end..)?.starts_with(char::is_whitespace);
    let words = kept.rsplit_once(char::is_whitespace).map(|(words, _)| words.trim_end());
    Some(words.filter(|words| is_in_word && 2 * words.len() > end).unwrap_or(kept.trim_end()))
}

pub(crate) fn title_line(title: &str, viewer: Viewer) -> String {
    match title {
        "" => "# 解像度\n".to_owned(),
        title => format!("# 解像度 · {}\n", one_line(title, viewer)),
    }
}

/// Returns a selection's file name and lines for display: `notes.md:3–7`. The result is not
/// sanitized.
pub fn place_of(source: &Source) -> String {
    let path = source.uri.split(['?', '#']).next().unwrap_or_default();
    // Drops the scheme: in `untitled:Untitled-1`, no slash separates it from the name.
    let path = path.split_once(':').map_or(path, |(_, path)| path);
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let lines = source.range.0.lines();
    let (first, last) = (lines.start.saturating_add(1), lines.end);
    let lines = if first == last { first.to_string() } else { format!("{first}–{last}") };
    format!("{}:{lines}", decode(name))
}

/// Returns the title of the section that contains a passage, or its branch if there is no title.
pub(crate) fn passage_title(Passage { title, branch, .. }: &Passage, viewer: Viewer) -> String {
    one_line(if title.is_empty() { &branch.0 } else { title }, viewer)
}

/// Returns the line that says where the text came from and which provider is asked.
pub(crate) fn origin_line(
    source: &Source,
    passage: Option<&Passage>,
    provider: &str,
    viewer: Viewer,
) -> String {
    let mut place = code(&place_of(source));
    if let Some(passage) = passage {
        place += PASSAGE_SEPARATOR;
        place += &passage_title(passage, viewer);
    }
    // If the settings cannot be used, the provider has no name.
    let parts = [place, one_line(provider, viewer)];
    let parts: Vec<_> = parts.iter().filter(|part| !part.is_empty()).map(String::as_str).collect();
    format!("\n{}\n", parts.join(" · "))
}

/// Returns the line for a note about how the run was set up.
pub(crate) fn note_line(note: &str, viewer: Viewer) -> String {
    format!("\n⚠ {}\n", one_line(note, viewer))
}

pub(crate) fn heading(title: &str, viewer: Viewer) -> String {
    format!("\n## {}\n\n", one_line(title, viewer))
}

/// Returns the status line for a section that has not ended.
pub(crate) fn running(state: SectionState, lang: Lang) -> String {
    let words = match state {
        SectionState::Queued => lang.pick("順番を待っています", "queued"),
        SectionState::Gathering(ended, of) => {
            return lang.pick(
                format!("_… 視点がそろうのを待っています · {ended}/{of}_"),
                format!("_… waiting for the views · {ended} of {of}_"),
            );
        }
        SectionState::Waiting => lang.pick("答えを待っています", "waiting"),
        SectionState::Thinking(chars) => {
            return lang.pick(
                format!("_… 考えています · {chars} 字_"),
                format!("_… thinking · {chars} characters_"),
            );
        }
        _ => lang.pick("書いています", "writing"),
    };
    format!("_… {words}_")
}

/// Returns the status line for a section whose request cannot be sent yet. `what` is what the
/// section is waiting for.
pub(crate) fn waiting_for(what: &str, viewer: Viewer) -> String {
    format!("_… {}_", one_line(what, viewer))
}

/// Returns the status line for a section whose request was sent, with the notes about the request.
pub(crate) fn waiting(notes: &[String], lang: Lang, viewer: Viewer) -> String {
    let words = lang.pick("答えを待っています", "waiting").to_owned();
    let all = std::iter::once(words).chain(notes.iter().map(|note| one_line(note, viewer)));
    format!("_… {}_", all.collect::<Vec<_>>().join(" · "))
}

pub(crate) fn retrying(
    attempt: u8,
    after_ms: u64,
    failure: &Failure,
    lang: Lang,
    viewer: Viewer,
) -> String {
    let seconds = after_ms as f64 / 1000.0;
    let why = one_line(&failure.message, viewer);
    if after_ms == 0 {
        return lang.pick(
            format!("↻ もう一度送りました（{attempt} 回目）。{why}"),
            format!("↻ Retried (attempt {attempt}). {why}"),
        );
    }
    lang.pick(
        format!("↻ {seconds:.1} 秒後にもう一度送ります（{attempt} 回目）。{why}"),
        format!("↻ Retrying in {seconds:.1} s (attempt {attempt}). {why}"),
    )
}

/// Returns the last lines of a section that has ended: a sentence about the outcome, unless the
/// answer is complete, and the facts about the request.
pub(crate) fn closing(
    outcome: &Outcome,
    closing: &Closing<'_>,
    lang: Lang,
    viewer: Viewer,
) -> String {
    let facts = facts(closing, lang, viewer);
    let sentence = match outcome {
        Outcome::Done => return facts,
        Outcome::OnDemand => {
            return lang
                .pick(
                    "_まだ書いていません。この節をやり直すと、視点をまとめて書きます。_",
                    "_Not written yet. Retry this section to write it from the views._",
                )
                .to_owned();
        }
        Outcome::Cancelled => lang.pick("■ 停止しました。", "■ Stopped.").to_owned(),
        Outcome::Length(f) | Outcome::Filtered(f) | Outcome::CutOff(f) => {
            format!("⚠ {}", one_line(&f.message, viewer))
        }
        Outcome::Failed(f) => format!("✗ {}", one_line(&f.message, viewer)),
    };
    // If no request was sent, there are no facts to report.
    if closing.model.is_empty() { sentence } else { format!("{sentence}\n\n{facts}") }
}

fn facts(closing: &Closing<'_>, lang: Lang, viewer: Viewer) -> String {
    if let Some(note) = closing.note {
        return format!("_{}_", one_line(note, viewer));
    }
    let mut facts = Vec::new();
    if !closing.model.is_empty() {
        facts.push(code(closing.model));
    }
    if let Some(usage) = closing.usage {
        facts.push(tokens(&usage, lang));
    }
    // A time of 0 means that it is unknown, because the process ended first. The worksheet, which
    // asks no model, takes no time worth showing.
    let least = if closing.model.is_empty() { 50 } else { 1 };
    if closing.elapsed_ms >= least {
        facts.push(seconds(closing.elapsed_ms, lang));
    }
    facts.extend(closing.cost.filter(|cost| !cost.is_zero()).map(|cost| cost.to_string()));
    facts.extend(closing.asked.iter().map(|note| one_line(note, viewer)));
    facts.join(" · ")
}

fn tokens(usage: &Usage, lang: Lang) -> String {
    let (sent, got) = (usage.prompt_tokens, usage.completion_tokens);
    let cached = match (usage.cached_tokens, lang) {
        (0, _) => String::new(),
        (n, Lang::Ja) => format!("（うち {n} は再利用）"),
        (n, Lang::En) => format!(" ({n} cached)"),
    };
    let thought = match (usage.reasoning_tokens, lang) {
        (0, _) => String::new(),
        (n, Lang::Ja) => format!("（うち {n} は推論）"),
        (n, Lang::En) => format!(" ({n} reasoning)"),
    };
    lang.pick(
        format!("{sent}{cached} → {got} トークン{thought}"),
        format!("{sent}{cached} → {got} tokens{thought}"),
    )
}

fn seconds(ms: u64, lang: Lang) -> String {
    let seconds = ms as f64 / 1000.0;
    lang.pick(format!("{seconds:.1} 秒"), format!("{seconds:.1} s"))
}

/// Returns the panel's last line, with the total of a run that is over.
pub(crate) fn total(total: &Total, lang: Lang) -> String {
    let Total { requests, usage, cost, at_least, elapsed_ms } = total;
    let mut facts =
        vec![lang.pick(format!("リクエスト {requests} 件"), format!("{requests} requests"))];
    if *usage != Usage::default() {
        facts.push(tokens(usage, lang));
    }
    if *elapsed_ms > 0 {
        facts.push(seconds(*elapsed_ms, lang));
    }
    match cost.filter(|cost| !cost.is_zero()) {
        None => {}
        Some(cost) if *at_least => {
            facts.push(lang.pick(format!("{cost} 以上"), format!("at least {cost}")));
        }
        Some(cost) => facts.push(cost.to_string()),
    }
    format!("\nΣ {}\n", facts.join(" · "))
}

/// Returns the line for a user's mark, with the first words of the marked item.
pub(crate) fn mark(item: &Item, mark: &Mark, lang: Lang, viewer: Viewer) -> String {
    let plain = |c: char| !c.is_whitespace() && !"-*+#>`".contains(c);
    let text = item.text.lines().map(|line| line.trim_start_matches(|c| !plain(c)).trim());
    let text = text.collect::<Vec<_>>().join(" ");
    let cut: String = text.chars().take(MARK_CHARS).collect();
    let dots = if cut.len() < text.len() { "…" } else { "" };
    let words = one_line(&cut, viewer) + dots;
    match mark {
        Mark::Keep => lang.pick(format!("✎ 残す「{words}」"), format!("✎ Keep “{words}”")),
        Mark::Drop => lang.pick(format!("✎ 削る「{words}」"), format!("✎ Drop “{words}”")),
        Mark::Comment(comment) => {
            let comment = one_line(comment, viewer);
            lang.pick(format!("✎ 「{words}」: {comment}"), format!("✎ “{words}”: {comment}"))
        }
    }
}

/// Returns the line that says that a focus section is older than `views`; `None` if `views` is
/// empty.
pub(crate) fn older_than(views: &[String], lang: Lang, viewer: Viewer) -> Option<String> {
    let names: Vec<_> = views.iter().map(|view| one_line(view, viewer)).collect();
    (!names.is_empty()).then(|| match lang {
        Lang::Ja => format!(
            "↻ 「{}」の更新がまだ反映されていません。この節をやり直すと反映されます。",
            names.join("、")
        ),
        Lang::En => format!(
            "↻ Outdated: {} changed after this was written. Retry this section to update it.",
            names.join(", ")
        ),
    })
}

/// Puts untrusted text on one line and sanitizes it for `viewer`.
pub(crate) fn one_line(text: &str, viewer: Viewer) -> String {
    let mut out = String::new();
    let mut sanitizer = Sanitizer::within_a_line(viewer);
    sanitizer.push(&show_hidden(text), &mut out);
    sanitizer.finish(&mut out);
    out
}

/// Returns an untrusted name as a code span.
pub(crate) fn code(name: &str) -> String {
    format!("`{}`", show_hidden(name).replace('`', "'"))
}

/// Decodes a percent-encoded path segment of a URI for display.
fn decode(segment: &str) -> String {
    percent_encoding::percent_decode_str(segment).decode_utf8_lossy().into_owned()
}
