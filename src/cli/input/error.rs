//! Errors for input that cannot be asked about.

use super::Lines;
use crate::lang::{Lang, Message};

/// Why the input cannot be asked about.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum InputError {
    /// The file does not exist.
    Missing {
        /// Name of the file, as the user typed it.
        name: String,
        /// Path of a file with a similar name, which the user may have meant; `None` if there is
        /// none.
        near: Option<String>,
    },
    /// The input is a folder. Contains the folder's name.
    Directory(String),
    /// The input cannot be read.
    Unreadable {
        /// Name of the input.
        name: String,
        /// Message of the I/O error.
        cause: String,
    },
    /// The input is not UTF-8 text. Contains the input's name.
    NotText(String),
    /// The selected text contains only white space.
    Empty,
    /// The file, or the part of it that was asked for, is larger than may be sent.
    TooLarge {
        /// Name of the file.
        name: String,
        /// Maximum size in bytes.
        limit: usize,
    },
    /// The text, which comes from no file, is larger than may be sent.
    TooLong {
        /// Maximum size in bytes.
        limit: usize,
    },
    /// The file is so large that its lines are not looked for.
    FileTooLarge {
        /// Name of the file.
        name: String,
        /// Maximum size in bytes.
        limit: usize,
        /// The lines that the user asked for.
        lines: Lines,
    },
    /// The first line of the range is after the last.
    Reversed {
        /// Name of the file.
        name: String,
        /// First line, as the user typed it.
        first: u32,
        /// Last line, as the user typed it.
        last: u32,
    },
    /// The file does not have these lines.
    NoSuchLines {
        /// The lines that the user asked for.
        lines: Lines,
        /// Number of lines in the file.
        line_count: u32,
    },
}

impl Message for InputError {
    fn message(&self, lang: Lang) -> String {
        match self {
            InputError::Missing { name, near: Some(near) } => lang.pick(
                format!("{name} というファイルはありません。{near} のことでしょうか。"),
                format!("There is no file {name}. Did you mean {near}?"),
            ),
            InputError::Missing { name, near: None } => lang.pick(
                format!("{name} というファイルはありません。名前を確かめてください。"),
                format!("There is no file {name}. Check its name."),
            ),
            InputError::Directory(name) => lang.pick(
                format!("{name} はフォルダーです。ファイルを指定してください。"),
                format!("{name} is a folder. Specify a file."),
            ),
            InputError::Unreadable { name, cause } => lang.pick(
                format!("{name} を読めません（{cause}）。"),
                format!("{name} cannot be read ({cause})."),
            ),
            InputError::NotText(name) => lang.pick(
                format!("{name} は UTF-8 の文章ではないか、NUL 文字を含んでいます。UTF-8 に変換するか、NUL 文字を取り除いてください。"),
                format!("{name} is not UTF-8 text, or contains a NUL character. Convert it to UTF-8, or remove that character."),
            ),
            InputError::Empty => lang.pick(
                "文字がありません。調べたい文章を指定してください。".to_owned(),
                "There is no text. Specify the text you want to ask about.".to_owned(),
            ),
            InputError::TooLarge { name, limit } => lang.pick(
                format!("{name} は大きすぎます（上限 {limit} バイト）。`FILE:A-B` で行を絞るか、設定 limits.selection_bytes を変えてください。"),
                format!("{name} is too large (the limit is {limit} bytes). Specify fewer lines with `FILE:A-B`, or raise limits.selection_bytes."),
            ),
            InputError::TooLong { limit } => lang.pick(
                format!("文章が長すぎます（上限 {limit} バイト）。短くするか、設定 limits.selection_bytes を変えてください。"),
                format!("The text is too long (the limit is {limit} bytes). Shorten it, or raise limits.selection_bytes."),
            ),
            InputError::FileTooLarge { name, limit, lines: Lines { first, last } } => {
                let (limit, cut) = (limit >> 20, format!("sed -n {first},{last}p FILE | kaizodo -"));
                lang.pick(
                    format!("{name} は {limit} MiB を超えていて、行を選べません。必要な行だけを渡してください（`{cut}`）。"),
                    format!("{name} is larger than {limit} MiB, so its lines cannot be selected. Pass on only the lines you need: `{cut}`."),
                )
            }
            InputError::Reversed { name, first, last } => lang.pick(
                format!("{first}-{last} は逆順です。{name}:{last}-{first} と書いてください。"),
                format!("The range {first}-{last} is reversed. Write {name}:{last}-{first}."),
            ),
            InputError::NoSuchLines { lines: Lines { first, last }, line_count } => {
                let (asked, en) = match first == last {
                    true => (first.to_string(), "is no line"),
                    false => (format!("{first}-{last}"), "are no lines"),
                };
                lang.pick(
                    format!("{asked} 行目は選べません。このファイルは 1 行目から {line_count} 行目までです。"),
                    format!("There {en} {asked}. The file has lines 1 to {line_count}."),
                )
            }
        }
    }
}
