//! The catalog of all available perspectives.

use super::{Origin, Perspective, PerspectiveNotice, PerspectiveNoticeKind, file};
use crate::lang::{Lang, Message};
use std::collections::HashMap;
use std::sync::Arc;

/// Name of the perspective set that is used if the user requests neither a set nor individual
/// perspectives.
pub const DEFAULT_SET: &str = "default";

/// Includes the files of `builtin/` with these names.
macro_rules! builtin {
    ($($name:literal),* $(,)?) => {
        [$((
            concat!("builtin/", $name, ".md"),
            include_str!(concat!("builtin/", $name, ".md")),
        )),*]
    };
}

const BUILTIN: [(&str, &str); 20] = builtin![
    "depth",
    "breadth",
    "structure",
    "time",
    "review/failures",
    "review/misreadings",
    "review/test-gaps",
    "review/scale",
    "decide/options",
    "decide/assumptions",
    "decide/stakes",
    "decide/in-a-year",
    "readers/newcomer",
    "readers/hurried",
    "readers/sceptic",
    "readers/expert",
    "premortem/how-it-failed",
    "premortem/overlooked",
    "premortem/first-sign",
    "premortem/guard",
];

const BUILTIN_FOCUS: [(&str, &str); 1] = builtin!["focus"];

/// The name of the perspective that combines the answers of the others. A file that defines a
/// perspective with this name replaces the built-in focus. The focus cannot be requested by name.
pub const FOCUS: &str = "focus";

/// The available perspectives, in the order in which they are shown, and the focus.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    views: Vec<Arc<Perspective>>,
    focus: Option<Arc<Perspective>>,
}

impl Catalog {
    /// Returns the built-in perspectives: depth, breadth, structure and time, the further sets, and
    /// the focus.
    pub fn builtin() -> Catalog {
        let files = BUILTIN.into_iter().chain(BUILTIN_FOCUS);
        Catalog::default().with(Origin::BuiltIn, files).0
    }

