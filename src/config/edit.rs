//! Edits the user's settings file and leaves everything else in it unchanged.

use crate::lang::{Lang, Message};
use std::ops::Range;
use toml::Value;
use toml::de::{DeTable, DeValue};

/// A change to the value of one setting in the user's settings file.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The setting's key, at the top level of the file.
    pub key: &'static str,
    /// The setting's new value; `None` to unset the setting.
    pub value: Option<Value>,
}

/// Why a settings file cannot be edited automatically.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}", self.message(Lang::En))]
pub enum EditError {
    /// The file is not TOML.
    Toml(#[from] toml::de::Error),
    /// The file must be edited by hand, because an automatic edit would also change other settings.
    /// For example, a top-level key would become part of a table that is written in several places.
    ByHand,
}

impl Message for EditError {
    fn message(&self, lang: Lang) -> String {
        match self {
            EditError::Toml(error) => error.to_string(),
            EditError::ByHand => lang.pick(
                "このファイルは書き方が複雑で、自動では変えられません。手で書き換えてください。".to_owned(),
                "Because of the way this file is written, it cannot be edited automatically. Edit it by hand.".to_owned(),
            ),
        }
    }
}

/// An edit to the text of a settings file, with the affected lines for display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// This line is added.
    Added(String),
    /// A value is replaced. Contains the old setting and the new one.
    Changed(String, String),
    /// This setting becomes a comment.
    Removed(String),
}

/// Applies `changes` to the text of a settings file, unless it already contains them. A setting
/// that is unset is kept as a comment. Returns the new text and the edits.
///
/// # Errors
/// Fails if the file is not TOML, or a setting cannot be put at its top level without changing
/// others.
pub fn edited(text: &str, changes: &[Change]) -> Result<(String, Vec<Edit>), EditError> {
    let table = DeTable::parse(text)?;
    let now: toml::Table = toml::from_str(text)?;
    let (mut edits, mut added) = (Vec::new(), String::new());
    let mut places: Vec<(Range<usize>, String)> = Vec::new();
    for Change { key, value } in changes {
        let camel = camel(key);
        let found =
            table.get_ref().iter().find(|(name, _)| [key, &*camel].contains(&&**name.get_ref()));
        let line = |value: &Value| format!("{key} = {value}");
        match (found, value) {
            (None, None) => {}
            (None, Some(value)) => {
                added += &format!("{}\n", line(value));
                edits.push(Edit::Added(line(value)));
            }
            (Some((name, _)), Some(value)) if now.get(&**name.get_ref()) == Some(value) => {}
            (Some((name, old)), new) => {
                let whole = name.span().start..old.span().end;
                let before = text.get(whole.clone()).unwrap_or_default().to_owned();
                match new {
                    Some(value) => {
                        edits.push(Edit::Changed(before, line(value)));
                        places.push((old.span(), value.to_string()));
                    }
                    None => {
                        let start = line_start(text, whole.start);
                        let lines = text.get(start..whole.end).unwrap_or_default();
                        places.push((start..whole.end, commented(lines)));
                        edits.push(Edit::Removed(before));
                    }
                }
            }
        }
    }
    let headers = table
        .get_ref()
        .iter()
        .filter(|(_, value)| matches!(value.get_ref(), DeValue::Table(_) | DeValue::Array(_)));
    let first = headers
        .map(|(name, _)| line_start(text, name.span().start))
        .filter(|start| {
            text.get(*start..).is_some_and(|line| {
                line.trim_start_matches(['\u{feff}', ' ', '\t']).starts_with('[')
            })
        })
        .min();
    if !added.is_empty() {
        let at = first.map_or(text.len(), |header| above_comments(text, header));
        // Nothing goes before a byte order mark.
        let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let at = at.max(mark);
        let before = text.get(mark..at).unwrap_or_default();
        let is_open = !before.is_empty() && !before.ends_with('\n');
        let gap = if first.is_some() { "\n" } else { "" };
        let lead = if is_open { "\n" } else { "" };
        places.push((at..at, format!("{lead}{added}{gap}")));
    }
    places.sort_by_key(|(place, _)| std::cmp::Reverse(place.start));
    let mut out = text.to_owned();
    for (place, new) in places {
        out.replace_range(place, &new);
    }
    if is_as_meant(&now, &out, changes) {
        return Ok((out, edits));
    }
    Err(EditError::ByHand)
}

