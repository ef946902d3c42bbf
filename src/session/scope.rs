//! The perspectives, sets and language that apply to the documents of one folder, including those
//! of a trusted repository.
//!
//! Server, key and limits are not part of a scope: they come from the session's own settings
//! ([`super::Session::config`]), which no repository changes.

use super::follow_up::SECTIONS_MAX;
use super::{LocatedRepository, RunOptions, SessionError, repository_text};
use crate::config::{Layers, Notice, PerspectiveSet, Settings};
use crate::lang::{Lang, Message};
use crate::perspective::{self, Catalog, DEFAULT_SET, MODEL_SEPARATOR, Origin, Perspective, lang};
use crate::request::{Focus, FocusMode};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Maximum number of notes about a repository in one panel.
const NOTES_MAX: usize = 5;
/// Maximum length in bytes of a model's name that follows a perspective's name.
const MODEL_BYTES: usize = 200;

/// The perspectives, sets and language that apply to the documents of one folder.
#[derive(Clone, Debug)]
pub struct Scope {
    catalog: Catalog,
    perspectives: Vec<String>,
    sets: BTreeMap<String, PerspectiveSet>,
    offer: Vec<String>,
    focus: FocusMode,
    lang: Option<Lang>,
    locale: Lang,
    repository: Option<LocatedRepository>,
    /// Notices about the repository's perspectives.
    notices: Vec<Notice>,
    /// Names of the repository's perspectives and sets that could be mistaken for others.
    stand_ins: StandIns,
    /// Notice about the editor's settings that were ignored.
    left_out: Option<Notice>,
}

/// Names of a repository's perspectives and sets that the user could mistake for others.
#[derive(Clone, Debug, Default)]
struct StandIns {
    perspectives: BTreeSet<String>,
    sets: BTreeSet<String>,
}

impl Scope {
    /// Creates the scope of a folder from the settings, the catalog of built-in and user's
    /// perspectives (`own`), and the repository that contains the folder. `left_out` is the notice
    /// about the editor's settings that were ignored.
    pub(crate) fn new(
        layers: &Layers,
        own: &Catalog,
        repository: Option<LocatedRepository>,
        left_out: Option<&Notice>,
    ) -> Self {
        let trusted = repository
            .as_ref()
            .filter(|located| located.is_trusted())
            .map(|located| &located.repository);
        let config = match trusted {
            Some(repository) => layers.config_in(&repository.settings),
            None => layers.config_in(&Settings::default()),
        };
        let (catalog, notices) = match trusted {
            Some(repository) => repository.catalog(own),
            None => (own.clone(), Vec::new()),
        };
        let stand_ins = trusted.map_or_else(StandIns::default, |repository| {
            let theirs = catalog.iter().filter(|p| p.origin == Origin::Repository);
            let mistaken = theirs.filter(|p| repository_text::stands_for(p, own));
            StandIns {
                perspectives: mistaken.map(|p| p.name.clone()).collect(),
                sets: repository_text::replaced_sets(repository, own, layers),
            }
        });
        Scope {
            catalog,
            perspectives: config.perspectives,
            sets: config.sets,
            offer: config.offer,
            focus: config.focus,
            lang: config.lang,
            locale: config.locale,
            repository,
            notices,
            stand_ins,
            left_out: left_out.cloned(),
        }
    }

    /// Returns the catalog of all perspectives that can be used in this scope.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Returns `true` if a perspective comes from the repository and could be mistaken for one that
    /// the user knows, because it has the same name or title.
    pub fn stands_in(&self, p: &Perspective) -> bool {
        self.stand_ins.perspectives.contains(&p.name)
    }

    /// Returns `true` if the repository defines the set of perspectives named `set` and thereby
    /// replaces a built-in set or one of the user's.
    pub fn set_stands_in(&self, set: &str) -> bool {
        self.stand_ins.sets.contains(set)
    }

    /// Returns the repository that contains the scope's folder, trusted or not, if there is one.
    pub fn repository(&self) -> Option<&LocatedRepository> {
        self.repository.as_ref()
    }

