//! The prompt that one branch sends.

use super::{Ancestor, MarkedItem, Request, wording};
use crate::event::BranchId;
use crate::lang::Lang;
use crate::perspective::{Effort, Origin, Perspective};
use crate::text::{Context, ContextMode, Selection};
use std::sync::Arc;

/// Number of leading turns from [`Prompt::first`] that all branches of a run share.
pub const FIRST_SHARED: usize = 2;
/// Maximum number of characters of a view's answer in the prompt of the focus, or of a question
/// about all answers. Views are asked for much shorter answers.
pub const QUOTED_CHARS: usize = 6000;

/// One branch's request to a model, independent of any wire format.
///
/// The part that all branches of a run share comes first and is byte-identical, so that a server's
/// prefix cache can serve all of them. The part specific to the branch follows.
#[derive(Clone, Debug, Default)]
pub struct Prompt {
    /// The conversation, in order. Consecutive turns of one role are sent as one message, separated
    /// by a blank line. Empty turns are omitted.
    pub turns: Vec<Turn>,
    /// Number of leading turns that all branches of the run share.
    pub shared: usize,
    /// The perspective that the prompt was built from, for providers that do not send text to a
    /// model.
    pub perspective: Arc<Perspective>,
    /// The selection that the prompt is about, for the same providers as `perspective`.
    pub selection: Arc<Selection>,
    /// The language of the answer.
    pub lang: Lang,
    /// The model that the perspective or a retry sets; the provider's default if `None`.
    pub model: Option<String>,
    /// The models to fall back to if `model` cannot answer, in order.
    pub fallbacks: Vec<String>,
    /// Sampling temperature, if the perspective sets one.
    pub temperature: Option<f32>,
    /// Maximum number of tokens that the model may write, including its reasoning.
    pub max_tokens: u32,
    /// How much the model should reason; `None` leaves it to the server.
    pub effort: Option<Effort>,
    /// Whether the prompt ends with the reader's own question or marks, which only a model can
    /// process.
    pub is_follow_up: bool,
    /// Unique key of this prompt, the same in every attempt, so that a server that supports
    /// idempotency keys does not answer twice.
    pub idempotency_key: Option<Arc<str>>,
}

/// A turn of a conversation with a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Who the turn is from.
    pub speaker: Speaker,
    /// The text of the turn.
    pub text: Arc<str>,
}

/// The speaker of a turn in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The system message, which sets the rules for the model.
    System,
    /// The user, who asks.
    User,
    /// The model, in an earlier answer.
    Assistant,
}

impl Speaker {
    /// Returns the role's name in requests to servers.
    pub fn role(self) -> &'static str {
        match self {
            Speaker::System => "system",
            Speaker::User => "user",
            Speaker::Assistant => "assistant",
        }
    }
}

impl Prompt {
    /// Returns the turns of a prompt that starts a conversation: `system`, the system message,
    /// which may be empty; `shared`, the selection and any context, each fenced and marked as data;
    /// and `instruction`, what is asked about the selection. All branches share the first
    /// [`FIRST_SHARED`] turns.
    pub fn first(
        system: impl Into<Arc<str>>,
        shared: impl Into<Arc<str>>,
        instruction: impl Into<Arc<str>>,
    ) -> Vec<Turn> {
        vec![
            Turn { speaker: Speaker::System, text: system.into() },
            Turn { speaker: Speaker::User, text: shared.into() },
            Turn { speaker: Speaker::User, text: instruction.into() },
        ]
    }

    /// Adds the fallback models from the settings, unless the prompt sets a model.
    #[must_use]
    pub fn with_fallbacks(self, settings: &[String]) -> Self {
        match self.model {
            Some(_) => self,
            None => Prompt { fallbacks: settings.to_vec(), ..self },
        }
    }

    /// Returns the models that may be asked, in order; `None` means the provider's default.
    pub fn candidates(&self) -> impl Iterator<Item = Option<&str>> {
        let fallbacks = self.fallbacks.iter().map(|model| Some(model.as_str()));
        std::iter::once(self.model.as_deref()).chain(fallbacks)
    }

    /// Returns the turns that all branches of the run share.
    pub fn shared_turns(&self) -> &[Turn] {
        self.turns.get(..self.shared).unwrap_or(&self.turns)
    }

    /// Returns the text of the last turn, which holds the question.
    pub fn question(&self) -> &str {
        self.turns.last().map(|turn| &*turn.text).unwrap_or_default()
    }

    /// Returns the text of `speaker`'s turns, separated by blank lines.
    pub fn said_by(&self, speaker: Speaker) -> String {
        let turns = self.turns.iter().filter(|turn| turn.speaker == speaker);
        turns.map(|turn| &*turn.text).collect::<Vec<_>>().join("\n\n")
    }

