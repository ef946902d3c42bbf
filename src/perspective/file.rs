//! Parses a perspective file.
//!
//! The body holds the instructions. The headings `## user.ja`, `## user.en`, `## worksheet.ja` and
//! `## worksheet.en` (or `## user` and `## worksheet` for all languages) divide it; any other
//! heading is part of the text around it.

use super::{Effort, Models, Origin, Perspective, PerspectiveNoticeKind, Texts};
use crate::lang::Lang;
use crate::text::ContextMode;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_saphyr::options::AliasLimits;
use serde_saphyr::{Budget, Options};
use std::collections::BTreeMap;
use std::num::NonZeroU32;

/// Maximum length of front matter in bytes. Its author may be untrusted, so the work of parsing it
/// is bounded beforehand.
const FRONT_BYTES: usize = 8 << 10;
/// Maximum number of values in front matter, including keys and what aliases repeat.
const NODES_MAX: usize = 1000;
/// Maximum nesting depth of front matter.
const DEPTH_MAX: usize = 16;
/// Maximum number of anchors, and of aliases.
const ALIASES_MAX: usize = 16;
/// Maximum number of unknown keys that are reported by name.
const KEYS_TOLD: usize = 8;

/// The known keys: kaizodo's own, `letter` of earlier versions, and those that the Agent Skills
/// format has besides `name` and `description`.
const KNOWN: [&str; 20] = [
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
    "effort",
    "context",
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
    order: Option<i64>,
    group: Option<String>,
    lang: Option<Lang>,
    model: Option<Models>,
    temperature: Option<f32>,
    max_tokens: Option<NonZeroU32>,
    effort: Option<Effort>,
    context: Option<ContextMode>,
}

/// A problem in a perspective file, with its line number (1-based) if known.
pub(crate) type Found = (Option<usize>, PerspectiveNoticeKind);

/// Parses a perspective file. Also returns notes about the keys that were ignored.
///
/// # Errors
/// Fails if the file is not a valid perspective; the error says why.
pub(crate) fn parse(text: &str) -> Result<(Perspective, Vec<Found>), Found> {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let (front, body) = divide(&text).ok_or((Some(1), PerspectiveNoticeKind::NoFrontMatter))?;
    if front.len() > FRONT_BYTES {
        let kind =
            PerspectiveNoticeKind::LongFrontMatter { bytes: front.len(), limit: FRONT_BYTES };
        return Err((Some(1), kind));
    }
    let keys: BTreeMap<String, IgnoredAny> = yaml(front).map_err(|e| unreadable(front, &e))?;
    let head: Head = yaml(front).map_err(|e| unreadable(front, &e))?;
    let notes = unknown_keys(front, &keys);
    if !is_name(&head.name) {
        return Err((line_of(front, "name"), PerspectiveNoticeKind::Name(clip(&head.name))));
    }
    if head.description.trim().is_empty() {
        return Err((line_of(front, "description"), PerspectiveNoticeKind::NoDescription));
    }
    let (instructions, worksheet) = sections(body);
    if instructions.is_empty() {
        return Err((Some(front.lines().count() + 1), PerspectiveNoticeKind::NoInstructions));
    }
    let perspective = Perspective {
        origin: Origin::default(),
        name: head.name,
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
        model: head.model.map(Models::into_names).unwrap_or_default(),
        of_model: None,
        temperature: head.temperature,
        max_tokens: head.max_tokens.map(NonZeroU32::get),
        effort: head.effort,
        context: head.context,
    };
    Ok((perspective, notes))
}

/// Splits a file into front matter and body. The front matter keeps its first `---`, so that its
/// line numbers are those of the file.
fn divide(text: &str) -> Option<(&str, &str)> {
    const FIRST: &str = "---\n";
    let mut at = FIRST.len();
    for line in text.strip_prefix(FIRST)?.split_inclusive('\n') {
        if line.trim_end() == "---" {
            return Some((text.get(..at)?, text.get(at + line.len()..)?));
        }
        at += line.len();
    }
    None
}

