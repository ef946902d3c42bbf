//! Reads one perspective file.
//!
//! The body is the instructions. Where it has the headings `## user.ja`, `## user.en`,
//! `## worksheet.ja`, `## worksheet.en` (or `## user`, `## worksheet` for all languages), it is
//! divided there; any other heading is part of the text that it stands in.

use super::{Perspective, ProblemKind, Texts};
use crate::lang::Lang;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;
use std::num::NonZeroU32;

/// The keys of ours, and those that the Agent Skills format has besides `name` and `description`.
const KNOWN: [&str; 18] = [
    "name",
    "description",
    "description.ja",
    "description.en",
    "title",
    "title.ja",
    "title.en",
    "letter",
    "order",
    "group",
    "lang",
    "model",
    "temperature",
    "max_tokens",
    "license",
    "compatibility",
    "metadata",
    "allowed-tools",
];

#[derive(Deserialize)]
struct Head {
    name: String,
    description: String,
    #[serde(rename = "description.ja")]
    description_ja: Option<String>,
    #[serde(rename = "description.en")]
    description_en: Option<String>,
    title: Option<String>,
    #[serde(rename = "title.ja")]
    title_ja: Option<String>,
    #[serde(rename = "title.en")]
    title_en: Option<String>,
    letter: Option<String>,
    order: Option<i64>,
    group: Option<String>,
    lang: Option<Lang>,
    model: Option<OneOrMany>,
    temperature: Option<f32>,
    max_tokens: Option<NonZeroU32>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// Reads a file; the notes name what was passed over.
///
/// # Errors
/// What keeps the file from being a perspective.
pub(super) fn parse(text: &str) -> Result<(Perspective, Vec<ProblemKind>), ProblemKind> {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let (head, body) = divide(&text).ok_or(ProblemKind::NoFrontMatter)?;
    let keys: BTreeMap<String, IgnoredAny> = serde_saphyr::from_str(head).map_err(unreadable)?;
    let head: Head = serde_saphyr::from_str(head).map_err(unreadable)?;
    let mut notes: Vec<_> = keys
        .into_keys()
        .filter(|key| !KNOWN.contains(&key.as_str()))
        .map(ProblemKind::UnknownKey)
        .collect();
    if !is_name(&head.name) {
        return Err(ProblemKind::Name(clip(&head.name)));
    }
    if head.description.trim().is_empty() {
        return Err(ProblemKind::NoDescription);
    }
    let (instructions, worksheet) = sections(body);
    if instructions.is_empty() {
        return Err(ProblemKind::NoInstructions);
    }
    let first = head.name.chars().find(|c| c.is_alphabetic()).unwrap_or('P');
    let mut letter = upper(first);
    if let Some(given) = head.letter {
        let mut chars = given.chars();
        match (chars.next(), chars.next()) {
            (Some(one), None) if one.is_alphabetic() => letter = upper(one),
            _ => notes.push(ProblemKind::Letter(clip(&given))),
        }
    }
    let perspective = Perspective {
        name: head.name,
        letter,
        title: Texts { plain: head.title, ja: head.title_ja, en: head.title_en },
        description: Texts {
            plain: Some(head.description),
            ja: head.description_ja,
            en: head.description_en,
        },
        instructions,
        worksheet,
        order: head.order,
        group: head.group,
        lang: head.lang,
        model: match head.model {
            None => Vec::new(),
            Some(OneOrMany::One(model)) => vec![model],
            Some(OneOrMany::Many(models)) => models,
        },
        temperature: head.temperature,
        max_tokens: head.max_tokens.map(NonZeroU32::get),
    };
    Ok((perspective, notes))
}

/// Front matter and body.
fn divide(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("---\n")?;
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        if line.trim_end() == "---" {
            return Some((rest.get(..at)?, rest.get(at + line.len()..)?));
        }
        at += line.len();
    }
    None
}

/// Instructions and worksheet.
fn sections(body: &str) -> (Texts, Texts) {
    let (mut user, mut worksheet) = (Texts::default(), Texts::default());
    let mut place = &mut user.plain;
    for line in body.split_inclusive('\n') {
        place = match line.strip_prefix("## ").map(str::trim) {
            Some("user") => &mut user.plain,
            Some("user.ja") => &mut user.ja,
            Some("user.en") => &mut user.en,
            Some("worksheet") => &mut worksheet.plain,
            Some("worksheet.ja") => &mut worksheet.ja,
            Some("worksheet.en") => &mut worksheet.en,
            _ => {
                place.get_or_insert_default().push_str(line);
                continue;
            }
        };
    }
    for texts in [&mut user, &mut worksheet] {
        for text in [&mut texts.plain, &mut texts.ja, &mut texts.en] {
            *text = text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
        }
    }
    (user, worksheet)
}

