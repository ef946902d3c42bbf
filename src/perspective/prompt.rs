//! What one branch sends.

use super::{Origin, Perspective, wording};
use crate::event::BranchId;
use crate::lang::Lang;
use crate::request::{Effort, Request};
use crate::text::Selection;
use std::sync::Arc;

/// One branch's request, before any wire format.
///
/// `system` and then `shared` come first and are byte-identical in all branches of a run, so that
/// a server's prefix cache can serve all of them; `instruction` comes last and is the branch's own.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// The constant system message.
    pub system: Arc<str>,
    /// The user message's first part: the selection, fenced and named as data.
    pub shared: Arc<str>,
    /// The user message's last part: what this perspective asks.
    pub instruction: String,
    /// The perspective, for providers that do not send text to a model.
    pub perspective: Arc<Perspective>,
    /// The selection, likewise.
    pub selection: Arc<Selection>,
    /// The language of the answer.
    pub lang: Lang,
    /// A model of the perspective's own, or of a retry's; else the provider's default.
    pub model: Option<String>,
    /// Sampling temperature, where the perspective sets one.
    pub temperature: Option<f32>,
    /// Most tokens that the model may write.
    pub max_tokens: u32,
    /// How much the model should reason; `None` leaves it to the server.
    pub effort: Option<Effort>,
    /// Names this question for a server that keeps from answering one twice; the same in every
    /// attempt at it, and no other's.
    pub question: Option<Arc<str>>,
}

impl Prompt {
    /// About how many tokens all prompts of the run have in common. Tokenizers differ: four bytes
    /// of ASCII count as one, and so does every other character.
    pub fn shared_tokens(&self) -> usize {
        tokens(&self.system) + tokens(&self.shared)
    }

    /// About how many tokens the whole prompt has.
    pub fn tokens(&self) -> usize {
        self.shared_tokens() + tokens(&self.instruction)
    }

    /// Bytes of the whole prompt.
    pub fn bytes(&self) -> usize {
        self.system.len() + self.shared.len() + self.instruction.len()
    }
}

fn tokens(text: &str) -> usize {
    let ascii = text.bytes().filter(u8::is_ascii).count();
    ascii.div_ceil(4) + text.chars().filter(|c| !c.is_ascii()).count()
}

/// The prompts of a run, one for each perspective, in the order of the sections.
///
/// `tag` should be a digest of the selection: it marks the fence around it, and what the text
/// cannot hold cannot be closed from inside. Of the selection only its text and the name of its format are
/// sent; neither its place nor what stands around it.
pub fn prompts(request: &Request, tag: &str) -> Vec<(BranchId, Prompt)> {
    let Selection { text, language_id, .. } = &*request.selection;
    let tag = free_tag(tag, text);
    let system: Arc<str> = wording::system(request.lang).into();
    let shared: Arc<str> =
        wording::shared(request.lang, &format_name(language_id), &tag, text).into();
    let all = &request.perspectives;
    all.iter()
        .map(|p| {
            let lang = p.lang.unwrap_or(request.lang);
            let others: Vec<_> = all.iter().map(|o| &**o).filter(|o| o.name != p.name).collect();
            let prompt = Prompt {
                system: system.clone(),
                shared: shared.clone(),
                instruction: wording::instruction(p, &others, lang),
                perspective: p.clone(),
                selection: request.selection.clone(),
                lang,
                model: p.model.first().cloned(),
                temperature: p.temperature,
                max_tokens: max_tokens(p, request.budget.max_tokens),
                effort: effort(p, request.budget.effort),
                question: None,
            };
            (BranchId(p.name.as_str().into()), prompt)
        })
        .collect()
}

/// A perspective may say how much is written for it; one of a repository only less than the user
/// allows.
fn max_tokens(p: &Perspective, budget: u32) -> u32 {
    match (p.max_tokens, p.origin) {
        (Some(own), Origin::Repository) => own.min(budget),
        (own, _) => own.unwrap_or(budget),
    }
}

/// A perspective may say how much is reasoned about it. Reasoning is paid for, so that one of a
/// repository may only ask for less than the user does, and for nothing where the user leaves it
/// to the server: nobody knows then what less would be.
fn effort(p: &Perspective, user: Option<Effort>) -> Option<Effort> {
    match (p.effort, p.origin) {
        (Some(own), Origin::Repository) => user.map(|user| own.min(user)),
        (own, _) => own.or(user),
    }
}

/// The tag, made longer until the text does not hold it in any case of letters.
fn free_tag(tag: &str, text: &str) -> String {
    let text = text.to_ascii_lowercase();
    let taken = |tag: &String| text.contains(&tag.to_ascii_lowercase());
    let longer = (2_u64..).map(|n| format!("{tag}-{n}"));
    std::iter::once(tag.to_owned()).chain(longer).find(|t| !taken(t)).unwrap_or_default()
}

/// An editor's name of a format, as far as it is one: it stands outside the fence.
fn format_name(id: &str) -> String {
    id.chars().filter(|c| c.is_ascii_alphanumeric() || "+#.-_".contains(*c)).take(40).collect()
}

#[cfg(test)]
mod tests;
