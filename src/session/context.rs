//! The context of a selection: limits how much of it a run sends, redacts secrets in it together
//! with the selection, and makes the notes about it. Pure functions.

use super::SessionError;
use crate::lang::{Lang, Message};
use crate::panel::title_of;
use crate::perspective::Perspective;
use crate::privacy::{Cleared, Piece, PromptPart, SecretPolicy, clear, clear_pieces, hidden};
use crate::request::{Ancestor, Ancestry, Origin, Request};
use crate::text::{Context, ContextMode, Selection, digest};

/// Returns how much context a run may send: the least that the user (`allowed`) and the run's
/// perspectives (`asked`) allow, since all requests of a run share the same prefix.
pub(crate) fn context_limit<'a>(
    allowed: ContextMode,
    asked: impl IntoIterator<Item = &'a Perspective>,
) -> ContextMode {
    asked.into_iter().filter_map(|p| p.context).fold(allowed, ContextMode::min)
}

/// Returns the selection with at most `max` context, with secrets in both handled according to
/// `policy`, and notes for the user.
///
/// # Errors
/// Fails if a secret is found and `policy` refuses secrets.
pub(crate) fn apply_secret_policy(
    mut selection: Selection,
    max: ContextMode,
    policy: SecretPolicy,
    lang: Lang,
) -> Result<(Selection, Vec<String>), SessionError> {
    let alone = clear(&selection.text, policy, lang).map_err(SessionError::Secrets)?;
    let context = selection.context.take().and_then(|context| context.narrowed(max));
    let Some(context) = context else {
        let Cleared { text, notes } = alone;
        return Ok((Selection { text, ..selection }, notes));
    };
    let Context { title, within, before, after, lead, tail, .. } = &context;
    let sent = |text| Piece { text, is_sent: true };
    let unsent = |text| Piece { text, is_sent: false };
    let pieces = [
        sent(title.as_str()),
        unsent("\n"),
        sent(within),
        unsent("\n"),
        unsent(lead),
        sent(before),
        sent(&selection.text),
        sent(after),
        unsent(tail),
    ];
    let (texts, secrets) =
        clear_pieces(&pieces, policy, lang).map_err(SessionError::SecretsAround)?;
    let invisible = [
        hidden(&selection.text, PromptPart::Selection),
        hidden(&[title.as_str(), within, before, after].concat(), PromptPart::Context),
    ];
    let nobody_sees = invisible.iter().flatten().map(|unseen| unseen.message(lang));
    let notes = secrets.into_iter().chain(nobody_sees).collect();
    let Ok([title, _, within, _, _, before, text, after, _]) = <[String; 9]>::try_from(texts)
    else {
        // Cannot happen: there are as many texts as pieces.
        return Ok((Selection { text: alone.text, ..selection }, alone.notes));
    };
    let context = Some(context.redacted(title, within, before, after));
    Ok((Selection { text, context, ..selection }, notes))
}

/// Returns a title for a text. It has no secrets even if the user allows them to be sent, because
/// titles are saved, and shown in many places.
pub(crate) fn title(text: &str, secrets: SecretPolicy, lang: Lang) -> String {
    match secrets {
        // Redacting refuses nothing.
        SecretPolicy::Allow => clear(text, SecretPolicy::Redact, lang)
            .map_or_else(|_| String::new(), |cleared| title_of(&cleared.text)),
        SecretPolicy::Redact | SecretPolicy::Refuse => title_of(text),
    }
}

/// Returns `true` if a request's selection, its context and the texts that led to it contain no
/// secret.
pub(crate) fn is_clear(request: &Request) -> bool {
    let selection = Selection::clone(&request.selection);
    let refuse = |text: &str| clear(text, SecretPolicy::Refuse, Lang::En);
    apply_secret_policy(selection, ContextMode::File, SecretPolicy::Refuse, Lang::En).is_ok()
        && request.origin.above().iter().all(|above| refuse(&above.text).is_ok())
}

/// Returns a digest of the selection and, if its context was sent, of the context. The digest shows
/// later whether a run would still send the same.
pub(crate) fn selection_digest(selection: &Selection) -> String {
    digest("kaizodo selection", &sent_text(selection))
}

/// Returns the marker of the fences around the text in a request's prompts. It is the same for the
/// same text, so that a server's prefix cache serves a second run and a preview shows what a run
/// sends. The text cannot contain the marker, because the marker is the text's digest.
pub(crate) fn fence(request: &Request) -> String {
    let above = request.origin.above().iter().map(|above| above.text.as_str());
    let all = above.chain([&*sent_text(&request.selection)]).collect::<Vec<_>>().join("\n");
    digest("kaizodo fence", &all)
}