/// Returns `true` if `text` and `before` differ only by the changes: a table that is written in
/// several places can absorb a key that is meant for the top level.
fn is_as_meant(before: &toml::Table, text: &str, changes: &[Change]) -> bool {
    let Ok(mut after) = toml::from_str::<toml::Table>(text) else { return false };
    let mut before = before.clone();
    for Change { key, value } in changes {
        let names = [(*key).to_owned(), camel(key)];
        let set = names.iter().filter_map(|name| after.remove(name)).collect::<Vec<_>>();
        if set != value.iter().cloned().collect::<Vec<_>>() {
            return false;
        }
        names.iter().for_each(|name| drop(before.remove(name)));
    }
    before == after
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)
}

/// Returns the start of the comments directly above a line.
fn above_comments(text: &str, mut start: usize) -> usize {
    while start > 0 {
        let above = line_start(text, start - 1);
        match text.get(above..start) {
            Some(line) if line.trim_start().starts_with('#') => start = above,
            _ => break,
        }
    }
    start
}

fn commented(lines: &str) -> String {
    lines.split('\n').map(|line| format!("# {line}")).collect::<Vec<_>>().join("\n")
}

/// Converts `base_url` to `baseUrl`, which a file may use as well.
fn camel(key: &str) -> String {
    let mut words = key.split('_');
    let mut out = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut chars = word.chars();
        out.extend(chars.next().map(|first| first.to_ascii_uppercase()));
        out.push_str(chars.as_str());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(key: &'static str, value: &str) -> Change {
        Change { key, value: Some(Value::String(value.to_owned())) }
    }

    fn unset(key: &'static str) -> Change {
        Change { key, value: None }
    }

    #[test]
    fn a_new_file_holds_the_lines_alone() {
        let (text, edits) = edited("", &[set("provider", "local"), unset("gguf")]).unwrap();
        assert_eq!(text, "provider = \"local\"\n");
        assert_eq!(edits, [Edit::Added("provider = \"local\"".into())]);
    }

    #[test]
    fn everything_else_stays_to_the_byte() {
        let text = "# 私の設定\r\nlang = 'ja'   # 日本語で\r\nmodel = \"gpt-5\" # 高い\r\n\r\n# どこへ\r\nbaseUrl = \"https://x/v1\"\r\n# 上限\r\n[limits] # table\r\nmax_tokens = 9\r\n";
        let changes = [set("model", "小さい \"m\""), unset("base_url"), set("gguf", "/a\\b.gguf")];
        let (new, edits) = edited(text, &changes).unwrap();
        let expected = text
            .replace("\"gpt-5\"", "'小さい \"m\"'")
            .replace("baseUrl =", "# baseUrl =")
            .replace("# 上限", "gguf = '/a\\b.gguf'\n\n# 上限");
        assert_eq!(new, expected);
        assert_eq!(edits.len(), 3);
        assert_eq!(edits[1], Edit::Removed("baseUrl = \"https://x/v1\"".into()));
        let (again, nothing) = edited(&new, &changes).unwrap();
        assert!(again == new && nothing.is_empty(), "a second time changes nothing: {nothing:?}");
        let read: toml::Table = toml::from_str(&new).unwrap();
        assert_eq!(read["model"].as_str(), Some("小さい \"m\""));
        assert_eq!(read["limits"]["max_tokens"].as_integer(), Some(9));
    }

    #[test]
    fn what_would_land_in_a_table_is_refused_and_a_byte_order_mark_hides_none() {
        let text = "extra_body.a = 1\n[extra_body.b]\nc = 2\n";
        assert!(edited(text, &[set("provider", "local")]).is_err());
        let (marked, _) =
            edited("\u{feff}[limits]\nmax_tokens = 9\n", &[set("provider", "local")]).unwrap();
        let read: toml::Table = toml::from_str(&marked).unwrap();
        assert_eq!(read["provider"].as_str(), Some("local"), "{marked}");
    }

    #[test]
    fn values_of_several_lines_and_files_without_a_line_end_are_well() {
        let text = "key_command = [\n  'pass', # the store\n  'show',\n]\nlang = 'en'";
        let (new, _) = edited(text, &[unset("key_command"), set("provider", "local")]).unwrap();
        assert_eq!(
            new,
            "# key_command = [\n#   'pass', # the store\n#   'show',\n# ]\nlang = 'en'\nprovider = \"local\"\n"
        );
        let only_tables = "# mine\n\n[limits]\nmax_tokens = 9\n[[x]]\na = 1\n";
        let (new, _) = edited(only_tables, &[set("provider", "local")]).unwrap();
        assert_eq!(
            new,
            "# mine\n\nprovider = \"local\"\n\n[limits]\nmax_tokens = 9\n[[x]]\na = 1\n"
        );
        let comments = "# nothing yet\n";
        let (new, _) = edited(comments, &[set("provider", "local")]).unwrap();
        assert_eq!(new, "# nothing yet\nprovider = \"local\"\n");
        assert!(edited("lang = ", &[]).is_err());
    }
}
