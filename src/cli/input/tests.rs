//! Tests of input names, line ranges, and input that is rejected.

use super::*;

fn ask(text: &str, lines: Option<(u32, u32)>) -> Result<Selection, InputError> {
    let lines = lines.map(|(first, last)| Lines { first, last });
    select("file:///a.md", "markdown", text, lines, 99, ContextMode::None)
}

#[test]
fn names_are_taken_apart() {
    let of = |name| lines(name).map(|(path, l)| (path, l.first, l.last));
    assert_eq!(of("a.md:3"), Some(("a.md", 3, 3)));
    assert_eq!(of("C:\\議.md:3-17"), Some(("C:\\議.md", 3, 17)));
    for name in ["a.md", "a.md:", "a:b", "a:3-", "a:-3", "a:+3", "a:3-x", ":3", "a:99999999999"] {
        assert_eq!(of(name), None, "{name}");
    }
}

#[test]
fn lines_are_exact_with_their_ends() {
    let text = "一\r\n😀二\r\n\r\n四\rfive\nlast";
    let of = |a, b| ask(text, Some((a, b))).unwrap();
    assert_eq!(of(2, 2).text, "😀二\r\n");
    assert_eq!(of(2, 4).text, "😀二\r\n\r\n四\r");
    assert_eq!(of(6, 6).text, "last");
    assert_eq!(of(1, 6).text, text);
    assert_eq!(ask(text, None).unwrap().text, text);
    let range = of(2, 4).range.0;
    assert_eq!(
        (range.start, range.end),
        (Position { line: 1, character: 0 }, Position { line: 4, character: 0 })
    );
    assert_eq!(of(6, 6).range.0.end, Position { line: 5, character: 4 });
}

#[test]
fn lines_that_are_not_there_are_refused() {
    for (text, lines) in [("a\nb\n", (3, 3)), ("a", (0, 1)), ("a", (1, 2))] {
        let got = ask(text, Some(lines));
        assert!(matches!(got, Err(InputError::NoSuchLines { .. })), "{text:?} {lines:?} {got:?}");
    }
    let error = ask("a\nb\n", Some((2, 3))).unwrap_err();
    use crate::lang::{Lang, Message};
    let reversed = ask("a\nb", Some((2, 1))).unwrap_err().message(Lang::En);
    assert_eq!(reversed, "The range 2-1 is reversed. Write file:///a.md:1-2.");
    assert_eq!(error.message(Lang::En), "There are no lines 2-3. The file has lines 1 to 2.");
}

#[test]
fn what_is_no_text_is_refused() {
    assert_eq!(ask(" \n\t\n", None), Err(InputError::Empty));
    assert_eq!(ask("a\n \nb", Some((2, 2))), Err(InputError::Empty));
    assert_eq!(ask(&"x".repeat(100), None), Err(InputError::TooLong { limit: 99 }));
    for text in ["h\0i\0", "\u{1b}$B2q5D\u{1b}(B", "\u{1b}$@2q5D", "\u{1b}(Jab"] {
        let refused = Err(InputError::NotText("file:///a.md".into()));
        assert_eq!(ask(text, None), refused, "{text:?}");
        assert_eq!(ask(&format!("a\n{text}\n"), Some((2, 2))), refused, "{text:?}");
        assert!(ask(&format!("a\n{text}\n"), Some((1, 1))).is_ok(), "its other lines are text");
    }
    assert!(ask("\u{1b}[31mred\u{1b}[0m \u{1b}(B $B", None).is_ok(), "a terminal's output");
    assert_eq!(read(&b"a\xff"[..], 9, "f"), Err(InputError::NotText("f".into())));
    assert_eq!(read(&b"\xef\xbb\xbfab"[..], 5, "f").as_deref(), Ok("ab"));
    assert_eq!(read(&b"abc"[..], 2, "f"), Err(InputError::TooLong { limit: 2 }));
}

#[test]
fn what_is_too_large_is_told_with_steps_that_help() {
    use crate::lang::{Lang, Message};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.log");
    File::create(&path).unwrap().set_len(FILE_BYTES as u64 + 1).unwrap();
    let refused = |lines: &str| {
        let name = format!("{}{lines}", path.display());
        file(OsStr::new(&name), 99, ContextMode::None).unwrap_err().message(Lang::En)
    };
    let said = refused(":5-9");
    assert!(said.contains("64 MiB") && said.contains("`sed -n 5,9p FILE | kaizodo -`"), "{said}");
    assert!(refused("").contains("Specify fewer lines"), "{}", refused(""));
    let said = text(&"x".repeat(100), 99).unwrap_err().message(Lang::En);
    assert!(said.starts_with("The text is too long") && !said.contains("FILE:"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_document_has_one_address_however_its_folder_is_reached() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path().canonicalize().unwrap();
    std::fs::create_dir_all(home.join("a/b")).unwrap();
    std::os::unix::fs::symlink(home.join("a/b"), home.join("link")).unwrap();
    std::os::unix::fs::symlink(home.join("notes.md"), home.join("a/名前.md")).unwrap();
    for (typed, expected) in [
        ("a/../notes.md", "notes.md"),
        // The folder above is that of the link's target.
        ("link/../notes.md", "a/notes.md"),
        // Links stay as they are typed.
        ("a/b/../名前.md", "a/名前.md"),
        ("link/notes.md", "link/notes.md"),
        ("a/b/..", "a"),
        ("gone/../notes.md", "gone/../notes.md"),
    ] {
        assert_eq!(absolute(&home.join(typed)), home.join(expected), "{typed}");
    }
}