/// Parses front matter, with limits on everything that YAML lets grow faster than its text.
fn yaml<T: DeserializeOwned>(front: &str) -> Result<T, serde_saphyr::Error> {
    let budget = Budget {
        max_events: 4 * NODES_MAX,
        max_aliases: ALIASES_MAX,
        max_anchors: ALIASES_MAX,
        max_depth: DEPTH_MAX,
        max_documents: 1,
        max_nodes: NODES_MAX,
        max_total_scalar_bytes: 2 * FRONT_BYTES,
        max_merge_keys: ALIASES_MAX,
        ..Budget::default()
    };
    let alias_limits = AliasLimits {
        max_total_replayed_events: NODES_MAX,
        max_replay_stack_depth: 4,
        max_alias_expansions_per_anchor: ALIASES_MAX,
    };
    // A snippet would quote the text around an error, which is never shown.
    let options =
        Options { budget: Some(budget), alias_limits, with_snippet: false, ..Options::default() };
    serde_saphyr::from_str_with_options(front, options)
}

/// Returns notes about unknown keys: the first ones by name, the others as a number.
fn unknown_keys(front: &str, keys: &BTreeMap<String, IgnoredAny>) -> Vec<Found> {
    let unknown = || keys.keys().filter(|key| !KNOWN.contains(&key.as_str()));
    let named = |key: &String| (line_of(front, key), PerspectiveNoticeKind::UnknownKey(clip(key)));
    let mut notes: Vec<Found> = unknown().take(KEYS_TOLD).map(named).collect();
    let more = unknown().count() - notes.len();
    if more > 0 {
        notes.push((None, PerspectiveNoticeKind::MoreKeys(more)));
    }
    notes
}

/// Returns the line number (1-based) of a key of the front matter.
pub(crate) fn line_of(front: &str, key: &str) -> Option<usize> {
    let is_key = |line: &str| {
        let rest = line.trim_start_matches(['"', '\'']).strip_prefix(key);
        rest.is_some_and(|rest| rest.trim_start_matches(['"', '\'']).trim_start().starts_with(':'))
    };
    front.lines().position(is_key).map(|at| at + 1)
}

/// Splits a body into instructions and worksheet.
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

/// Returns `true` if the Agent Skills format allows this name.
fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.chars().count())
        && name.chars().all(|c| c == '-' || c.is_alphanumeric() && !c.is_uppercase())
        && !(name.starts_with('-') || name.ends_with('-') || name.contains("--"))
}

fn unreadable(front: &str, error: &serde_saphyr::Error) -> Found {
    let line = error.location().and_then(|at| usize::try_from(at.line()).ok());
    // The alias limits are separate from the budget, and only the message identifies their errors.
    let is_budget = matches!(error, serde_saphyr::Error::Budget { .. });
    if is_budget || error.to_string().starts_with("alias ") {
        return (line, PerspectiveNoticeKind::Tangled);
    }
    if let Some((key, why)) = wrong_value(front)
        && let Some(line) = line_of(front, &key)
    {
        return (Some(line), PerspectiveNoticeKind::FrontMatter(clip(&format!("`{key}`: {why}"))));
    }
    (line, PerspectiveNoticeKind::FrontMatter(clip(&error.to_string())))
}

/// Returns the key whose value has the wrong type, and why. The YAML parser itself only reports the
/// position of the whole mapping.
fn wrong_value(front: &str) -> Option<(String, String)> {
    let value: serde_json::Value = yaml(front).ok()?;
    let error = serde_path_to_error::deserialize::<_, Head>(value).err()?;
    let key = error.path().iter().next()?.to_string();
    Some((key, error.inner().to_string()))
}