    /// Returns the language in which to write answers about `text`: the one from the settings, or
    /// else the text's own.
    pub fn answer_in(&self, text: &str) -> Lang {
        self.lang.unwrap_or_else(|| lang::detect(text, self.locale))
    }

    /// Returns the names of all sets, the default one first: those from the settings, and those
    /// that perspectives name as their group.
    pub fn set_names(&self) -> Vec<String> {
        distinct(self.own_sets().chain(self.catalog.set_names()))
    }

    /// Returns all usable sets: each set's name, and the names of its perspectives without
    /// duplicates.
    pub fn sets(&self) -> Vec<(String, Vec<String>)> {
        let set = |name: String| {
            let ask = RunOptions { set: Some(name.clone()), ..RunOptions::default() };
            // A set in the settings may name perspectives that do not exist.
            let members = self.perspectives(&ask).ok()?;
            Some((name, distinct(members.iter().map(|member| member.name.as_str()))))
        };
        self.set_names().into_iter().filter_map(set).collect()
    }

    /// Returns the names of the sets that the menu offers, the default one first: those from the
    /// settings, and those that the setting `offer` lists, some of which may not exist.
    pub fn offered_sets(&self) -> Vec<String> {
        distinct(self.own_sets().chain(self.offer.iter().map(String::as_str)))
    }

    fn own_sets(&self) -> impl Iterator<Item = &str> {
        std::iter::once(DEFAULT_SET).chain(self.sets.keys().map(String::as_str))
    }

    /// Returns `true` if a perspective has its own entry in the menu. A perspective of a built-in
    /// set other than the default one has an entry only if an offered set contains it.
    pub fn is_offered(&self, p: &Perspective) -> bool {
        let has = |set: String| {
            let ask = RunOptions { set: Some(set), ..RunOptions::default() };
            self.perspectives(&ask).is_ok_and(|all| all.iter().any(|member| member.name == p.name))
        };
        !p.is_of_further_set() || self.offered_sets().into_iter().any(has)
    }

    /// Returns a notice for each name in the setting `offer` that is not the name of a set.
    pub(crate) fn about_offer(&self) -> Vec<Notice> {
        let known = self.set_names();
        let unknown = self.offer.iter().filter(|name| !known.contains(name));
        unknown.map(|name| Notice::Offer { name: name.clone(), known: known.clone() }).collect()
    }

    /// Returns the perspectives that `ask` requests, in the order of their sections.
    ///
    /// # Errors
    /// Fails if a name is unknown or belongs to a repository that is not trusted, or if `ask`
    /// requests no perspectives or too many.
    pub fn perspectives(
        &self,
        options: &RunOptions,
    ) -> Result<Vec<Arc<Perspective>>, SessionError> {
        let mut models: &[String] = &[];
        let named = match (&options.perspectives, options.set.as_deref().unwrap_or(DEFAULT_SET)) {
            (Some(names), _) => return self.named(names),
            (None, DEFAULT_SET) if !self.perspectives.is_empty() => self.perspectives.clone(),
            (None, set) => match (self.sets.get(set), self.catalog.set(set)) {
                (Some(own), _) => {
                    models = &own.models;
                    own.perspectives.clone()
                }
                (None, members) if members.is_empty() && set != DEFAULT_SET => {
                    return Err(self.unknown_set(set));
                }
                (None, members) => return Ok(members),
            },
        };
        let found = self.catalog.resolve(&named).map_err(|unknown| self.unknown(unknown))?;
        let found = match models {
            [] => found,
            models => found.iter().flat_map(|p| models.iter().map(|m| p.of(m).into())).collect(),
        };
        bounded(found)
    }

