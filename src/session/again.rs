//! A section asked anew of a run that an earlier process began: from what the journal keeps of it,
//! or else from the open document, if a digest shows that the text is still there.

use super::context::{self, selection_digest};
use super::reopen::{complete, on_disk};
use super::run::RunInput;
use super::{Ask, Run, Scope, Session, SessionError, Subject, fence, focus};
use crate::config::Config;
use crate::event::{BranchId, Event, Passage, Role, RunId, SectionTitle, Seq, Source};
use crate::journal::{JournalError, Resumed, Writer};
use crate::lang::Lang;
use crate::perspective::Perspective;
use crate::request::{Budget, Focus, Request};
use crate::text::{ContextMode, Encoding, SelectError, Selection};
use std::borrow::Cow;
use std::sync::Arc;

/// What a run's sections are asked from.
#[derive(Default)]
struct Parts {
    perspectives: Vec<Arc<Perspective>>,
    focus: Option<Focus>,
}

/// The perspective that a view was asked from.
fn view(scope: &Scope, branch: &BranchId) -> Result<Arc<Perspective>, SessionError> {
    let ask = Ask { perspectives: Some(vec![branch.0.to_string()]), ..Ask::default() };
    let found = match scope.perspectives(&ask) {
        Err(withheld @ SessionError::Withheld { .. }) => return Err(withheld),
        found => found.ok().and_then(|mut found| found.pop()),
    };
    // Titles are names, too, where nothing has the name.
    let found = found.filter(|perspective| *perspective.branch() == *branch.0);
    found.ok_or_else(|| SessionError::PerspectiveLost(branch.clone()))
}

impl Session {
    /// Makes a run of the journal one that goes on here, so that a branch of it can be
    /// [retried](Session::retry) or [asked about](Session::follow_up). Without a branch, all of it is meant. A run of this session is left as it is.
    ///
    /// # Errors
    /// A run that is not there or that another process is writing; a text that is not there any
    /// more, or must not be sent.
    pub async fn take_up(&self, id: &RunId, branch: Option<&BranchId>) -> Result<(), SessionError> {
        let run = self.reopen_lost(id).await?;
        run.learn(self.asked_before(&run, branch)).await?;
        self.go_on(&run).await
    }

    /// Reopens a run to go on with it: the error for a run that is not there tells the reader how to
    /// run the action again.
    pub(crate) async fn reopen_lost(&self, id: &RunId) -> Result<Arc<Run>, SessionError> {
        self.reopen(id).await.map_err(|refusal| match refusal {
            SessionError::UnknownRun(run) => SessionError::RunLost(run),
            other => other,
        })
    }

    /// Has a run of the journal go on here, and be written down again.
    pub(crate) async fn go_on(&self, run: &Arc<Run>) -> Result<(), SessionError> {
        run.go_on(async {
            let settings = self.config().journal;
            run.record_reasoning(settings.enabled && settings.reasoning);
            if settings.enabled && !run.is_deleted() {
                let from = self.resume(run).await?;
                self.journal.go_on(run, settings, from);
            }
            Ok(())
        })
        .await
    }

    /// What a run of the journal asked, if it would be the same now.
    async fn asked_before(
        &self,
        run: &Run,
        branch: Option<&BranchId>,
    ) -> Result<RunInput, SessionError> {
        let Some(Event::RunStarted { source, origin, lang, selection, context, .. }) = run.first()
        else {
            return Err(SessionError::NoDigest);
        };
        let sections = run.sections();
        let unknown = |branch: &&BranchId| !sections.iter().any(|s| s.branch == **branch);
        if let Some(branch) = branch.filter(unknown) {
            return Err(SessionError::UnknownBranch(branch.clone()));
        }
        // A follow-up is asked from what its first section was.
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
        let fence = fence(&request);
        Ok(RunInput { request, fence })
    }

    /// The request of a run, from the journal if the run does not go on here; `None` if the user wants
    /// none kept.
    pub(super) async fn request_of<'a>(
        &self,
        run: &'a Run,
    ) -> Result<Option<Cow<'a, Request>>, SessionError> {
        match run.request() {
            Some(request) => Ok(Some(Cow::Borrowed(request))),
            None => Ok(self.kept_request(run).await?.map(Cow::Owned)),
        }
    }

    /// The request of a run as the journal has it, if the user wants it kept.
    pub(super) async fn kept_request(&self, run: &Run) -> Result<Option<Request>, SessionError> {
        let folder = self.journal.folder.clone().filter(|_| self.config().journal.selection);
        let Some(folder) = folder else { return Ok(None) };
        // One that goes on here may be open for writing: by this process.
        let (wanted, is_own) = (run.id().clone(), run.is_continued());
        let kept = on_disk(&folder, move |folder| match is_own {
            true => folder.load(&wanted),
            false => folder.load_ended(&wanted),
        });
        let kept = kept.await?;
        Ok(kept.and_then(|kept| kept.asked))
    }

    /// The same request again, as far as the current settings allow. If they hold something back,
    /// its digest differs.
    fn request_as_kept(&self, kept: Request) -> Result<Request, SessionError> {
        let config = self.config();
        self.may_send(&kept.selection.uri)?;
        let Request { selection, origin, focus, budget, .. } = kept;
        let selection = Arc::unwrap_or_clone(selection);
        let (selection, _) =
            context::cleared(selection, config.context, config.secrets, kept.lang)?;
        let Budget { max_tokens, effort, .. } = budget;
        Ok(Request {
            selection: Arc::new(selection),
            origin: context::cleared_origin(origin, config.secrets, kept.lang)?,
            // The views are written already: it comes when the user asks for it.
            focus: focus.map(|focus| Focus { is_on_demand: true, ..focus }),
            budget: Budget { max_tokens, effort, ..config.limits.budget },
            ..kept
        })
    }

    /// What a run's sections are asked from, as far as it still exists. That of the requested
    /// section must exist.
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
                // The views are written already: it comes when the user asks for it.
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

    /// What stands now where a run's text stood.
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

    /// The passage of an earlier run that a run was about.
    async fn passage_again(&self, passage: &Passage) -> Result<Subject, SessionError> {
        let earlier = self.reopen(&passage.run).await?;
        self.passage(&earlier, &passage.branch, passage.lines()).await
    }

    /// A request about what a run was about, with no more of it than the user allows now.
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
        let (selection, _) = context::cleared(selection, max, config.secrets, lang)?;
        Ok(Request {
            selection: Arc::new(selection),
            lang,
            perspectives,
            focus,
            // They stand in the panel's head already.
            notes: Vec::new(),
            origin: context::cleared_origin(origin, config.secrets, lang)?,
            budget: config.limits.budget,
        })
    }

    /// Takes a run's journal for this process. What another has written since it was read here is
    /// shown, too.
    async fn resume(&self, run: &Arc<Run>) -> Result<(Option<Writer>, Seq), SessionError> {
        let unknown = || SessionError::RunLost(run.id().clone());
        let folder = self.journal.folder.clone().ok_or_else(unknown)?;
        let run = Arc::clone(run);
        let resumed = on_disk(&folder, move |folder| {
            let Some(resumed) = Writer::resume(folder, run.id())? else {
                // It was removed meanwhile: all of it is written again.
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
