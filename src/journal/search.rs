//! Searches the texts of one run: what was asked and what was answered.

use crate::event::{Answer, Item, Mark};
use crate::text::Search;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};

/// Maximum number of bytes of one journal that are searched. Most journals are about a thousandth
/// of this size.
pub(crate) const SEARCHED_BYTES: u64 = 16 << 20;

/// A line of any kind, reduced to the members that can hold text: parsing the whole line would take
/// most of the time.
#[derive(Deserialize)]
#[serde(default)]
struct Line<'a> {
    #[serde(borrow)]
    event: Cow<'a, str>,
    #[serde(borrow)]
    branch: Cow<'a, str>,
    #[serde(borrow)]
    text: Cow<'a, str>,
    #[serde(borrow)]
    title: Cow<'a, str>,
    #[serde(borrow)]
    question: Cow<'a, str>,
    #[serde(borrow)]
    comment: Cow<'a, str>,
    item: Option<Item>,
    asked: Option<Asked>,
}

impl Default for Line<'_> {
    fn default() -> Self {
        let empty = || Cow::Borrowed("");
        Line {
            event: empty(),
            branch: empty(),
            text: empty(),
            title: empty(),
            question: empty(),
            comment: empty(),
            item: None,
            asked: None,
        }
    }
}

#[derive(Deserialize)]
struct Asked {
    selection: AskedText,
}

#[derive(Deserialize)]
struct AskedText {
    text: String,
}

/// Searches the texts in a run's journal: the selection, the follow-up questions, and the answers
/// with the reader's comments. The title is searched last, because it is usually the beginning of
/// the selection.
pub(crate) fn look(from: impl Read, search: &mut Search) {
    let (mut title, mut answers) = (String::new(), HashMap::new());
    let mut from = BufReader::with_capacity(64 << 10, from.take(SEARCHED_BYTES));
    let mut bytes = Vec::new();
    while !search.is_done() {
        bytes.clear();
        if !matches!(from.read_until(b'\n', &mut bytes), Ok(1..)) {
            break;
        }
        let Ok(line) = serde_json::from_slice::<Line<'_>>(&bytes) else { continue };
        if let Some(Asked { selection }) = line.asked {
            search.look(&selection.text);
        }
        match &*line.event {
            "run_started" => title = line.title.into_owned(),
            "section_added" => search.look(&line.question),
            "branch_started" => answer(&mut answers, &line.branch).begin(),
            "delta" => answer(&mut answers, &line.branch).write(&line.text),
            "retracted" => answer(&mut answers, &line.branch).retract(),
            "marked" => {
                let Some(item) = line.item else { continue };
                // Only comments have a text, but any mark replaces an earlier comment.
                let comment = Some(line.comment.into_owned()).filter(|text| !text.is_empty());
                let mark = comment.map(Mark::Comment);
                answer(&mut answers, &line.branch).marks.set(&item, mark.as_ref());
            }
            _ => {}
        }
    }
    let mut answers: Vec<(usize, Answer)> = answers.into_values().collect();
    answers.sort_unstable_by_key(|(place, _)| *place);
    for (_, Answer { text, marks, .. }) in &answers {
        search.look(text);
        for (_, mark) in marks.iter() {
            if let Mark::Comment(comment) = mark {
                search.look(comment);
            }
        }
    }
    search.look(&title);
}

/// Returns the answer of a branch. A new one gets the next place among the run's answers.
fn answer<'a>(answers: &'a mut HashMap<String, (usize, Answer)>, branch: &str) -> &'a mut Answer {
    let place = answers.len();
    &mut answers.entry(branch.to_owned()).or_insert_with(|| (place, Answer::default())).1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the snippet if a journal's lines match the query.
    fn found(query: &str, lines: &[&str]) -> Option<String> {
        let mut search = Search::new(query);
        look(lines.join("\n").as_bytes(), &mut search);
        search.is_done().then(|| search.snippet().unwrap_or_default())
    }

    #[test]
    fn what_was_asked_and_answered_is_searched_and_nothing_else() {
        let lines = [
            r#"{"seq":1,"event":"run_started","run":"r","title":"会議が長い","provider":"Ollama","sections":[{"branch":"a","title":"深さ"}],"later":{"x":1}}"#,
            r#"{"asked":{"selection":{"uri":"file:///x.md","text":"会議が長い。\n議事録を直す。"},"lang":"ja"}}"#,
            r#"{"seq":2,"event":"branch_started","branch":"a","model":"m"}"#,
            r#"{"seq":3,"event":"delta","branch":"a","text":"古い"}"#,
            r#"{"seq":4,"event":"branch_started","branch":"a","model":"m"}"#,
            r#"{"seq":5,"event":"delta","branch":"a","text":"目的を \"一"}"#,
            r#"{"seq":6,"event":"delta","branch":"a","text":"つ\" に"}"#,
            r#"{"seq":7,"event":"delta","branch":"b","text":"思考"}"#,
            r#"{"seq":8,"event":"retracted","branch":"b","chars":2}"#,
            r#"{"seq":9,"event":"section_added","section":{"branch":"c","title":"なぜ"},"question":"なぜ今か"}"#,
            r#"{"seq":10,"event":"marked","branch":"a","item":{"line":0,"text":"x"},"mark":"comment","comment":"反対意見"}"#,
            r#"{"seq":11,"event":"marked","branch":"a","item":{"line":2,"text":"x"},"mark":"comment","comment":"取り消した"}"#,
            r#"{"seq":12,"event":"marked","branch":"a","item":{"line":2,"text":"x"},"mark":"keep"}"#,
            "{torn",
        ];
        for (query, snippet) in [
            ("議事録", "議事録を直す。"),
            ("一つ", "目的を \"一つ\" に"),
            ("なぜ 長い", "会議が長い。"),
            ("今か", "なぜ今か"),
            ("反対", "反対意見"),
        ] {
            assert_eq!(found(query, &lines).as_deref(), Some(snippet), "{query}");
        }
        for query in ["古い", "取り消", "思考", "Ollama", "深さ", "x.md", "会議 ない"]
        {
            assert_eq!(found(query, &lines), None, "{query}");
        }
        let without = [lines[0], lines[2]];
        assert_eq!(found("会議", &without).as_deref(), Some("会議が長い"), "the title");
    }

    #[test]
    fn what_is_beyond_the_bound_is_not_read() {
        let blank = " ".repeat(usize::try_from(SEARCHED_BYTES).unwrap());
        let late = r#"{"seq":1,"event":"delta","branch":"a","text":"late"}"#;
        assert_eq!(found("late", &[&blank, late]), None);
        assert!(found("late", &[late, &blank]).is_some());
    }
}
