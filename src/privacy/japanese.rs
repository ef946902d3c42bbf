//! Finds secrets in Japanese notes: 「パスワードは abc」「暗証番号：1234」「ＰＷ　abc」.

use super::extent;
use super::kind::{Match, SecretKind};
use super::scan::{bare, end_of_long, over_any, over_blanks};
use super::secret_names::Sort;
use super::value::{ValuePosition, is_secret};

/// Names of secrets. A name must precede its own prefixes.
const NAMES: [(&str, Sort); 24] = [
    ("パスワード", Sort::Password),
    ("パスフレーズ", Sort::Password),
    ("パスコード", Sort::Pin),
    ("ログインパス", Sort::Password),
    ("初期パス", Sort::Password),
    ("仮パス", Sort::Password),
    ("暗証番号", Sort::Pin),
    ("暗証コード", Sort::Pin),
    ("暗号化キー", Sort::Password),
    ("合言葉", Sort::Password),
    ("秘密鍵", Sort::Password),
    ("共有鍵", Sort::Password),
    ("認証キー", Sort::Password),
    ("認証コード", Sort::Pin),
    ("シークレットキー", Sort::Password),
    ("シークレット", Sort::Password),
    ("アクセスキー", Sort::Password),
    ("アクセス キー", Sort::Password),
    ("トークン", Sort::Password),
    ("APIキー", Sort::Password),
    ("API キー", Sort::Password),
    ("ＡＰＩキー", Sort::Password),
    ("ＰＷ", Sort::Password),
    ("ＰＡＳＳ", Sort::Password),
];

/// Separators between a name and its value.
const SIGNS: [&str; 14] =
    ["=>", ":=", "=", ":", "：", "＝", "は", "が", "を", "→", "|", "｜", "⇒", "／"];

const BRACKETS: [&str; 11] = ["\"", "'", "`", "「", "『", "【", "[", "〔", "（", "(", "“"];

/// Returns the secrets that follow Japanese names.
pub(crate) fn find(text: &str) -> Vec<Match> {
    let starts = |c: char| "パログイン初仮暗合秘共認シアトAＡＰ".contains(c);
    let places = text.match_indices(starts);
    places.filter_map(|(at, _)| behind_name(text, at)).collect()
}

/// Characters that end a value, besides whitespace and non-ASCII characters.
const ENDS: &str = "\"'`()[]|<>";

fn behind_name(text: &str, at: usize) -> Option<Match> {
    let rest = text.get(at..)?;
    let (name, sort) = NAMES.iter().find(|(name, _)| rest.starts_with(name))?;
    let end = at + name.len();
    let blank = over_blanks(text, end);
    let sign = over_any(text, blank, &SIGNS);
    let at = over_blanks(text, sign.unwrap_or(blank));
    let open = over_any(text, at, &BRACKETS);
    // Without a separator, a bracket or a space, the name is part of another word.
    if sign.is_none() && open.is_none() && blank == end {
        return None;
    }
    let range = bare(text, open.unwrap_or(at), ENDS);
    let value = text.get(range.clone())?;
    let position =
        if sign.is_some() || open.is_some() { ValuePosition::Quoted } else { ValuePosition::Near };
    // A number with a counter (「は4桁」) or a date is not a secret.
    let counts =
        over_any(text, range.end, &["文字", "桁", "個", "回", "年", "月", "日", "分", "時"]);
    let is_it = counts.is_none() && is_secret(value, *sort, position);
    let is_pin = *sort == Sort::Pin && value.bytes().all(|b| b.is_ascii_digit());
    is_it.then(|| {
        let range = range.start..end_of_long(text, &range, ENDS);
        let range = if is_pin { range } else { extent::whole(text, range, "") };
        Match { range, kind: SecretKind::Password }
    })
}