    /// Returns the approximate number of tokens that all prompts of the run share. Tokenizers
    /// differ: four bytes of ASCII count as one token, and so does every other character.
    pub fn shared_tokens(&self) -> usize {
        self.shared_turns().iter().map(|turn| tokens(&turn.text)).sum()
    }

    /// Returns the approximate number of tokens of the whole prompt.
    pub fn tokens(&self) -> usize {
        self.turns.iter().map(|turn| tokens(&turn.text)).sum()
    }

    /// Returns the length of the whole prompt in bytes.
    pub fn bytes(&self) -> usize {
        self.turns.iter().map(|turn| turn.text.len()).sum()
    }
}

fn tokens(text: &str) -> usize {
    let ascii = text.bytes().filter(u8::is_ascii).count();
    ascii.div_ceil(4) + text.chars().filter(|c| !c.is_ascii()).count()
}

/// Returns a run's prompts, one for each perspective, in the order of the sections.
///
/// `fence` should be a digest of what is sent. It marks the lines around the text, so that the text
/// cannot end the fenced block unless it contains that digest. The prompts contain the selection's
/// text, the name of its format and its context, if it has one, but never its URI.
pub fn prompts(request: &Request, fence: &str) -> Vec<(BranchId, Prompt)> {
    let shared = shared(request, fence);
    let all = &request.perspectives;
    all.iter()
        .map(|p| {
            let lang = p.lang.unwrap_or(request.lang);
            let asks = wording::view(p, &others(p, all), lang);
            (BranchId(p.branch().into()), prompt(request, &shared, p, lang, asks))
        })
        .collect()
}

/// Returns the other perspectives of a run, without duplicates. The same perspective for another
/// model does not count.
fn others<'a>(p: &Perspective, all: &'a [Arc<Perspective>]) -> Vec<&'a Perspective> {
    let mut others = Vec::<&Perspective>::new();
    for other in all {
        if other.name != p.name && !others.iter().any(|known| known.name == other.name) {
            others.push(other);
        }
    }
    others
}

/// A section's answer, as quoted in the prompt of the focus or of a question about all answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotedAnswer {
    /// The section's heading.
    pub title: String,
    /// The section's answer, exactly as the model wrote it.
    pub text: String,
    /// Whether the answer is complete.
    pub is_whole: bool,
}

/// Returns the prompt of the focus. It begins like the prompts of the views, so that a server with
/// a prefix cache has already processed the text.
///
/// The views' answers (`answers`) are quoted as data, each in a fence that its content cannot close.
pub fn focus_prompt(
    request: &Request,
    p: &Arc<Perspective>,
    fence: &str,
    answers: &[QuotedAnswer],
) -> Prompt {
    let lang = p.lang.unwrap_or(request.lang);
    let asks = wording::focus(p, &fenced_answers(request, fence, answers, lang), lang);
    prompt(request, &shared(request, fence), p, lang, asks)
}

