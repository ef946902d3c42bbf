//! Formats the measurements as tables.

use crate::cli::output;
use crate::cli::table::{columns, wrapped};
use crate::eval::{
    Judgement, Measures, Opinion, Preferred, Quotations, Report, Score, SectionMeasures, Sum,
    TextReport, Time, Unit, Verdict,
};
use crate::event::Usage;
use crate::lang::Lang;
use crate::panel::show_hidden;

/// Shown if there is no value.
const NOTHING: &str = "–";

/// Formats the measurements of one text: the set's sections, the rival's sections, and the judge's
/// verdict. `against` is the rival's name.
pub(crate) fn text(report: &TextReport, against: Option<&str>, lang: Lang) -> String {
    let name = show_hidden(&report.name);
    let mut out = format!("{name} · {}\n{}", tag(report.lang), answer(&report.set, lang));
    if let (Some(measures), Some(against)) = (&report.against, against) {
        let against = show_hidden(against);
        out += &format!(
            "{}\n{}",
            lang.pick(
                format!("{name} · 比べる相手: {against}"),
                format!("{name} · compared with {against}")
            ),
            answer(measures, lang)
        );
    }
    if let Some(judgement) = &report.judgement {
        out += &judged(judgement, against.unwrap_or_default(), lang);
    }
    out.push('\n');
    out
}

fn answer(measures: &Measures, lang: Lang) -> String {
    let head = lang.pick(
        ["節", "長さ", "言語", "一致/引用", "トークン", "時間"],
        ["SECTION", "LENGTH", "LANGUAGE", "EXACT/QUOTED", "TOKENS", "TIME"],
    );
    let rows = measures.sections.iter().map(|section| {
        let cells = [
            show_hidden(&section.title),
            length(section.length, measures.unit, lang),
            language(section),
            quoted(section.quotations),
            tokens(section.tokens),
            seconds(section.end_ms, lang),
        ];
        (cells, trouble(section, lang))
    });
    let head = (head.map(str::to_owned), String::new());
    let lines: Vec<_> = std::iter::once(head).chain(rows).collect();
    let mut out: String = table(&lines).lines().map(|line| format!("  {line}\n")).collect();
    let about = [overlap(measures, lang), times(&measures.time, lang)].concat();
    if !about.is_empty() {
        out += &format!("  {}\n", wrapped(&about.join(" · "), 2, output::room()));
    }
    out
}

/// Formats lines of cells, without trailing white space.
fn table<const N: usize>(lines: &[([String; N], String)]) -> String {
    let lines: Vec<_> = lines.iter().map(|(cells, rest)| (cells.clone(), rest.as_str())).collect();
    // Leaves two columns for callers that indent the table.
    let room = output::room().map(|room| room.saturating_sub(2));
    let lines = columns(&lines, room).concat();
    lines.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn trouble(section: &SectionMeasures, lang: Lang) -> String {
    match (&section.failure, section.complete) {
        (_, true) => String::new(),
        (Some(failure), false) => format!("✗ {}", show_hidden(&failure.message)),
        (None, false) => format!("✗ {}", lang.pick("答えがない", "no answer")),
    }
}

fn length(length: usize, unit: Unit, lang: Lang) -> String {
    match unit {
        Unit::Characters => format!("{length} {}", lang.pick("字", "chars")),
        Unit::Words => format!("{length} {}", lang.pick("語", "words")),
    }
}

fn tag(lang: Lang) -> &'static str {
    lang.pick("ja", "en")
}

fn language(section: &SectionMeasures) -> String {
    let spoken = section.lang.map_or("?", tag);
    match section.right_language {
        None => NOTHING.to_owned(),
        Some(true) => spoken.to_owned(),
        Some(false) => format!("{spoken} ✗"),
    }
}

fn quoted(quotations: Quotations) -> String {
    format!("{}/{}", quotations.verbatim, quotations.all)
}