    /// Returns the perspectives that a user names. A name may end with the model to ask, as the
    /// sections of a set of several models do: `depth@gpt-5`. Only the user's own request may name
    /// models in this way, since settings may be a stranger's.
    fn named(&self, names: &[String]) -> Result<Vec<Arc<Perspective>>, SessionError> {
        let mut found = Vec::<Arc<Perspective>>::new();
        for name in names {
            let whole = self.catalog.resolve(&[name]);
            let named = match (
                whole,
                name.split_once(MODEL_SEPARATOR).filter(|(_, model)| is_model(model)),
            ) {
                (Err(_), Some((own, model))) => {
                    let found = self.catalog.resolve(&[own]);
                    found.map(|all| all.iter().map(|p| Arc::new(p.of(model))).collect())
                }
                (found, _) => found,
            };
            for p in named.map_err(|unknown| self.unknown(unknown))? {
                if !found.iter().any(|known| known.branch() == p.branch()) {
                    found.push(p);
                }
            }
        }
        bounded(found)
    }

    /// Returns the focus for a request with this number of `perspectives`; `None` if the focus is
    /// turned off, or if there is only one answer, which needs no focus.
    pub(crate) fn focus(&self, options: &RunOptions, perspectives: usize) -> Option<Focus> {
        let set = options.set.as_deref().unwrap_or(DEFAULT_SET);
        let is_listed = set == DEFAULT_SET && !self.perspectives.is_empty();
        let own = self.sets.get(set).filter(|_| options.perspectives.is_none() && !is_listed);
        let own = own.and_then(|set| set.focus);
        let mode = options.focus.or(own).unwrap_or(self.focus);
        let perspective =
            self.catalog.focus().filter(|_| mode != FocusMode::Off && perspectives > 1)?;
        Some(Focus { perspective: Arc::clone(perspective), is_on_demand: mode == FocusMode::Ask })
    }

    fn unknown_set(&self, name: &str) -> SessionError {
        let withheld = |located: &&LocatedRepository| {
            let in_settings = |sets: &BTreeMap<String, PerspectiveSet>| sets.contains_key(name);
            let is_member = |p: &Arc<Perspective>| p.group.as_deref() == Some(name);
            located.is_withheld()
                && (located.repository.settings.sets.as_ref().is_some_and(in_settings)
                    || located.repository.perspectives().iter().any(is_member))
        };
        match self.repository.as_ref().filter(withheld) {
            Some(located) => {
                SessionError::Withheld { name: name.to_owned(), repository: located.clone() }
            }
            None => {
                let known = self.set_names();
                let nearest = perspective::nearest(name, known.iter().map(String::as_str));
                let nearest = nearest.map(str::to_owned);
                SessionError::UnknownSet { name: name.to_owned(), known, nearest }
            }
        }
    }

    fn unknown(&self, unknown: crate::perspective::UnknownPerspectiveError) -> SessionError {
        let withheld = |located: &&LocatedRepository| {
            located.is_withheld() && {
                let (catalog, _) = located.repository.catalog(&Catalog::default());
                catalog.resolve(&[&unknown.name]).is_ok()
            }
        };
        match self.repository.as_ref().filter(withheld) {
            Some(located) => {
                SessionError::Withheld { name: unknown.name, repository: located.clone() }
            }
            None => SessionError::UnknownPerspective(unknown),
        }
    }

    /// Returns notices about the repository as sentences for the user: why it is not used, if so,
    /// and what was skipped in it.
    pub fn about_repository(&self, lang: Lang) -> Vec<String> {
        let Some(located) = &self.repository else { return Vec::new() };
        let notices = located.repository.notices.iter().chain(&self.notices);
        let withheld = located.is_withheld().then(|| located.why_withheld(lang));
        withheld.into_iter().chain(notices.map(|n| n.message(lang))).collect()
    }

    /// Returns the notes for a panel's head: which of the editor's settings were ignored, and the
    /// most important notices about the repository.
    pub(crate) fn notes(&self, lang: Lang) -> Vec<String> {
        let left_out = self.left_out.iter().map(|notice| notice.message(lang));
        let mut notes: Vec<_> = left_out.chain(self.about_repository(lang)).collect();
        if notes.len() > NOTES_MAX {
            let rest = notes.len() - (NOTES_MAX - 1);
            notes.truncate(NOTES_MAX - 1);
            notes.push(lang.pick(
                format!("ほかに {rest} 件。`kaizodo doctor` で見られます。"),
                format!("And {rest} more. Run `kaizodo doctor` to list them."),
            ));
        }
        notes
    }
}