/// Returns everything from a document that is sent, as one unambiguous string.
fn sent_text(selection: &Selection) -> String {
    let Selection { text, context, .. } = selection;
    let Some(Context { mode, title, within, before, after, .. }) = context else {
        return text.clone();
    };
    let parts = [mode.name(), title, within, before, text, after];
    // The length in front of each part tells where the part ends.
    parts.map(|part| format!("{} {part}", part.len())).concat()
}

/// Returns `origin`, with secrets in the texts that led to its passage handled according to
/// `policy`.
///
/// # Errors
/// Fails if a secret is found and `policy` refuses secrets.
pub(crate) fn apply_secret_policy_to_origin(
    origin: Origin,
    policy: SecretPolicy,
    lang: Lang,
) -> Result<Origin, SessionError> {
    let Origin::Answer(Ancestry { passage, above }) = origin else { return Ok(origin) };
    let cleared = |Ancestor { title, text }: Ancestor| {
        let text = clear(&text, policy, lang).map_err(SessionError::SecretsAround)?.text;
        Ok(Ancestor { title, text })
    };
    let above = above.into_iter().map(cleared).collect::<Result<_, _>>()?;
    Ok(Origin::Answer(Ancestry { passage, above }))
}

/// Returns all text in a request that an answer may quote.
pub(crate) fn quotable(request: &Request) -> String {
    let above = request.origin.above().iter().map(|above| above.text.as_str());
    let around = quotable_around(&request.selection);
    above.chain([&*around]).collect::<Vec<_>>().join("\n")
}

fn quotable_around(selection: &Selection) -> String {
    let Selection { text, context, .. } = selection;
    match context {
        None => text.clone(),
        Some(Context { title, within, before, after, .. }) => {
            format!("{title}\n{within}\n{before}{text}{after}")
        }
    }
}

/// Returns a note that tells the user what context is sent to the model with the selection.
pub(crate) fn note(context: &Context, lang: Lang) -> String {
    let (before, after) = context.lines;
    let lines = |count: usize| match count {
        1 => "1 line".to_owned(),
        count => format!("{count} lines"),
    };
    let (within_ja, within_en) = match context.within.is_empty() {
        true => ("", ""),
        false => {
            ("、その箇所の見出しか定義の行", ", and the heading or definition that it stands under")
        }
    };
    let around_ja = format!("前の {before} 行、後の {after} 行、文書の題かファイル名{within_ja}");
    let around_en = format!(
        "{} before, {} after, the document's title or file name{within_en}",
        lines(before),
        lines(after)
    );
    match (context.mode, context.too_large) {
        (ContextMode::File, _) => lang.pick(
            format!("設定 context = \"file\" のとおり、文書のほかの部分（{} 行）と、その題かファイル名も一緒に送ります。", before + after),
            format!(
                "Sent with the selection, because context = \"file\" is set: the rest of the document ({}) and its title or file name.",
                lines(before + after)
            ),
        ),
        (_, None) => lang.pick(
            format!("設定 context のとおり、一緒に送るもの: {around_ja}。"),
            format!("Sent with the selection, according to the setting `context`: {around_en}."),
        ),
        (_, Some(bytes)) => lang.pick(
            format!("文書全体は limits.selection_bytes に収まりません（{bytes} バイト）。代わりに一緒に送るもの: {around_ja}。"),
            format!("The whole document ({bytes} bytes) is larger than limits.selection_bytes allows. What was sent with the selection instead: {around_en}."),
        ),
    }
}

/// Returns a note for the user if one of the perspectives `asked` allows less context than the user
/// does (`allowed`).
pub(crate) fn context_limit_note<'a>(
    allowed: ContextMode,
    asked: impl IntoIterator<Item = &'a Perspective>,
    lang: Lang,
) -> Option<String> {
    let less = |p: &&Perspective| p.context.is_some_and(|own| own < allowed);
    let named = asked.into_iter().filter(less).min_by_key(|p| p.context)?;
    let (name, own) = (&named.name, named.context.unwrap_or_default().name());
    Some(lang.pick(
        format!("視点「{name}」が context: {own} なので、この実行ではそれより多くを一緒に送りません。"),
        format!("The perspective \"{name}\" sets `context` to {own}, so no more than that is sent with the selection in this run."),
    ))
}

#[cfg(test)]
mod tests;
