//! A repository's content, as text for the user who is asked to trust it.
//!
//! The content is not trusted yet, so every line is shown, hidden characters are made visible, and
//! what replaces a perspective that the user knows is marked.

use crate::config::{Layers, Settings};
use crate::lang::{Lang, Message};
use crate::panel::{fenced, show_hidden};
use crate::perspective::{Catalog, DEFAULT_SET, Origin, Perspective};
use crate::repository::{FOLDER, Repository};
use std::collections::{BTreeMap, BTreeSet};

/// Returns, as text for the user, everything that would be used from a repository, in both
/// languages: the perspectives, then the settings, then notices about what is ignored. `own` and
/// `layers` are the user's perspectives and settings, without the repository's.
pub(crate) fn text(repository: &Repository, own: &Catalog, layers: &Layers, lang: Lang) -> String {
    let mut out = format!("{}\n\n", show_hidden(&place(repository)));
    for p in repository.perspectives() {
        let replaces = replaces(&p, own, lang);
        let title = match p.title(lang) {
            title if title == p.name => String::new(),
            title => format!(" · {}", show_hidden(title)),
        };
        out += &format!("  {}{replaces}{title}\n", p.name);
        out += &front(&p);
        out += &whole(&p, lang);
    }
    let replaced = replaced_sets(repository, own, layers);
    for setting in repository.settings_lines() {
        let is_of = |set: &&String| setting.starts_with(&format!("sets.{set} = "));
        let mark = match replaced.iter().find(is_of) {
            Some(set) if is_built_in(set, own, layers) => {
                lang.pick("（内蔵の組に代わる）", " (replaces the built-in one)")
            }
            Some(_) => lang.pick("（自分の組に代わる）", " (replaces your own)"),
            None => "",
        };
        out += &format!("  {}{mark}\n", show_hidden(&setting));
    }
    let (_, problems) = repository.catalog(&Catalog::default());
    for notice in repository.notices.iter().chain(&problems) {
        out += &format!("  ! {}\n", show_hidden(&notice.message(lang)));
    }
    out.push('\n');
    out
}

/// Returns the repository's content, given as `text`, as a Markdown document in which no markup or
/// link from the repository is active.
pub(crate) fn document(text: &str, lang: Lang) -> String {
    let head = lang.pick(
        "# 解像度 · このリポジトリの視点と設定\n\n信頼すると、次の内容がモデルへの指示に加わります。まだどれも使っていません。\n\n",
        "# 解像度 · What this repository adds\n\nIf you trust it, the following becomes part of what the model is asked. None of it has been used yet.\n\n",
    );
    head.to_owned() + &fenced("text", text)
}

/// Returns `true` if a repository's perspective could be mistaken for one in `own`, which the user
/// knows, because it has the same name or title.
pub(crate) fn stands_for(p: &Perspective, own: &Catalog) -> bool {
    let titles = |p: &Perspective| [Lang::Ja, Lang::En].map(|lang| p.title(lang).to_lowercase());
    let theirs = titles(p);
    own.named(&p.name).is_some()
        || own.iter().any(|known| titles(known).iter().any(|title| theirs.contains(title)))
}

/// Returns the names of the user's and built-in sets that the repository's settings replace. Those
/// sets come from the user's settings or are groups that perspectives name.
pub(crate) fn replaced_sets(
    repository: &Repository,
    own: &Catalog,
    layers: &Layers,
) -> BTreeSet<String> {
    let before = layers.config_in(&Settings::default()).sets;
    let after = layers.config_in(&repository.settings);
    // A list of perspectives goes before a set of this name.
    let is_used = |name: &str| name != DEFAULT_SET || after.perspectives.is_empty();
    let theirs = repository.settings.sets.iter().flat_map(BTreeMap::keys);
    let was_there = |name: &str| before.contains_key(name) || !own.set(name).is_empty();
    let differs = |name: &&String| {
        let now = after.sets.get(*name);
        now.is_some() && before.get(*name) != now && was_there(name) && is_used(name)
    };
    theirs.filter(differs).cloned().collect()
}

/// Returns `true` if a set is a built-in one that the user has not changed.
fn is_built_in(set: &str, own: &Catalog, layers: &Layers) -> bool {
    !layers.config().sets.contains_key(set)
        && own.set(set).iter().all(|p| p.origin == Origin::BuiltIn)
}

fn place(repository: &Repository) -> String {
    repository.root.join(FOLDER).display().to_string()
}

fn replaces(p: &Perspective, own: &Catalog, lang: Lang) -> &'static str {
    match own.named(&p.name).map(|known| known.origin) {
        Some(Origin::User) => lang.pick("（自分の視点に代わる）", " (replaces your own)"),
        Some(_) => lang.pick("（内蔵の視点に代わる）", " (replaces the built-in one)"),
        None if stands_for(p, own) => {
            lang.pick("（同じ見出しの視点がほかにある）", " (same title as another)")
        }
        None => "",
    }
}

/// Returns the members of a perspective's front matter that decide when and how it is used.
fn front(p: &Perspective) -> String {
    let of = |name: &str, value: Option<String>| value.map(|value| format!("{name}: {value}"));
    let members = [
        of("group", p.group.clone()),
        of("lang", p.lang.map(|lang| lang.pick("ja", "en").to_owned())),
        of("temperature", p.temperature.map(|t| t.to_string())),
        of("max_tokens", p.max_tokens.map(|max| max.to_string())),
        of("effort", p.effort.map(|effort| effort.name().to_owned())),
        of("context", p.context.map(|context| context.name().to_owned())),
    ];
    let members: Vec<_> = members.into_iter().flatten().collect();
    match members.is_empty() {
        true => String::new(),
        false => format!("    {}\n", show_hidden(&members.join(", "))),
    }
}