    /// Returns the file of the built-in perspective `name`, including the focus.
    pub(crate) fn builtin_file(name: &str) -> Option<&'static str> {
        file_of(name, BUILTIN.into_iter().chain(BUILTIN_FOCUS).map(|(_, text)| text))
    }

    /// Returns this catalog with the perspectives of `files` added, each file given as name and
    /// text. A perspective replaces an earlier one of the same name, so that a user's file can
    /// override a built-in one. Invalid files are skipped and reported.
    ///
    /// A repository's perspective may not choose the model, because at many servers the model's
    /// name decides who gets the text, and what it costs.
    pub fn with<N: AsRef<str>, T: AsRef<str>>(
        &self,
        origin: Origin,
        files: impl Iterator<Item = (N, T)>,
    ) -> (Catalog, Vec<PerspectiveNotice>) {
        let (new, problems) = Self::read(origin, files);
        (self.over(&new), problems)
    }

    /// Returns the perspectives of `files`, in the order of the files, and the problems found in
    /// them; see [`Catalog::with`].
    pub(crate) fn read<N: AsRef<str>, T: AsRef<str>>(
        origin: Origin,
        files: impl Iterator<Item = (N, T)>,
    ) -> (Vec<Arc<Perspective>>, Vec<PerspectiveNotice>) {
        let (mut all, mut problems) = (Vec::new(), Vec::new());
        let mut named: HashMap<String, (String, Option<usize>)> = HashMap::new();
        for (name, text) in files {
            let problem =
                |(line, kind)| PerspectiveNotice { file: name.as_ref().to_owned(), line, kind };
            match file::parse(text.as_ref()) {
                Err(found) => problems.push(problem(found)),
                Ok((mut new, notes)) => {
                    problems.extend(notes.into_iter().map(problem));
                    new.origin = origin;
                    if origin == Origin::Repository && !new.model.is_empty() {
                        new.model.clear();
                        let line = file::line_of(text.as_ref(), "model");
                        problems.push(problem((line, PerspectiveNoticeKind::Model)));
                    }
                    // The last of several files counts, as in `over`.
                    let place = (name.as_ref().to_owned(), file::line_of(text.as_ref(), "name"));
                    if let Some((file, line)) = named.insert(new.name.clone(), place) {
                        let (name, used) = (new.name.clone(), name.as_ref().to_owned());
                        let kind = PerspectiveNoticeKind::SameName { name, used };
                        problems.push(PerspectiveNotice { file, line, kind });
                    }
                    all.push(Arc::new(new));
                }
            }
        }
        (all, problems)
    }

    /// Returns this catalog with `new` added. If several perspectives have the same name, the last
    /// one replaces the others.
    pub(crate) fn over(&self, new: &[Arc<Perspective>]) -> Catalog {
        let mut all = self.clone();
        for p in new {
            if p.name == FOCUS {
                all.focus = Some(Arc::clone(p));
                continue;
            }
            all.views.retain(|old| old.name != p.name);
            all.views.push(Arc::clone(p));
        }
        all.views.sort_by_key(|p| (p.order.unwrap_or(i64::MAX), p.name.clone()));
        all
    }

    /// Returns the perspective of this name, including the focus.
    pub(crate) fn named(&self, name: &str) -> Option<&Arc<Perspective>> {
        self.get(name).or_else(|| self.focus().filter(|focus| focus.name == name))
    }

    /// Returns the perspective that combines the answers of a run.
    pub fn focus(&self) -> Option<&Arc<Perspective>> {
        self.focus.as_ref()
    }

    /// Returns the perspective of this name, not including the focus.
    pub fn get(&self, name: &str) -> Option<&Arc<Perspective>> {
        self.views.iter().find(|p| p.name == name)
    }

    /// Returns all perspectives except the focus, in the order in which they are shown.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Perspective>> {
        self.views.iter()
    }

    /// Returns the names of all sets, in the order of their first members.
    pub fn set_names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for group in self.iter().filter_map(|p| p.group.as_deref()) {
            if !names.contains(&group) {
                names.push(group);
            }
        }
        names
    }

    /// Returns the perspectives of a set, in the order in which they are shown. Returns an empty
    /// list if there is no set of this name.
    pub fn set(&self, name: &str) -> Vec<Arc<Perspective>> {
        self.iter().filter(|p| p.group.as_deref() == Some(name)).cloned().collect()
    }

    /// Resolves names and titles to perspectives, in the order given, without duplicates.
    ///
    /// # Errors
    /// Fails if any of the names matches no perspective; the error reports the first such name.
    pub fn resolve<S: AsRef<str>>(
        &self,
        names: &[S],
    ) -> Result<Vec<Arc<Perspective>>, UnknownPerspectiveError> {
        let mut found: Vec<Arc<Perspective>> = Vec::new();
        for name in names {
            let p = self.find(name.as_ref()).ok_or_else(|| self.unknown(name.as_ref()))?;
            if !found.iter().any(|f| f.name == p.name) {
                found.push(p.clone());
            }
        }
        Ok(found)
    }

    /// Finds a perspective by its name or title. Names take precedence, so that no title can hide a
    /// perspective.
    fn find(&self, asked: &str) -> Option<&Arc<Perspective>> {
        let asked = asked.trim().to_lowercase();
        self.get(&asked).or_else(|| self.iter().find(|p| titles(p).any(|t| t == asked)))
    }

    fn unknown(&self, asked: &str) -> UnknownPerspectiveError {
        let asked: String = asked.trim().chars().take(60).collect();
        let near = |p: &Perspective| {
            titles(p)
                .chain([p.name.clone()])
                .map(|name| strsim::jaro_winkler(&name, &asked.to_lowercase()))
                .fold(0.0, f64::max)
        };
        UnknownPerspectiveError {
            nearest: self
                .iter()
                .map(|p| (near(p), p))
                .filter(|(score, _)| *score > ALIKE)
                .max_by(|a, b| a.0.total_cmp(&b.0))
                .map(|(_, p)| p.name.clone()),
            known: self
                .iter()
                .filter(|p| !p.is_of_further_set())
                .map(|p| (p.name.clone(), p.title(Lang::Ja).to_owned()))
                .collect(),
            name: asked,
        }
    }
}

/// Returns the text that defines the perspective `name`, of the texts of several files. As in a
/// catalog, the last one replaces the others.
pub(crate) fn file_of<'a>(
    name: &str,
    files: impl DoubleEndedIterator<Item = &'a str>,
) -> Option<&'a str> {
    files.rev().find(|text| file::parse(text).is_ok_and(|(parsed, _)| parsed.name == name))
}

/// Minimum similarity, from 0 to 1, at which a name is taken for a typo of another one.
const ALIKE: f64 = 0.75;

