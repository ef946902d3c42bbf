//! Resumes a run that an earlier process began, to retry a section or to ask about it: from the
//! request in the journal, otherwise from the open document, if a digest shows that the text is
//! still there.

use super::context::{self, selection_digest};
use super::reopen::{complete, on_disk};
use super::{Run, RunOptions, Scope, Session, SessionError, Subject, focus};
use crate::config::Config;
use crate::event::{BranchId, Event, Passage, Role, RunId, SectionTitle, Seq, Source};
use crate::journal::{JournalError, Resumed, Writer};
use crate::lang::Lang;
use crate::perspective::Perspective;
use crate::request::{Budget, Focus, Request};
use crate::text::{ContextMode, Encoding, SelectError, Selection};
use std::borrow::Cow;
use std::sync::Arc;

/// The perspectives and the focus of a run's sections.
#[derive(Default)]
struct Parts {
    perspectives: Vec<Arc<Perspective>>,
    focus: Option<Focus>,
}

/// Returns the perspective of a view.
fn view(scope: &Scope, branch: &BranchId) -> Result<Arc<Perspective>, SessionError> {
    let ask =
        RunOptions { perspectives: Some(vec![branch.0.to_string()]), ..RunOptions::default() };
    let found = match scope.perspectives(&ask) {
        Err(withheld @ SessionError::Withheld { .. }) => return Err(withheld),
        found => found.ok().and_then(|mut found| found.pop()),
    };
    // If no perspective has the name, one with this title is found, which is a different one.
    let found = found.filter(|perspective| *perspective.branch() == *branch.0);
    found.ok_or_else(|| SessionError::PerspectiveLost(branch.clone()))
}

impl Session {
    /// Returns a run that accepts retries and further questions, after reading the user's settings
    /// again. A run from the journal is resumed in this process for `branch`; `None` means for the
    /// whole run.
    ///
    /// # Errors
    /// Fails if the run does not exist or another process is writing it, or if its text has
    /// changed, is no longer available or must not be sent.
    pub(super) async fn load_and_resume(
        &self,
        id: &RunId,
        branch: Option<&BranchId>,
    ) -> Result<Arc<Run>, SessionError> {
        self.settings.refresh_user().await;
        let run = self.load_run_or_lost(id).await?;
        let request = run.request_or_find(self.asked_before(&run, branch)).await?;
        self.may_send(&request.selection.uri)?;
        self.resume(&run).await?;
        Ok(run)
    }

    /// Like [`Session::load_run`], but if the run does not exist, the error tells the user how to run
    /// the action again.
    pub(crate) async fn load_run_or_lost(&self, id: &RunId) -> Result<Arc<Run>, SessionError> {
        self.load_run(id).await.map_err(|refusal| match refusal {
            SessionError::UnknownRun(run) => SessionError::RunLost(run),
            other => other,
        })
    }

    /// Resumes a run from the journal in this process, so that its new events are saved in the same
    /// journal file. Does nothing if this process started or already resumed the run.
    pub(crate) async fn resume(&self, run: &Arc<Run>) -> Result<(), SessionError> {
        run.make_own(async {
            let settings = self.config().journal;
            run.record_reasoning(settings.enabled && settings.reasoning);
            if settings.enabled && !run.is_deleted() {
                let from = self.open_writer(run).await?;
                self.journal.resume(run, settings, from);
            }
            Ok(())
        })
        .await
    }

    /// Returns what a run from the journal was asked to do, if the same text would be sent now.
    async fn asked_before(
        &self,
        run: &Run,
        branch: Option<&BranchId>,
    ) -> Result<Request, SessionError> {
        let Some(Event::RunStarted { source, origin, lang, selection, context, .. }) = run.first()
        else {
            return Err(SessionError::NoDigest);
        };
        let sections = run.sections();
        let unknown = |branch: &&BranchId| !sections.iter().any(|s| s.branch == **branch);
        if let Some(branch) = branch.filter(unknown) {
            return Err(SessionError::UnknownBranch(branch.clone()));
        }
        // A follow-up needs what the first section of its chain was made from.
        let root = branch.and_then(|branch| run.root_of(branch));
        let before = selection.ok_or(SessionError::NoDigest)?;
        self.settings.refresh(&source.uri).await;
        let request = match self.kept_request(run).await? {
            Some(kept) => self.request_as_kept(kept)?,
            None => {
                let parts = self.parts_of(&source, &sections, root.as_ref())?;
                let subject = match origin {
                    Some(passage) => self.passage_again(&passage).await?,
                    None => self.selection_again(source)?.into(),
                };
                self.request_again(subject, lang, context, parts, &self.config())?
            }
        };
        let asked = focus::sections(&request);
        let lacks = |root: &BranchId| !asked.iter().any(|section| section.branch == *root);
        if let Some(root) = root.filter(lacks) {
            return Err(SessionError::PerspectiveLost(root));
        }
        if selection_digest(&request.selection) != before {
            return Err(SessionError::TextChanged(request.selection.uri.clone()));
        }
        Ok(request)
    }

