//! Any selection: every secret that is found is inside the selection, and the redacted text has
//! none. Any file name and any `never_send` pattern: no panic.

use kaizodo::lang::Lang;
use kaizodo::privacy::{NeverSend, PromptPart, SecretPolicy, clear, file_name, find, hidden};
use std::sync::LazyLock;

/// Reads the bytes as a selection, and as a file name and a pattern.
pub(crate) fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let found = find(&text);
    let mut end = 0;
    for passage in &found {
        assert!(end <= passage.range.start && !passage.range.is_empty(), "{text:?} {found:?}");
        assert!(text.get(passage.range.clone()).is_some(), "{text:?} {passage:?}");
        end = passage.range.end;
    }
    let unseen = hidden(&text, PromptPart::Selection).is_some();
    // Depends on the length, so that a fuzzer can choose the language.
    let lang = if text.len().is_multiple_of(2) { Lang::En } else { Lang::Ja };
    let cleared = clear(&text, SecretPolicy::Redact, lang).unwrap();
    assert_eq!(cleared.text == text, found.is_empty(), "{text:?}");
    assert_eq!(cleared.notes.len(), usize::from(!found.is_empty()) + usize::from(unseen));
    assert_eq!(find(&cleared.text), [], "{text:?} became {:?}", cleared.text);
    if !found.is_empty() {
        assert!(clear(&text, SecretPolicy::Refuse, lang).is_err());
        assert_eq!(clear(&text, SecretPolicy::Allow, lang).unwrap().text, text);
    }
    never_sent(&text);
}

fn never_sent(text: &str) {
    static BUILTIN: LazyLock<NeverSend> = LazyLock::new(NeverSend::default);
    let name = text.lines().next().unwrap_or_default();
    assert!(!file_name(name).contains('/'));
    let _ = BUILTIN.holds(name);
    if let Ok(own) = NeverSend::new([name]) {
        assert_eq!(own.patterns(), [name.trim()]);
        let _ = own.holds(text);
    }
}