/// Returns the name in `among` that is most similar to `name`, if it is similar enough.
pub(crate) fn nearest<'a>(name: &str, among: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.trim().to_lowercase();
    let scored = among.map(|known| (strsim::jaro_winkler(known, &lower), known));
    let alike = scored.filter(|(score, _)| *score > ALIKE);
    alike.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, known)| known)
}

fn titles(p: &Perspective) -> impl Iterator<Item = String> {
    [Lang::Ja, Lang::En].into_iter().map(|lang| p.title(lang).to_lowercase())
}

/// The error for a name that matches no perspective.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message(Lang::En))]
pub struct UnknownPerspectiveError {
    /// The requested name, truncated to 60 characters.
    pub name: String,
    /// Names and Japanese titles of the available perspectives. Perspectives of built-in sets other
    /// than the default are omitted, because they would make the message too long.
    pub known: Vec<(String, String)>,
    /// The available name that is most similar to the requested one, if any is similar enough.
    pub nearest: Option<String>,
}

impl Message for UnknownPerspectiveError {
    fn message(&self, lang: Lang) -> String {
        let names: Vec<_> = self
            .known
            .iter()
            .map(|(name, title)| match lang {
                Lang::Ja if title != name => format!("{name}（{title}）"),
                _ => name.clone(),
            })
            .collect();
        let name = &self.name;
        match (lang, &self.nearest) {
            (Lang::Ja, Some(near)) => format!(
                "`{name}` という視点はありません。`{near}` のことでしょうか。使える視点の例: {}。一覧は `kaizodo perspectives` で見られます。",
                names.join("、")
            ),
            (Lang::Ja, None) => {
                format!(
                    "`{name}` という視点はありません。使える視点の例: {}。一覧は `kaizodo perspectives` で見られます。",
                    names.join("、")
                )
            }
            (Lang::En, Some(near)) => format!(
                "There is no perspective `{name}`. Did you mean `{near}`? Available: {} and more (run `kaizodo perspectives` to list them).",
                names.join(", ")
            ),
            (Lang::En, None) => {
                format!(
                    "There is no perspective `{name}`. Available: {} and more (run `kaizodo perspectives` to list them).",
                    names.join(", ")
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(found: &[Arc<Perspective>]) -> Vec<&str> {
        found.iter().map(|p| p.name.as_str()).collect()
    }

    #[test]
    fn the_built_in_files_are_whole() {
        let (catalog, problems) = Catalog::default().with(Origin::BuiltIn, BUILTIN.into_iter());
        assert_eq!(problems, []);
        assert_eq!(catalog.iter().count(), BUILTIN.len(), "each has a name of its own");
        for p in catalog.iter() {
            for texts in [&p.instructions, &p.worksheet, &p.description, &p.title] {
                let (ja, en) = (texts.get(Lang::Ja), texts.get(Lang::En));
                assert!(ja.is_some() && ja != en, "{}", p.name);
            }
        }
    }

    #[test]
    fn each_built_in_set_has_its_members_in_their_folder() {
        let catalog = Catalog::builtin();
        let sets = [DEFAULT_SET, "review", "decide", "readers", "premortem"];
        assert_eq!(catalog.set_names(), sets);
        assert_eq!(names(&catalog.set(DEFAULT_SET)), ["depth", "breadth", "structure", "time"]);
        for set in &sets[1..] {
            let files = BUILTIN.iter().filter_map(|(file, _)| {
                file.strip_prefix(&format!("builtin/{set}/"))?.strip_suffix(".md")
            });
            let files: Vec<_> = files.collect();
            assert_eq!((names(&catalog.set(set)), files.len()), (files, 4));
        }
        assert!(catalog.set("none").is_empty());
    }

    #[test]
    fn no_built_in_name_or_title_can_be_taken_for_another() {
        let catalog = Catalog::builtin();
        let mut taken: Vec<String> = catalog.set_names().into_iter().map(str::to_owned).collect();
        for p in catalog.iter() {
            let mut words: Vec<_> = titles(p).chain([p.name.clone()]).collect();
            words.sort();
            words.dedup();
            assert!(words.iter().all(|word| !taken.contains(word)), "{words:?} in {taken:?}");
            taken.extend(words);
        }
    }

    #[test]
    fn names_and_titles_are_understood_once_each() {
        let catalog = Catalog::builtin();
        let found = catalog.resolve(&["時間", "depth", " Time", "深さ", "広さ", "構造"]).unwrap();
        assert_eq!(names(&found), ["time", "depth", "breadth", "structure"]);
        assert!(catalog.resolve::<&str>(&[]).unwrap().is_empty());
    }

    #[test]
    fn an_unknown_name_is_told_with_what_there_is() {
        let error = Catalog::builtin().resolve(&["depth", "dept"]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "There is no perspective `dept`. Did you mean `depth`? Available: depth, breadth, structure, time and more (run `kaizodo perspectives` to list them)."
        );
        let error = Catalog::builtin().resolve(&["sceptics"]).unwrap_err();
        assert_eq!(error.nearest.as_deref(), Some("sceptic"));
        let error = Catalog::builtin().resolve(&["匂い"]).unwrap_err();
        assert_eq!(
            error.message(Lang::Ja),
            "`匂い` という視点はありません。使える視点の例: depth（深さ）、breadth（広さ）、structure（構造）、time（時間）。一覧は `kaizodo perspectives` で見られます。"
        );
        assert_eq!(Catalog::builtin().resolve(&["x".repeat(999)]).unwrap_err().name.len(), 60);
    }

    #[test]
    fn a_later_file_takes_the_place_and_a_broken_one_is_left_out() {
        let mine = "---\nname: depth\ndescription: mine\norder: 9\n---\nask";
        let other = "---\nname: risks\ndescription: d\n---\nask";
        let files = [("a.md", mine), ("b.md", "?"), ("c.md", other)];
        let (catalog, problems) = Catalog::builtin().with(Origin::User, files.into_iter());
        assert_eq!(names(&catalog.set(DEFAULT_SET)), ["breadth", "structure", "time"]);
        let own: Vec<_> = catalog.iter().filter(|p| p.origin == Origin::User).cloned().collect();
        assert_eq!(names(&own), ["depth", "risks"]);
        assert_eq!(catalog.get("depth").unwrap().description(Lang::Ja), "mine");
        assert_eq!(problems.len(), 1);
        assert!(!problems[0].is_note() && problems[0].message(Lang::En).starts_with("b.md:1: "));
        assert_eq!(catalog.iter().count(), BUILTIN.len() + 1);
        assert!(!own.iter().any(|p| p.is_of_further_set()));
    }

    #[test]
    fn of_two_files_with_one_name_the_one_that_is_not_used_is_told() {
        let text = "---\nname: risks\ndescription: d\n---\nask";
        let files = [("a.md", text), ("b.md", text)];
        let (catalog, problems) = Catalog::builtin().with(Origin::Repository, files.into_iter());
        assert_eq!(catalog.iter().count(), BUILTIN.len() + 1);
        let said: Vec<_> = problems.iter().map(|problem| problem.message(Lang::En)).collect();
        assert_eq!(
            said,
            [
                "a.md:2: b.md has the same name, `risks`, and is used instead. To use both, rename one of them."
            ]
        );
        assert!(!problems[0].is_note());
    }

    #[test]
    fn the_file_of_a_perspective_is_the_one_that_counts() {
        for p in Catalog::builtin().iter().chain(Catalog::builtin().focus()) {
            let text = Catalog::builtin_file(&p.name).unwrap();
            let file = [("x.md", text)].into_iter();
            let (catalog, problems) = Catalog::default().with(Origin::BuiltIn, file);
            assert_eq!((catalog.named(&p.name), problems.len()), (Some(p), 0));
        }
        assert_eq!(Catalog::builtin_file("risks"), None);
        let one = "---\nname: risks\ndescription: d\n---\none";
        let two = one.replace("one", "two");
        let files = [one, &two, "?"];
        assert_eq!(file_of("risks", files.into_iter()), Some(two.as_str()));
    }

    #[test]
    fn a_repository_does_not_choose_the_model() {
        let file = "---\nname: risks\ndescription: d\nmodel: [theirs]\n---\nask";
        for (origin, models) in [(Origin::User, 1), (Origin::Repository, 0)] {
            let (catalog, problems) = Catalog::builtin().with(origin, [("r.md", file)].into_iter());
            assert_eq!(catalog.get("risks").unwrap().model.len(), models);
            assert_eq!(problems.len(), 1 - models);
            assert!(problems.iter().all(PerspectiveNotice::is_note));
        }
    }
}
