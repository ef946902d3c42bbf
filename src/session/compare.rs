//! Compares two runs about the same text: what they were asked about, then section by section.

use super::{Run, Session, SessionError};
use crate::event::RunId;
use crate::journal::Filter;
use crate::lang::Lang;
use similar::TextDiff;
use std::sync::Arc;

/// Maximum number of a document's earlier runs that are considered.
const LOOKED_AT: usize = 200;

/// Two runs about the same text.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The run that was started first.
    pub earlier: Compared,
    /// The run that was started later.
    pub later: Compared,
}

/// One of the two runs of a comparison, and its text.
#[derive(Clone, Debug)]
pub struct Compared {
    /// The run.
    pub run: Arc<Run>,
    /// The text that the run was asked about, or a sentence if it was not kept, followed by the
    /// run's answers.
    pub text: String,
}

impl Comparison {
    /// Returns the differences between the two runs' texts as a unified diff.
    pub fn unified(&self) -> String {
        let Comparison { earlier, later } = self;
        let names = [&earlier.run, &later.run].map(|run| run.id().to_string());
        let diff = TextDiff::from_lines(&earlier.text, &later.text);
        let [old, new] = &names;
        diff.unified_diff().header(old, new).to_string()
    }
}

impl Session {
    /// Compares the run `later` with `earlier` or, if that is `None`, with the newest earlier run
    /// about the same place in the same document. The two may be given in either order.
    ///
    /// # Errors
    /// Fails if a run does not exist or cannot be read, or if there is no earlier one.
    pub async fn compare(
        &self,
        later: &RunId,
        earlier: Option<&RunId>,
    ) -> Result<Comparison, SessionError> {
        let later = self.load_run(later).await?;
        let earlier = match earlier {
            Some(earlier) => self.load_run(earlier).await?,
            None => self.earlier(&later).await?,
        };
        // Run IDs sort by the time of the start.
        let (earlier, later) =
            if earlier.id() <= later.id() { (earlier, later) } else { (later, earlier) };
        Ok(Comparison {
            earlier: self.compared(earlier).await?,
            later: self.compared(later).await?,
        })
    }

    /// Returns a run prepared for comparison: with the text that it was asked about, if that was
    /// kept, and its answers.
    ///
    /// # Errors
    /// Fails if the journal cannot be read.
    pub async fn compared(&self, run: Arc<Run>) -> Result<Compared, SessionError> {
        let asked = self.request_of(&run).await?.map(|request| request.selection.text.clone());
        let (lang, answers) = run.with_panel(|panel| (panel.lang(), panel.export_sections()));
        Ok(Compared { text: comparable(asked.as_deref(), &answers, lang), run })
    }

    async fn earlier(&self, run: &Arc<Run>) -> Result<Arc<Run>, SessionError> {
        let none = || SessionError::NothingToCompare(run.id().clone());
        let source = run.source().ok_or_else(none)?;
        let filter = Filter {
            uri: Some(source.uri.clone()),
            before: Some(run.id().clone()),
            limit: LOOKED_AT,
            ..Filter::default()
        };
        let parent = run.origin().map(|passage| passage.run);
        let listed = self.saved_runs(filter).await?;
        let found = listed.runs.into_iter().find(|entry| {
            let overlaps = entry.source.as_ref().is_some_and(|before| before.shares_lines(&source));
            // Texts from the command line, the page and agents have no place. Those that begin
            // alike are versions of one text.
            let is_alike = source.is_document() || entry.title == run.title();
            overlaps && is_alike && entry.parent == parent
        });
        self.load_run(&found.ok_or_else(none)?.run).await
    }
}

/// Puts the text above the answers. A text that was not kept is named, since otherwise the other
/// run's text would look like a new one.
fn comparable(asked: Option<&str>, answers: &str, lang: Lang) -> String {
    let heading = lang.pick("# 文章", "# Text");
    let lost = lang.pick(
        "（この実行の文章は記録にありません。）",
        "(The journal does not have this run's text.)",
    );
    let asked = asked.map_or(lost, str::trim_end);
    format!("{heading}\n\n{asked}\n{answers}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_was_not_kept_does_not_make_the_other_one_look_new() {
        let answers = "\n## 深さ\n\n同じ答え\n";
        let kept = comparable(Some("会議が長い。\n"), answers, Lang::Ja);
        assert_eq!(kept, format!("# 文章\n\n会議が長い。\n{answers}"));
        let lost = comparable(None, answers, Lang::Ja);
        let (heading, rest) = lost.split_once("\n\n").unwrap();
        assert_eq!(heading, "# 文章");
        assert!(rest.starts_with('（') && rest.ends_with(answers), "{lost}");
        assert!(comparable(None, answers, Lang::En).contains("does not have this run's text"));
    }
}