fn tokens(usage: Option<Usage>) -> String {
    let told = |usage: Usage| format!("{} → {}", usage.prompt_tokens, usage.completion_tokens);
    usage.map_or_else(|| NOTHING.to_owned(), told)
}

fn seconds(ms: Option<u64>, lang: Lang) -> String {
    let told = |ms: u64| format!("{:.1} {}", ms as f64 / 1e3, lang.pick("秒", "s"));
    ms.map_or_else(|| NOTHING.to_owned(), told)
}

fn overlap(measures: &Measures, lang: Lang) -> Vec<String> {
    let Some(found) = &measures.overlap else { return Vec::new() };
    let mut told =
        vec![lang.pick(format!("重なり {:.2}", found.mean), format!("overlap {:.2}", found.mean))];
    if let Some(pair) = found.highest().filter(|_| found.pairs.len() > 1) {
        let (a, b) = (show_hidden(&pair.a), show_hidden(&pair.b));
        told.push(lang.pick(
            format!("最大 {:.2}（{a} と {b}）", pair.share),
            format!("highest {:.2} ({a}, {b})", pair.share),
        ));
    }
    told
}

fn times(time: &Time, lang: Lang) -> Vec<String> {
    let told = [
        (lang.pick("最初の語", "first word"), time.first_word_ms),
        (lang.pick("最初の節", "first section"), time.first_view_ms),
        (lang.pick("全部", "all"), time.all_ms),
    ];
    let told = told.into_iter().filter(|(_, ms)| ms.is_some());
    told.map(|(what, ms)| format!("{what} {}", seconds(ms, lang))).collect()
}

fn judged(judgement: &Judgement, against: &str, lang: Lang) -> String {
    let verdict = match judgement.verdict {
        Verdict::Win => lang.pick("勝ち", "won"),
        Verdict::Loss => lang.pick("負け", "lost"),
        Verdict::Tie if judgement.changed_with_order => lang.pick(
            "引き分け（順序を入れ替えると選択が変わった）",
            "tie (the preference changed with the order)",
        ),
        Verdict::Tie => lang.pick("引き分け", "tie"),
        Verdict::None => lang.pick(
            "判定なし（審査役の答えを読み取れない）",
            "no judgement (the judge's answer cannot be read)",
        ),
    };
    let verdict = format!("{} {verdict}", lang.pick("判定:", "judge:"));
    let mut out = format!("  {}\n", wrapped(&verdict, 2, output::room()));
    for opinion in &judgement.opinions {
        let said = said(opinion, against, lang);
        out += &format!("    {}\n", wrapped(&said, 4, output::room()));
    }
    out
}

fn said(opinion: &Opinion, against: &str, lang: Lang) -> String {
    let order = match opinion.set_first {
        true => lang.pick("組を先に", "set first"),
        false => lang.pick("組を後に", "set second"),
    };
    let preferred = match (opinion.preferred, &opinion.failure) {
        (Some(Preferred::Set), _) => lang.pick("組", "the set").to_owned(),
        (Some(Preferred::Against), _) => show_hidden(against),
        (Some(Preferred::Tie), _) => lang.pick("差なし", "neither").to_owned(),
        (None, Some(failure)) => format!("✗ {}", show_hidden(failure)),
        (None, None) => lang.pick("読み取れない", "cannot be read").to_owned(),
    };
    let dash = if opinion.reasons.is_empty() { "" } else { " — " };
    format!("{order}: {preferred}{dash}{}", show_hidden(&opinion.reasons))
}