/// What the Agent Skills format allows as a name.
fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.chars().count())
        && name.chars().all(|c| c == '-' || c.is_alphanumeric() && !c.is_uppercase())
        && !(name.starts_with('-') || name.ends_with('-') || name.contains("--"))
}

fn upper(letter: char) -> char {
    letter.to_uppercase().next().unwrap_or(letter)
}

fn unreadable(error: serde_saphyr::Error) -> ProblemKind {
    ProblemKind::FrontMatter(clip(&error.to_string()))
}

/// The first line, bounded, for a message.
fn clip(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(120).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(head: &str, body: &str) -> String {
        format!("---\n{head}\n---\n{body}")
    }

    #[test]
    fn an_agent_skill_is_a_perspective() {
        let text = "---\r\nname: risks\r\ndescription: Names what can go wrong.\r\n---\r\n\r\n# Risks\r\nName them.\r\n";
        let (p, notes) = parse(text).unwrap();
        assert!(notes.is_empty(), "{notes:?}");
        assert_eq!((p.name.as_str(), p.letter), ("risks", 'R'));
        assert_eq!(p.title(Lang::Ja), "risks");
        assert_eq!(p.instructions(Lang::Ja), "# Risks\nName them.");
        assert_eq!(p.worksheet(Lang::En), None);
    }

    #[test]
    fn every_key_is_read() {
        let head = "name: risks\ndescription: d\ndescription.ja: 説明\ntitle: Risks\ntitle.ja: 危険\nletter: x\norder: 7\ngroup: review\nlang: ja\nmodel: [a, b]\ntemperature: 0.5\nmax_tokens: 900";
        let (p, notes) =
            parse(&file(head, "## user.ja\n問う\n## Rules\n一\n## user.en\nask\n")).unwrap();
        assert!(notes.is_empty(), "{notes:?}");
        assert_eq!((p.title(Lang::Ja), p.title(Lang::En)), ("危険", "Risks"));
        assert_eq!((p.description(Lang::Ja), p.description(Lang::En)), ("説明", "d"));
        assert_eq!(p.instructions(Lang::Ja), "問う\n## Rules\n一");
        assert_eq!(p.instructions(Lang::En), "ask");
        assert_eq!((p.letter, p.order, p.lang), ('X', Some(7), Some(Lang::Ja)));
        assert_eq!((p.model, p.temperature), (vec!["a".to_owned(), "b".to_owned()], Some(0.5)));
        assert_eq!((p.group.as_deref(), p.max_tokens), (Some("review"), Some(900)));
    }

    #[test]
    fn what_is_not_known_is_a_note() {
        let (p, notes) =
            parse(&file("name: a\ndescription: d\ncolour: {x: [1]}\nletter: AB", "ask")).unwrap();
        assert_eq!(p.letter, 'A');
        assert_eq!(
            notes,
            [ProblemKind::UnknownKey("colour".into()), ProblemKind::Letter("AB".into())]
        );
    }

    #[test]
    fn what_is_broken_is_an_error() {
        let kind = |text: &str| parse(text).unwrap_err();
        assert_eq!(kind("# Only a body"), ProblemKind::NoFrontMatter);
        assert_eq!(kind("---\nname: a\n"), ProblemKind::NoFrontMatter);
        assert_eq!(kind(&file("name: A b\ndescription: d", "x")), ProblemKind::Name("A b".into()));
        assert_eq!(kind(&file("name: a\ndescription: ' '", "x")), ProblemKind::NoDescription);
        assert_eq!(kind(&file("name: a\ndescription: d", " \n")), ProblemKind::NoInstructions);
        for head in ["name: a", "name: [", "name: a\ndescription: d\nmax_tokens: 0", "just text"] {
            let ProblemKind::FrontMatter(detail) = kind(&file(head, "x")) else {
                panic!("{head}");
            };
            assert!(!detail.is_empty() && !detail.contains('\n'), "{detail}");
        }
    }
}