    /// Returns a run's request, read from the journal if it is not in memory; `None` if the journal
    /// does not have the request or the settings say not to keep it.
    pub(super) async fn request_of<'a>(
        &self,
        run: &'a Run,
    ) -> Result<Option<Cow<'a, Request>>, SessionError> {
        match run.request() {
            Some(request) => Ok(Some(Cow::Borrowed(request))),
            None => Ok(self.kept_request(run).await?.map(Cow::Owned)),
        }
    }

    /// Reads a run's request from the journal; `None` if the journal does not have the request or
    /// the settings say not to keep it.
    pub(super) async fn kept_request(&self, run: &Run) -> Result<Option<Request>, SessionError> {
        let folder = self.journal.folder.clone().filter(|_| self.config().journal.selection);
        let Some(folder) = folder else { return Ok(None) };
        // A run that was resumed here may be open for writing, but by this process.
        let (wanted, is_own) = (run.id().clone(), run.is_own());
        let kept = on_disk(&folder, move |folder| match is_own {
            true => folder.load(&wanted),
            false => folder.load_ended(&wanted),
        });
        let kept = kept.await?;
        Ok(kept.and_then(|kept| kept.asked))
    }

    /// Returns the kept request with no more than the current settings allow. If they remove
    /// something, the digest of the result differs.
    fn request_as_kept(&self, kept: Request) -> Result<Request, SessionError> {
        let config = self.config();
        self.may_send(&kept.selection.uri)?;
        let Request { selection, origin, focus, budget, .. } = kept;
        let selection = Arc::unwrap_or_clone(selection);
        let (selection, _) =
            context::apply_secret_policy(selection, config.context, config.secrets, kept.lang)?;
        let Budget { max_tokens, effort, .. } = budget;
        Ok(Request {
            selection: Arc::new(selection),
            origin: context::apply_secret_policy_to_origin(origin, config.secrets, kept.lang)?,
            // The views are already written, so the focus is written only if the user asks for it.
            focus: focus.map(|focus| Focus { is_on_demand: true, ..focus }),
            budget: Budget { max_tokens, effort, ..config.limits.budget },
            ..kept
        })
    }

    /// Returns the perspectives and the focus of a run's sections, as far as they still exist.
    /// Fails only if those of the section `meant` do not.
    fn parts_of(
        &self,
        source: &Source,
        sections: &[SectionTitle],
        meant: Option<&BranchId>,
    ) -> Result<Parts, SessionError> {
        let scope = self.settings.scope(&source.uri);
        let mut parts = Parts::default();
        for SectionTitle { branch, role, .. } in sections {
            let lost = || SessionError::PerspectiveLost(branch.clone());
            let found = match role {
                Role::View => view(&scope, branch),
                Role::Focus => scope.catalog().focus().cloned().ok_or_else(lost),
                Role::FollowUp => Err(lost()),
            };
            match found {
                // The views are already written, so the focus is written only if the user asks for
                // it.
                Ok(perspective) if *role == Role::Focus => {
                    parts.focus = Some(Focus { perspective, is_on_demand: true });
                }
                Ok(perspective) => parts.perspectives.push(perspective),
                Err(refusal) if Some(branch) == meant => return Err(refusal),
                Err(_) => {}
            }
        }
        Ok(parts)
    }

    /// Selects the text that is now at the place of a run's text.
    fn selection_again(&self, source: Source) -> Result<Selection, SessionError> {
        if !source.is_document() {
            return Err(SessionError::NoDocument);
        }
        let selected = self.select(&source.uri, None, source.range.0, Encoding::Utf16);
        selected.map_err(|refusal| match refusal {
            SessionError::UnknownDocument(uri) => SessionError::DocumentClosed(uri),
            SessionError::Selection(SelectError::Empty) => {
                SessionError::TextChanged(source.uri.clone())
            }
            other => other,
        })
    }

    /// Returns the passage of an earlier run that a run was about.
    async fn passage_again(&self, passage: &Passage) -> Result<Subject, SessionError> {
        let earlier = self.load_run(&passage.run).await?;
        self.passage(&earlier, &passage.branch, passage.lines()).await
    }

    /// Builds a new request about a run's text, with no more context than the user allows now.
    fn request_again(
        &self,
        Subject { selection, origin }: Subject,
        lang: Lang,
        context: ContextMode,
        Parts { perspectives, focus, .. }: Parts,
        config: &Config,
    ) -> Result<Request, SessionError> {
        self.may_send(&selection.uri)?;
        let max = context.min(config.context);
        let (selection, _) = context::apply_secret_policy(selection, max, config.secrets, lang)?;
        Ok(Request {
            selection: Arc::new(selection),
            lang,
            perspectives,
            focus,
            // The notes are in the panel's head already.
            notes: Vec::new(),
            origin: context::apply_secret_policy_to_origin(origin, config.secrets, lang)?,
            budget: config.limits.budget,
        })
    }

    /// Opens a run's journal for writing in this process. Events that another process has added
    /// since the run was read are shown as well.
    async fn open_writer(&self, run: &Arc<Run>) -> Result<(Option<Writer>, Seq), SessionError> {
        let unknown = || SessionError::RunLost(run.id().clone());
        let folder = self.journal.folder.clone().ok_or_else(unknown)?;
        let run = Arc::clone(run);
        let resumed = on_disk(&folder, move |folder| {
            let Some(resumed) = Writer::resume(folder, run.id())? else {
                // The journal was removed in the meantime, so all of it is written again.
                return Ok(Some((None, 1)));
            };
            let Resumed { writer, mut events, asked, problems, next } = resumed;
            complete(&mut events, &problems, asked.is_some());
            let shown = run.events_from(1);
            if !events.starts_with(&shown) {
                return Ok(None);
            }
            events.into_iter().skip(shown.len()).for_each(|stamped| run.replay(stamped));
            Ok::<_, JournalError>(Some((Some(writer), next)))
        });
        resumed.await?.ok_or(SessionError::JournalDiffers)
    }
}
