//! Any perspective file and any selection: either a clear error or a prompt, in which the selection
//! stays data.

use kaizodo::lang::{Lang, Message};
use kaizodo::perspective::{Catalog, Origin};
use kaizodo::request::{Request, prompts};
use kaizodo::text::Selection;
use std::sync::{Arc, LazyLock};

/// Reads the bytes both as a perspective file and as a selection.
pub(crate) fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    static BUILTIN: LazyLock<Catalog> = LazyLock::new(Catalog::builtin);
    let (catalog, problems) =
        BUILTIN.clone().with(Origin::User, [("a.md", text.as_str())].into_iter());
    let mine = catalog.iter().filter(|p| p.origin == Origin::User);
    let perspectives: Vec<_> = mine.cloned().collect();
    assert!(perspectives.len() + problems.iter().filter(|p| !p.is_note()).count() == 1);
    for problem in &problems {
        for lang in [Lang::Ja, Lang::En] {
            assert!(problem.message(lang).starts_with("a.md"));
        }
    }
    for lang in [Lang::Ja, Lang::En] {
        // If the file is not a perspective, the text is used only as a selection.
        let asked = match perspectives.is_empty() {
            true => BUILTIN.resolve(&["depth"]).unwrap(),
            false => perspectives.clone(),
        };
        judge(&text, asked, lang);
    }
}

/// Asserts that the selection is in the prompt once, between fence lines that the selection does
/// not contain.
pub(crate) fn judge(
    text: &str,
    perspectives: Vec<Arc<kaizodo::perspective::Perspective>>,
    lang: Lang,
) {
    let selection = Selection {
        uri: "file:///a.md".into(),
        language_id: "markdown".into(),
        text: text.into(),
        ..Selection::default()
    };
    let request =
        Request { selection: Arc::new(selection), lang, perspectives, ..Request::default() };
    let tag = "t5k2";
    for (_, prompt) in prompts(&request, tag) {
        let fence = prompt.turns[1].text.split("<<<TEXT ").nth(1).unwrap();
        let tag = fence.split('\n').next().unwrap();
        assert!(tag.starts_with("t5k2") && !text.to_ascii_lowercase().contains(tag));
        let end = format!("\nTEXT {tag}>>>\n");
        let (_, inside) = prompt.turns[1].text.split_once(&format!("<<<TEXT {tag}\n")).unwrap();
        assert_eq!(inside.strip_suffix(&end), Some(text));
        assert!(!prompt.turns[0].text.contains(tag) && !prompt.question().contains(tag));
    }
}