/// Returns the sections' answers, each in a fence that its content cannot close.
fn fenced_answers(request: &Request, fence: &str, answers: &[QuotedAnswer], lang: Lang) -> String {
    let held = answers.iter().map(|n| n.text.as_str());
    let own_tag = free_fence(fence, &(all_sent(request) + &held.collect::<String>()));
    let fenced = answers.iter().zip(1..).map(|(answer, number)| {
        let is_cut = answer.text.chars().count() > QUOTED_CHARS;
        let text: String = answer.text.trim().chars().take(QUOTED_CHARS).collect();
        let rest = match answer.is_whole && !is_cut {
            true => "",
            false => lang.pick("(途中まで)", " (unfinished)"),
        };
        let fenced = wording::fenced(&format!("NOTE {number}"), &own_tag, &text);
        format!("{}{rest}\n{fenced}", answer.title)
    });
    fenced.collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

/// Returns the prompt for a follow-up question about one answer: the conversation that led to the
/// answer, the answer, and the question.
pub fn follow_up(before: Prompt, answer: &str, question: &str) -> Prompt {
    let asks = wording::follow_up(question, before.lang);
    let more = [
        Turn { speaker: Speaker::Assistant, text: answer.trim().into() },
        Turn { speaker: Speaker::User, text: asks.into() },
    ];
    Prompt { turns: before.turns.into_iter().chain(more).collect(), is_follow_up: true, ..before }
}

/// Returns the prompt to rewrite an answer with the reader's marks: the conversation that led to
/// the answer, the answer if there is one, and the marks.
pub fn revision(before: Prompt, answer: &str, marks: &[MarkedItem]) -> Prompt {
    let asks = wording::revision(marks, before.lang);
    let answer = Turn { speaker: Speaker::Assistant, text: answer.trim().into() };
    let more = [answer, Turn { speaker: Speaker::User, text: asks.into() }];
    Prompt { turns: before.turns.into_iter().chain(more).collect(), is_follow_up: true, ..before }
}

/// Returns the prompt for a question about all answers of a run. It begins like the prompts of the
/// views.
pub fn question_to_all(
    request: &Request,
    fence: &str,
    answers: &[QuotedAnswer],
    question: &str,
) -> Prompt {
    let lang = request.lang;
    let answers = fenced_answers(request, fence, answers, lang);
    let asks = wording::question_to_all(&answers, question, lang);
    let p = Arc::default();
    Prompt { is_follow_up: true, ..prompt(request, &shared(request, fence), &p, lang, asks) }
}

/// Returns the part that all requests of a run share.
fn shared(request: &Request, fence: &str) -> Arc<str> {
    let Selection { text, language_id, .. } = &*request.selection;
    let fence = free_fence(fence, &all_sent(request));
    let context = context_text(request, &fence);
    let above = above(request, &fence);
    let before = wording::Before { above: above.as_deref(), context: context.as_deref() };
    wording::shared(request.lang, &format_name(language_id), &fence, before, text).into()
}

/// Returns the selection's context as it appears inside its fence: the document's title, and the
/// excerpt of the document with a placeholder for the selection. Returns `None` if there is no
/// context.
pub fn context_text(request: &Request, fence: &str) -> Option<String> {
    let Selection { context, .. } = &*request.selection;
    let Context { mode, title, within, before, after, .. } = context.as_ref()?;
    let fence = free_fence(fence, &all_sent(request));
    let named = wording::place(title, within, *mode == ContextMode::File, request.lang);
    Some(format!("{named}\n{before}{}{after}", wording::place_mark(&fence)))
}

/// Returns the texts that led to a passage of an answer, each in its own fence.
fn above(request: &Request, fence: &str) -> Option<String> {
    let fenced = request.origin.above().iter().zip(1..).map(|(ancestor, number)| {
        let Ancestor { title, text } = ancestor;
        let title = if title.is_empty() { String::new() } else { format!("{title}\n") };
        title + &wording::fenced(&format!("ABOVE {number}"), fence, text.trim())
    });
    Some(fenced.collect::<Vec<_>>().join("\n")).filter(|above| !above.is_empty())
}

/// Returns everything of the document and of earlier answers that is sent.
fn all_sent(request: &Request) -> String {
    let Selection { text, context, .. } = &*request.selection;
    let context = context.iter().flat_map(|Context { title, within, before, after, .. }| {
        [title.as_str(), within, before, after]
    });
    let above = request.origin.above().iter().flat_map(|a| [a.title.as_str(), &a.text]);
    [text.as_str()].into_iter().chain(context).chain(above).collect::<Vec<_>>().join("\n")
}

/// Creates a prompt that asks `asks` about the shared part.
fn prompt(
    request: &Request,
    shared: &Arc<str>,
    p: &Arc<Perspective>,
    lang: Lang,
    asks: String,
) -> Prompt {
    Prompt {
        turns: Prompt::first(wording::system(request.lang), Arc::clone(shared), asks),
        shared: FIRST_SHARED,
        perspective: Arc::clone(p),
        selection: Arc::clone(&request.selection),
        lang,
        model: p.model.first().cloned(),
        fallbacks: p.model.iter().skip(1).cloned().collect(),
        temperature: p.temperature,
        max_tokens: max_tokens(p, request.budget.max_tokens),
        effort: effort(p, request.budget.effort),
        is_follow_up: false,
        idempotency_key: None,
    }
}

/// Returns the token limit of a perspective. A perspective may set its own, but a repository's
/// perspective may only lower the user's.
fn max_tokens(p: &Perspective, budget: u32) -> u32 {
    match (p.max_tokens, p.origin) {
        (Some(own), Origin::Repository) => own.min(budget),
        (own, _) => own.unwrap_or(budget),
    }
}

/// Returns the reasoning effort for a perspective. A perspective may set its own. Reasoning costs
/// money, so a repository's perspective may only lower the user's effort. If the user leaves the
/// effort to the server, a repository's perspective may set none, since it is unknown what lower
/// would be.
fn effort(p: &Perspective, user: Option<Effort>) -> Option<Effort> {
    match (p.effort, p.origin) {
        (Some(own), Origin::Repository) => user.map(|user| own.min(user)),
        (own, _) => own.or(user),
    }
}

/// Returns the fence, lengthened until the text does not contain it, ignoring case.
fn free_fence(fence: &str, text: &str) -> String {
    let text = text.to_ascii_lowercase();
    let taken = |fence: &String| text.contains(&fence.to_ascii_lowercase());
    let longer = (2_u64..).map(|n| format!("{fence}-{n}"));
    std::iter::once(fence.to_owned()).chain(longer).find(|t| !taken(t)).unwrap_or_default()
}

/// Returns an editor's language ID, sanitized because it is placed outside the fence.
fn format_name(id: &str) -> String {
    id.chars().filter(|c| c.is_ascii_alphanumeric() || "+#.-_".contains(*c)).take(40).collect()
}

#[cfg(test)]
mod tests;