/// Formats the totals over all texts, with one row for each measurement. The columns are the set
/// and the rival, if there is one.
pub(crate) fn sum(report: &Report, lang: Lang) -> String {
    let words = lang.pick(
        [
            "文章",
            "節",
            "未完了の節",
            "別の言語の節",
            "長さ",
            "重なり",
            "一致/引用",
            "トークン",
            "最初の語",
            "最初の節",
            "全部",
        ],
        [
            "texts",
            "sections",
            "incomplete",
            "other language",
            "length",
            "overlap",
            "exact/quoted",
            "tokens",
            "first word",
            "first section",
            "all",
        ],
    );
    let ours = numbers(&report.sum, lang);
    let theirs = report.against.as_ref().map(|other| numbers(&other.sum, lang));
    let theirs = theirs.into_iter().flatten().chain(std::iter::repeat(String::new()));
    let rows = words.iter().zip(ours).zip(theirs);
    let rows = rows.map(|((word, ours), theirs)| ([(*word).to_owned(), ours], theirs));
    let against = report.against.as_ref().map(|other| show_hidden(&other.name));
    let head = lang.pick(["合計", "組"], ["SUM", "SET"]).map(str::to_owned);
    let head = (head, against.unwrap_or_default());
    let lines: Vec<_> = std::iter::once(head).chain(rows).collect();
    let mut out = format!("{}\n{}", show_hidden(&report.provider), table(&lines));
    if let Some((score, judge)) = report.score.zip(report.judge.as_deref()) {
        let tally = tally(score, &show_hidden(judge), lang);
        out += &format!("{}\n", wrapped(&tally, 2, output::room()));
    }
    out
}

fn numbers(sum: &Sum, lang: Lang) -> [String; 11] {
    [
        sum.texts.to_string(),
        sum.sections.to_string(),
        sum.incomplete.to_string(),
        sum.wrong_language.to_string(),
        lengths(sum, lang),
        sum.overlap.map_or_else(|| NOTHING.to_owned(), |mean| format!("{mean:.2}")),
        quoted(sum.quotations),
        tokens(sum.tokens),
        seconds(sum.first_word_ms, lang),
        seconds(sum.first_view_ms, lang),
        seconds(sum.all_ms, lang),
    ]
}

fn lengths(sum: &Sum, lang: Lang) -> String {
    let told = [(sum.characters, Unit::Characters), (sum.words, Unit::Words)];
    let told = told.into_iter().filter(|(many, _)| *many > 0);
    let told: Vec<_> = told.map(|(many, unit)| length(many, unit, lang)).collect();
    if told.is_empty() { NOTHING.to_owned() } else { told.join(" + ") }
}

