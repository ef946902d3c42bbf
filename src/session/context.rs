//! The context of a selection: how much of it a run sends, cleared of secrets together with the
//! selection, and the notes about it. Pure functions.

use super::SessionError;
use crate::lang::{Lang, Message};
use crate::perspective::Perspective;
use crate::privacy::{Cleared, Piece, PromptPart, Secrets, clear, clear_pieces, hidden};
use crate::request::{Ancestor, Ancestry, Origin, Request};
use crate::text::{Context, ContextMode, Selection, digest};

/// How much context a run may send: the least that the user and its perspectives allow, since all
/// requests of a run begin alike.
pub(crate) fn narrowest<'a>(
    allowed: ContextMode,
    asked: impl IntoIterator<Item = &'a Perspective>,
) -> ContextMode {
    asked.into_iter().filter_map(|p| p.context).fold(allowed, ContextMode::min)
}

/// A selection with at most this much context, both cleared of secrets, and notes for the reader.
///
/// # Errors
/// Something secret in it, if the settings refuse that.
pub(crate) fn cleared(
    mut selection: Selection,
    max: ContextMode,
    policy: Secrets,
    lang: Lang,
) -> Result<(Selection, Vec<String>), SessionError> {
    let alone = clear(&selection.text, policy, lang).map_err(SessionError::Secrets)?;
    let context = selection.context.take().and_then(|context| context.narrowed(max));
    let Some(context) = context else {
        let Cleared { text, notes } = alone;
        return Ok((Selection { text, ..selection }, notes));
    };
    let Context { title, within, before, after, lead, tail, .. } = &context;
    let sent = |text| Piece { text, leaves: true };
    let unsent = |text| Piece { text, leaves: false };
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
    let nobody_sees = [
        hidden(&selection.text, PromptPart::Selection),
        hidden(&[title.as_str(), within, before, after].concat(), PromptPart::Context),
    ];
    let nobody_sees = nobody_sees.iter().flatten().map(|unseen| unseen.message(lang));
    let notes = secrets.into_iter().chain(nobody_sees).collect();
    let Ok([title, _, within, _, _, before, text, after, _]) = <[String; 9]>::try_from(texts)
    else {
        // There are as many as were given.
        return Ok((Selection { text: alone.text, ..selection }, alone.notes));
    };
    let context = Some(context.leaving_as(title, within, before, after));
    Ok((Selection { text, context, ..selection }, notes))
}

/// Whether no secret is found in a selection and its context.
pub(crate) fn is_clear(selection: &Selection) -> bool {
    cleared(selection.clone(), ContextMode::File, Secrets::Refuse, Lang::En).is_ok()
}

/// A digest by which a run recognizes what it sent: of the selection and, if it was sent, its
/// context.
pub(crate) fn selection_digest(selection: &Selection) -> String {
    digest("kaizodo selection", &all_of(selection))
}

/// The mark of the fences around a request's text: the same for the same text, so that a server's
/// prefix cache serves a second run and a preview shows what a run sends; and nothing that the text
/// could hold.
pub(crate) fn fence(request: &Request) -> String {
    let above = request.origin.above().iter().map(|above| above.text.as_str());
    let all = above.chain([&*all_of(&request.selection)]).collect::<Vec<_>>().join("\n");
    digest("kaizodo fence", &all)
}

/// Everything that is sent of a document, without ambiguity.
fn all_of(selection: &Selection) -> String {
    let Selection { text, context, .. } = selection;
    let Some(Context { mode, title, within, before, after, .. }) = context else {
        return text.clone();
    };
    let parts = [mode.name(), title, within, before, text, after];
    // The length of each part tells where it ends.
    parts.map(|part| format!("{} {part}", part.len())).concat()
}

/// Where a text comes from, with what led to it as it may leave.
///
/// # Errors
/// Something secret in it, if the settings refuse that.
pub(crate) fn cleared_origin(
    origin: Origin,
    policy: Secrets,
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

/// All that may be quoted of what was sent.
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

/// Notes for the reader about the context that is sent.
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
                "Sent with the selection, as the setting context = \"file\" says: the rest of the document ({}) and its title or file name.",
                lines(before + after)
            ),
        ),
        (_, None) => lang.pick(
            format!("設定 context のとおり、一緒に送るもの: {around_ja}。"),
            format!("Sent with the selection, as the setting context says: {around_en}."),
        ),
        (_, Some(bytes)) => lang.pick(
            format!("文書全体は limits.selection_bytes に収まりません（{bytes} バイト）。代わりに一緒に送るもの: {around_ja}。"),
            format!("The whole document does not fit into limits.selection_bytes ({bytes} bytes). Sent with the selection instead: {around_en}."),
        ),
    }
}

/// Note for the reader if perspectives have less sent than the user allows.
pub(crate) fn lowered<'a>(
    allowed: ContextMode,
    asked: impl IntoIterator<Item = &'a Perspective>,
    lang: Lang,
) -> Option<String> {
    let less = |p: &&Perspective| p.context.is_some_and(|own| own < allowed);
    let named = asked.into_iter().filter(less).min_by_key(|p| p.context)?;
    let (name, own) = (&named.name, named.context.unwrap_or_default().name());
    Some(lang.pick(
        format!("視点「{name}」が context: {own} なので、この実行ではそれより多くを一緒に送りません。"),
        format!("The perspective \"{name}\" says context: {own}, so no more than that goes with the selection in this run."),
    ))
}

#[cfg(test)]
mod tests;