/// Returns `true` if `name` may be a model's name.
fn is_model(name: &str) -> bool {
    !name.trim().is_empty() && name.len() <= MODEL_BYTES
}

/// Checks that a run has at least one perspective, and not too many.
fn bounded(found: Vec<Arc<Perspective>>) -> Result<Vec<Arc<Perspective>>, SessionError> {
    match found.len() {
        0 => Err(SessionError::NoPerspectives),
        // The focus needs one more section.
        asked if asked >= SECTIONS_MAX => {
            Err(SessionError::TooManyViews { asked, limit: SECTIONS_MAX - 1 })
        }
        _ => Ok(found),
    }
}

/// Returns the names without duplicates.
fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen = Vec::<String>::new();
    for name in names {
        if !seen.iter().any(|known| known == name) {
            seen.push(name.to_owned());
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(settings: &str, files: &[(&str, &str)]) -> Scope {
        let mut layers = Layers::default();
        layers.user.settings = Settings::from_toml("t", settings).unwrap();
        let own = Catalog::builtin().with(Origin::User, files.iter().copied()).0;
        Scope::new(&layers, &own, None, None)
    }

    fn members(scope: &Scope, set: &str) -> Vec<String> {
        let ask = RunOptions { set: Some(set.to_owned()), ..RunOptions::default() };
        scope.perspectives(&ask).unwrap().iter().map(|p| p.name.clone()).collect()
    }

    const MINE: &str = "---\nname: mine\ndescription: d\ngroup: review\n---\nask";
    const OTHER: &str = "---\nname: other\ndescription: d\ngroup: others\n---\nask";

    #[test]
    fn a_set_is_what_the_settings_say_else_those_whose_group_it_is() {
        let review = ["failures", "misreadings", "test-gaps", "scale"];
        assert_eq!(members(&scope("", &[]), "review"), review);
        let files = [("m.md", MINE), ("o.md", OTHER)];
        let own = scope("", &files);
        assert_eq!(members(&own, "review"), [&review[..], &["mine"]].concat());
        assert_eq!(members(&own, "others"), ["other"]);
        let set = scope("sets = { review = ['time', 'scale'] }", &files);
        assert_eq!(members(&set, "review"), ["time", "scale"]);
        assert_eq!(members(&set, "default"), ["depth", "breadth", "structure", "time"]);
        // A file that replaces a built-in perspective belongs to the set that it names itself.
        let moved = scope("", &[("s.md", &MINE.replace("mine", "scale").replace("review", "x"))]);
        assert_eq!(members(&moved, "review"), review[..3]);
    }

    #[test]
    fn the_default_set_is_the_one_of_its_name_unless_perspectives_are_listed() {
        let own = "sets.default = { perspectives = ['depth', 'time'], focus = 'off' }";
        let named = RunOptions { set: Some("default".to_owned()), ..RunOptions::default() };
        let scope_of = scope(own, &[]);
        for ask in [RunOptions::default(), named] {
            let found = scope_of.perspectives(&ask).unwrap();
            assert_eq!(found.iter().map(|p| &*p.name).collect::<Vec<_>>(), ["depth", "time"]);
            assert!(scope_of.focus(&ask, 2).is_none());
        }
        let models = scope("sets.default = { perspectives = ['depth'], models = ['a', 'b'] }", &[]);
        assert_eq!(models.perspectives(&RunOptions::default()).unwrap()[1].branch(), "depth@b");
        let listed = scope(&format!("perspectives = ['breadth', 'time']\n{own}"), &[]);
        assert_eq!(members(&listed, "default"), ["breadth", "time"]);
        assert!(listed.focus(&RunOptions::default(), 2).is_some());
        assert_eq!(scope_of.set_names()[..2], ["default", "review"]);
    }

    #[test]
    fn a_set_of_several_models_has_a_section_for_each() {
        let scope = scope(
            "sets = { both = { perspectives = ['時間', 'depth'], models = 'a/b, c:7b' } }",
            &[],
        );
        let ask = |set: Option<&str>, names: Option<&[&str]>| RunOptions {
            set: set.map(str::to_owned),
            perspectives: names.map(|names| names.iter().map(|name| (*name).to_owned()).collect()),
            ..RunOptions::default()
        };
        let asked = |options: &RunOptions| {
            let found = scope.perspectives(options)?;
            Ok(found.iter().map(|p| (p.branch(), p.heading(Lang::Ja), p.model.clone())).collect())
        };
        let both: Result<Vec<_>, SessionError> = asked(&ask(Some("both"), None));
        let both = both.unwrap();
        let branches: Vec<_> = both.iter().map(|(branch, ..)| branch.as_str()).collect();
        assert_eq!(branches, ["time@a/b", "time@c:7b", "depth@a/b", "depth@c:7b"]);
        assert_eq!((both[3].1.as_str(), &*both[3].2), ("深さ · c:7b", &["c:7b".to_owned()][..]));
        // A run's sections can be requested again by their names; duplicates are dropped.
        let again: Vec<_> = asked(&ask(None, Some(&["深さ@c:7b", "depth", "depth@c:7b"]))).unwrap();
        assert_eq!(again[0], both[3]);
        assert_eq!((again.len(), again[1].0.as_str(), again[1].2.len()), (2, "depth", 0));
        for unknown in ["nothing@a", "depth@", "depth@ "] {
            let refused = scope.perspectives(&ask(None, Some(&[unknown]))).unwrap_err();
            assert!(matches!(refused, SessionError::UnknownPerspective(_)), "{refused:?}");
        }
        let many: Vec<String> = (0..200).map(|n| format!("depth@{n}")).collect();
        let many = RunOptions { perspectives: Some(many), ..RunOptions::default() };
        let refused = scope.perspectives(&many).unwrap_err();
        assert_eq!(refused, SessionError::TooManyViews { asked: 200, limit: 199 });
    }

    #[test]
    fn settings_name_perspectives_alone() {
        for settings in ["sets = { x = ['depth@a'] }", "perspectives = ['depth@a']"] {
            let set = settings.starts_with("sets").then(|| "x".to_owned());
            let ask = RunOptions { set, ..RunOptions::default() };
            let refused = scope(settings, &[]).perspectives(&ask).unwrap_err();
            assert!(matches!(refused, SessionError::UnknownPerspective(_)), "{refused:?}");
        }
    }

    #[test]
    fn an_unknown_set_is_told_with_all_that_can_be_named() {
        let scope = scope("sets = { a = ['time'] }", &[("o.md", OTHER)]);
        let ask = RunOptions { set: Some("reviews".to_owned()), ..RunOptions::default() };
        let names = ["default", "a", "review", "decide", "readers", "premortem", "others"];
        let known = names.map(str::to_owned).to_vec();
        let refused = scope.perspectives(&ask).unwrap_err();
        assert_eq!(
            refused,
            SessionError::UnknownSet {
                name: "reviews".to_owned(),
                known,
                nearest: Some("review".to_owned()),
            }
        );
        assert_eq!(scope.set_names(), names);
    }

    #[test]
    fn the_menu_has_what_the_settings_name_and_no_more() {
        let offered =
            |scope: &Scope, name: &str| scope.is_offered(scope.catalog().get(name).unwrap());
        let bare = scope("", &[("o.md", OTHER)]);
        assert_eq!(bare.offered_sets(), ["default"]);
        for (name, is) in [("depth", true), ("other", true), ("scale", false), ("guard", false)] {
            assert_eq!(offered(&bare, name), is, "{name}");
        }
        let some = scope("offer = ['decide', 'default', 'b']\nsets = { b = ['guard'] }", &[]);
        assert_eq!(some.offered_sets(), ["default", "b", "decide"]);
        for (name, is) in [("options", true), ("guard", true), ("overlooked", false)] {
            assert_eq!(offered(&some, name), is, "{name}");
        }
        assert_eq!(some.about_offer(), []);
    }
}