fn tally(score: Score, judge: &str, lang: Lang) -> String {
    let Score { wins, ties, changed_with_order, losses, none } = score;
    lang.pick(
        format!("{judge} の判定: {wins} 勝 {losses} 敗 {ties} 引き分け（うち {changed_with_order} 件は、見せる順序で判定が変わった）、判定なし {none} 件"),
        format!("Judged by {judge}: {wins} won, {losses} lost, {ties} tied (in {changed_with_order} of these, the order of the answers changed the verdict), {none} not judged"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::Answer;
    use crate::event::{BranchId, Event, Failure, FailureKind, Outcome};

    fn section(branch: &str, text: &str, at: u64, outcome: Outcome) -> [(u64, Event); 2] {
        let branch = BranchId(branch.into());
        let usage = Some(Usage {
            prompt_tokens: 1200,
            cached_tokens: 0,
            completion_tokens: 80,
            reasoning_tokens: 0,
        });
        let usage = usage.filter(|_| outcome == Outcome::Done);
        let end = Event::BranchEnded {
            branch: branch.clone(),
            outcome,
            usage,
            cost: None,
            elapsed_ms: 0,
            note: None,
        };
        [(at, Event::Delta { branch, text: text.into() }), (at + 900, end)]
    }

    fn report() -> Report {
        let failure = Failure {
            kind: FailureKind::Server,
            message: "broke\u{1b}".into(),
            host: None,
            status: None,
            retry_after_ms: None,
        };
        let events = [
            section("depth", "遅い原因は「一時間」かかる試験。", 800, Outcome::Done),
            section("breadth", "It could be the disk.", 1200, Outcome::Done),
            section("time", "", 1300, Outcome::Failed(failure)),
        ];
        let measures = |answer: &Answer| Measures::of(answer, "試験に一時間。", Lang::Ja);
        let other = Answer::of(section("plain", "まず測る。", 100, Outcome::Done));
        let opinions =
            [Opinion::of("A\nIt is\nconcrete.", true), Opinion::of("A\n\u{9b}2J", false)];
        let text = TextReport {
            name: "a.ja.md".into(),
            lang: Lang::Ja,
            set: measures(&Answer::of(events.concat())),
            against: Some(measures(&other).without_times()),
            judgement: Some(Judgement::of(opinions)),
        };
        Report::of("m (127.0.0.1)".into(), vec![text], Some("plain".into()), Some("big".into()))
    }

    #[test]
    fn a_text_is_told_in_both_languages() {
        let report = report();
        insta::assert_snapshot!(text(&report.texts[0], Some("plain"), Lang::En), @r"
        a.ja.md · ja
          SECTION  LENGTH    LANGUAGE  EXACT/QUOTED  TOKENS     TIME
          depth    16 chars  ja        1/1           1200 → 80  1.7 s
          breadth  17 chars  en ✗      0/0           1200 → 80  2.1 s
          time     0 chars   –         0/0           –          2.2 s  ✗ broke⟨U+001B⟩
          overlap 0.00 · first word 0.8 s · first section 1.7 s · all 2.2 s
        a.ja.md · compared with plain
          SECTION  LENGTH   LANGUAGE  EXACT/QUOTED  TOKENS     TIME
          plain    5 chars  ja        0/0           1200 → 80  –
          judge: tie (the preference changed with the order)
            set first: the set — It is concrete.
            set second: plain — ⟨U+009B⟩2J
        ");
        insta::assert_snapshot!(text(&report.texts[0], Some("plain"), Lang::Ja), @r"
        a.ja.md · ja
          節       長さ   言語  一致/引用  トークン   時間
          depth    16 字  ja    1/1        1200 → 80  1.7 秒
          breadth  17 字  en ✗  0/0        1200 → 80  2.1 秒
          time     0 字   –     0/0        –          2.2 秒  ✗ broke⟨U+001B⟩
          重なり 0.00 · 最初の語 0.8 秒 · 最初の節 1.7 秒 · 全部 2.2 秒
        a.ja.md · 比べる相手: plain
          節     長さ  言語  一致/引用  トークン   時間
          plain  5 字  ja    0/0        1200 → 80  –
          判定: 引き分け（順序を入れ替えると選択が変わった）
            組を先に: 組 — It is concrete.
            組を後に: plain — ⟨U+009B⟩2J
        ");
    }

    #[test]
    fn the_sum_is_told_in_both_languages() {
        let report = report();
        insta::assert_snapshot!(sum(&report, Lang::En), @r"
        m (127.0.0.1)
        SUM             SET         plain
        texts           1           1
        sections        3           1
        incomplete      1           0
        other language  1           0
        length          33 chars    5 chars
        overlap         0.00        –
        exact/quoted    1/1         0/0
        tokens          2400 → 160  1200 → 80
        first word      0.8 s       –
        first section   1.7 s       –
        all             2.2 s       –
        Judged by big: 0 won, 0 lost, 1 tied (in 1 of these, the order of the answers changed the verdict), 0 not judged
        ");
        insta::assert_snapshot!(sum(&report, Lang::Ja), @r"
        m (127.0.0.1)
        合計          組          plain
        文章          1           1
        節            3           1
        未完了の節    1           0
        別の言語の節  1           0
        長さ          33 字       5 字
        重なり        0.00        –
        一致/引用     1/1         0/0
        トークン      2400 → 160  1200 → 80
        最初の語      0.8 秒      –
        最初の節      1.7 秒      –
        全部          2.2 秒      –
        big の判定: 0 勝 0 敗 1 引き分け（うち 1 件は、見せる順序で判定が変わった）、判定なし 0 件
        ");
    }
}