/// Returns every line of a perspective's texts: the user's language first, then the other if it
/// differs.
fn whole(p: &Perspective, lang: Lang) -> String {
    let other = lang.pick(Lang::En, Lang::Ja);
    let texts =
        |lang| [p.description(lang), p.instructions(lang), p.worksheet(lang).unwrap_or_default()];
    let mut out = String::new();
    let mut add = |text: &str| {
        for line in text.trim().lines() {
            out += &format!("    {}\n", show_hidden(line));
        }
    };
    texts(lang).into_iter().for_each(&mut add);
    if texts(other) != texts(lang) || p.title(other) != p.title(lang) {
        add(&format!("[{}] {}", other.pick("ja", "en"), p.title(other)));
        texts(other).into_iter().for_each(&mut add);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn perspective(text: &str) -> Perspective {
        let files = [("a.md", text)].into_iter();
        let (catalog, problems) = Catalog::default().with(Origin::Repository, files);
        assert!(problems.is_empty(), "{problems:?}");
        catalog.iter().next().map(|p| Perspective::clone(p)).unwrap_or_default()
    }

    #[test]
    fn a_perspective_that_looks_like_a_known_one_is_told_by_name_or_title() {
        let own = Catalog::builtin();
        let mark = |head: &str| {
            let p = perspective(&format!("---\n{head}\ndescription: d\n---\nask\n"));
            assert_eq!(stands_for(&p, &own), !replaces(&p, &own, Lang::En).is_empty());
            replaces(&p, &own, Lang::En)
        };
        assert_eq!(mark("name: depth"), " (replaces the built-in one)");
        assert_eq!(mark("name: x\ntitle.ja: 深さ"), " (same title as another)");
        assert_eq!(mark("name: x\ntitle: DEPTH"), " (same title as another)");
        assert_eq!(mark("name: x\ntitle: Risks"), "");
    }

    #[test]
    fn a_set_in_the_place_of_another_is_told() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(FOLDER)).unwrap();
        let sets =
            "[sets]\ndefault = ['time']\nmine = ['time']\nnew = ['time']\nreview = ['time']\n";
        std::fs::write(folder.path().join(FOLDER).join("config.toml"), sets).unwrap();
        let repository = Repository::read(folder.path());
        let mut layers = Layers::default();
        layers.user.settings = Settings::from_toml("c", "sets = { mine = ['depth'] }").unwrap();
        let text = text(&repository, &Catalog::builtin(), &layers, Lang::En);
        for line in [
            "  sets.default = time (replaces the built-in one)\n",
            "  sets.mine = time (replaces your own)\n",
            "  sets.new = time\n",
            "  sets.review = time (replaces the built-in one)\n",
        ] {
            assert!(text.contains(line), "{text}");
        }
        // The user's own list goes before a set of this name.
        layers.user.settings = Settings::from_toml("c", "perspectives = ['depth']").unwrap();
        let replaced = replaced_sets(&repository, &Catalog::builtin(), &layers);
        assert!(!replaced.contains(DEFAULT_SET) && replaced.contains("review"), "{replaced:?}");
    }

    #[test]
    fn all_texts_are_there_and_what_decides_when_they_are_asked() {
        let p = perspective(
            "---\nname: x\ntitle: A\ntitle.ja: あ\ndescription: d\ngroup: default\nlang: ja\nmax_tokens: 9\neffort: high\n---\none\n\n\ntwo\n",
        );
        assert_eq!(front(&p), "    group: default, lang: ja, max_tokens: 9, effort: high\n");
        let text = whole(&p, Lang::En);
        assert_eq!(
            text,
            "    d\n    one\n    \n    \n    two\n    [ja] あ\n    d\n    one\n    \n    \n    two\n"
        );
    }

    /// Tries lines that hide, imitate the text around them, or look like its end, in every pair.
    #[test]
    fn every_line_of_every_perspective_is_shown() {
        const LINES: [&str; 15] = [
            "Plain words.",
            "  ! This file was ignored",
            "```",
            "# Heading",
            "---x",
            "a\tb",
            "right\u{202e}left",
            "zero\u{200b}width",
            "\u{1b}[2Jgone",
            "x\u{7f}",
            "\u{feff}mark",
            "[a](command:x)",
            "<img src=x>",
            "視点を無視して",
            "\u{e0041}tag",
        ];
        let mut count = 0;
        for (first, second) in LINES.iter().flat_map(|a| LINES.iter().map(move |b| (a, b))) {
            let p = perspective(&format!(
                "---\nname: x\ndescription: d\n---\nask\n{first}\n\nmiddle\n{second}\nend\n"
            ));
            for lang in [Lang::Ja, Lang::En] {
                let text = whole(&p, lang);
                let lines: Vec<&str> = text.lines().map(|line| line.trim_start()).collect();
                for line in ["ask", *first, "middle", *second, "end"] {
                    let shown = show_hidden(line);
                    assert!(lines.contains(&shown.trim_start()), "{line:?} in {text:?}");
                }
                let is_hidden = |c: char| c != '\n' && show_hidden(&c.to_string()) != c.to_string();
                assert_eq!(text.find(is_hidden), None, "{text:?}");
            }
            count += 1;
        }
        assert!(count >= 200);
    }

    #[test]
    fn nothing_in_the_document_is_live() {
        let text = document("  x\n```\n# [a](command:x)\n", Lang::En);
        assert!(text.contains("\n````text\n  x\n```\n# [a](command:x)\n````\n"), "{text}");
    }
}
