//! Repairs lone surrogates in a message's JSON.
//!
//! Editors that cut text at UTF-16 units write `"\ud83d"` if they cut a surrogate pair. serde_json
//! rejects such a string, and with it the whole message, so each half is replaced by U+FFFD first.
//! That is also one UTF-16 unit, so the columns after it stay right.

/// Replaces the escapes of lone surrogates in place and returns their number. The length does not
/// change.
pub(crate) fn lone_surrogates(json: &mut [u8]) -> usize {
    let mut repaired = 0;
    let mut at = 0;
    while let Some(found) = json.get(at..).and_then(|rest| rest.iter().position(|b| *b == b'\\')) {
        at += found;
        let size = match (unit(json, at), unit(json, at + 6)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => {
                if let Some(escape) = json.get_mut(at..at + 6) {
                    escape.copy_from_slice(b"\\ufffd");
                    repaired += 1;
                }
                6
            }
            (Some(_), _) => 6,
            // The escaped character does not start another escape: `\\ud83d` is plain text.
            (None, _) => 2,
        };
        at += size;
    }
    repaired
}

/// Returns the code unit of a `\uXXXX` at byte `at`.
fn unit(json: &[u8], at: usize) -> Option<u16> {
    let digits = json.get(at..at + 6)?.strip_prefix(b"\\u")?;
    digits.iter().all(u8::is_ascii_hexdigit).then_some(())?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(json: &str, want: &str) {
        let mut bytes = json.as_bytes().to_vec();
        let repaired = lone_surrogates(&mut bytes);
        assert_eq!(String::from_utf8(bytes).unwrap(), want);
        assert_eq!(repaired > 0, json != want);
    }

    #[test]
    fn only_lone_surrogates_are_replaced() {
        check(r#""\ud83d""#, r#""\ufffd""#);
        check(r#""a\uDE00b""#, r#""a\ufffdb""#);
        check(r#""\ud83d\ude00""#, r#""\ud83d\ude00""#);
        check(r#""\uD83D\uD83D\uDE00""#, r#""\ufffd\uD83D\uDE00""#);
        check(r#""\ude00\ud83d""#, r#""\ufffd\ufffd""#);
        check(r#""\\ud83d""#, r#""\\ud83d""#);
        check(r#""\\\ud83d""#, r#""\\\ufffd""#);
        check(r#""\ud83d\n""#, r#""\ufffd\n""#);
        check(r#""解\u89e3😀""#, r#""解\u89e3😀""#);
        check(r#""\u12"#, r#""\u12"#);
        check(r#""\u+83d""#, r#""\u+83d""#);
        check(r#"\"#, r#"\"#);
    }

    proptest! {
        #[test]
        fn any_sequence_of_units_can_be_read(units in prop::collection::vec(any::<u16>(), 0..40)) {
            let escapes: String = units.iter().map(|u| format!("\\u{u:04x}")).collect();
            let mut json = format!("\"{escapes}\"").into_bytes();
            lone_surrogates(&mut json);
            let read: String = serde_json::from_slice(&json).unwrap();
            prop_assert_eq!(read, String::from_utf16_lossy(&units));
        }
    }
}