/// Returns the first line, truncated for a message.
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
        assert_eq!(p.name, "risks");
        assert_eq!(p.title(Lang::Ja), "risks");
        assert_eq!(p.instructions(Lang::Ja), "# Risks\nName them.");
        assert_eq!(p.worksheet(Lang::En), None);
    }

    #[test]
    fn every_key_is_read() {
        let head = "name: risks\ndescription: d\ndescription.ja: 説明\ntitle: Risks\ntitle.ja: 危険\nletter: x\norder: 7\ngroup: review\nlang: ja\nmodel: [a, b]\ntemperature: 0.5\nmax_tokens: 900\neffort: low\ncontext: around";
        let (p, notes) =
            parse(&file(head, "## user.ja\n問う\n## Rules\n一\n## user.en\nask\n")).unwrap();
        assert!(notes.is_empty(), "{notes:?}");
        assert_eq!((p.title(Lang::Ja), p.title(Lang::En)), ("危険", "Risks"));
        assert_eq!((p.description(Lang::Ja), p.description(Lang::En)), ("説明", "d"));
        assert_eq!(p.instructions(Lang::Ja), "問う\n## Rules\n一");
        assert_eq!(p.instructions(Lang::En), "ask");
        assert_eq!((p.order, p.lang), (Some(7), Some(Lang::Ja)));
        assert_eq!((p.model, p.temperature), (vec!["a".to_owned(), "b".to_owned()], Some(0.5)));
        assert_eq!((p.group.as_deref(), p.max_tokens), (Some("review"), Some(900)));
        assert_eq!((p.effort, p.context), (Some(Effort::Low), Some(ContextMode::Around)));
    }

    #[test]
    fn what_is_not_known_is_a_note() {
        let (_, notes) =
            parse(&file("name: a\ndescription: d\ncolour: {x: [1]}\nletter: AB", "ask")).unwrap();
        assert_eq!(notes, [(Some(4), PerspectiveNoticeKind::UnknownKey("colour".into()))]);
    }

    #[test]
    fn many_unknown_keys_are_counted() {
        let keys: String = (0..300).map(|n| format!("\nk{n:03}: 1")).collect();
        let text = file(&format!("name: a\ndescription: d{keys}"), "ask");
        let (_, notes) = parse(&text).unwrap();
        assert_eq!(notes.len(), KEYS_TOLD + 1);
        assert_eq!(notes[7], (Some(11), PerspectiveNoticeKind::UnknownKey("k007".into())));
        assert_eq!(notes[8], (None, PerspectiveNoticeKind::MoreKeys(292)));
    }

    #[test]
    fn front_matter_has_bounds() {
        let kind = |head: &str| {
            parse(&file(&format!("name: a\ndescription: d\n{head}"), "ask")).map(|_| ())
        };
        let words = "x ".repeat(3000);
        assert_eq!(
            kind(&format!("metadata: {{a: [1, 2], b: &b [3], c: *b}}\ntitle: {words}")),
            Ok(())
        );
        let long = kind(&format!("title: {}", "x ".repeat(5000))).unwrap_err();
        assert!(
            matches!(long, (Some(1), PerspectiveNoticeKind::LongFrontMatter { bytes, .. }) if bytes > 10_000)
        );
        let list = |item: &str, count: usize| vec![item; count].join(",");
        let anchors: String = (0..17).map(|n| format!("a{n}: &a{n} x\n")).collect();
        for tangled in [
            format!("m: {}{}", "[".repeat(100), "]".repeat(100)),
            format!("m: {}1{}", "{a: ".repeat(100), "}".repeat(100)),
            format!("m:\n{}x", "- ".repeat(100)),
            format!("m: [{}]", list("1", 1000)),
            anchors,
            format!("a: &a x\nm: [{}]", list("*a", 17)),
            // About a hundred values, which aliases repeat thousands of times.
            format!(
                "a: &a [{0}]\nb: &b [{1}]\nc: [{2}]",
                list("1", 99),
                list("*a", 7),
                list("*b", 7)
            ),
        ] {
            let (_, kind) = kind(&tangled).unwrap_err();
            assert_eq!(kind, PerspectiveNoticeKind::Tangled, "{tangled}");
        }
    }

    #[test]
    fn what_is_broken_is_an_error() {
        let kind = |text: &str| parse(text).unwrap_err();
        assert_eq!(kind("# Only a body"), (Some(1), PerspectiveNoticeKind::NoFrontMatter));
        assert_eq!(kind("---\nname: a\n"), (Some(1), PerspectiveNoticeKind::NoFrontMatter));
        let name = PerspectiveNoticeKind::Name("A b".into());
        assert_eq!(kind(&file("name: A b\ndescription: d", "x")), (Some(2), name));
        let empty = kind(&file("name: a\n'description' : ' '", "x"));
        assert_eq!(empty, (Some(3), PerspectiveNoticeKind::NoDescription));
        let mute = kind(&file("name: a\ndescription: d", " \n"));
        assert_eq!(mute, (Some(4), PerspectiveNoticeKind::NoInstructions));
        for (head, at) in [
            ("name: a", 2),
            ("name: [", 2),
            ("name: a\ndescription: d\nmax_tokens: 0", 4),
            ("name: a\ndescription: d\nlang: fr", 4),
            ("name: a\ndescription: d\neffort: much", 4),
            ("name: a\ndescription: d\ncontext: all", 4),
            ("just text", 2),
        ] {
            let (line, PerspectiveNoticeKind::FrontMatter(detail)) = kind(&file(head, "x")) else {
                panic!("{head}");
            };
            assert_eq!(line, Some(at), "{head}: {detail}");
            assert!(!detail.is_empty() && !detail.contains('\n'), "{detail}");
        }
    }
}
