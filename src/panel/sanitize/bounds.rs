//! Tests that the held text is bounded, and that an undecided construct at the bound becomes plain
//! text.

use super::tests::{assert_inert, clean};
use super::{HELD_MAX, Sanitizer};
use proptest::prelude::*;

/// Constructs that stay undecided until their end: the start of each, and the text to repeat after
/// it.
const WAITING: [(&str, &str); 24] = [
    ("https://good.com/", "a"),
    ("HTTP://g.co/", "あ"),
    ("ftp://g.co/", "a"),
    ("//g.co/", "a"),
    ("www.g.co/", "a"),
    ("me@", "a"),
    ("", "@"),
    ("@", "a@"),
    ("", "&"),
    ("&#", "1"),
    ("`", "a"),
    ("``", "a`"),
    ("", "`"),
    ("```", "a"),
    ("~~~", " "),
    ("> ", "-"),
    ("", "- "),
    ("|", "-|"),
    ("", " "),
    ("- ", "\t"),
    ("", "*"),
    ("", "\u{3000}"),
    ("**`m`", "_"),
    ("```\n", " "),
];

/// Text that would be live if the construct before it were decided wrongly.
const BEHIND: [&str; 16] = [
    "<img src=x>",
    "`<img src=x>",
    "```b```<img src=x>",
    "```\n<img src=x>",
    "](command:x)",
    "![a](http://a.test)",
    "[a](command:b)",
    "# own\n",
    "- # own\n",
    "/<img src=x>",
    "]<img src=x>",
    "><img src=x>",
    "\u{3000}<img src=x>",
    "&lt;<b>",
    "\n---\n<b>",
    "~~~\n<b>",
];

fn filled((start, fill): (&str, &str), bytes: usize) -> String {
    let last = start.rsplit('\n').next().unwrap_or_default().len();
    start.to_owned() + &fill.repeat(bytes.saturating_sub(last).div_ceil(fill.len()))
}

#[test]
fn undecided_constructs_at_the_bound_become_plain() {
    for bound in [64, HELD_MAX / 2, HELD_MAX] {
        for (waiting, off) in WAITING.iter().flat_map(|w| (0..=6).map(move |off| (*w, off))) {
            for behind in BEHIND {
                assert_inert(&(filled(waiting, bound + off - 3) + behind));
            }
        }
    }
}

#[test]
fn an_address_whose_end_is_not_in_sight_is_no_link() {
    let long = "https://good.com/".to_owned() + &"a".repeat(HELD_MAX);
    let out = clean(&(long.clone() + "<img src=x>"));
    assert!(out.starts_with("https:\\/`/`good.com/") && out.ends_with("a\\<img src=x>"), "{out}");
    let short = "https://good.com/".to_owned() + &"a".repeat(HELD_MAX - 99);
    assert_eq!(clean(&short), short);
}

#[test]
fn a_run_of_backticks_that_may_go_on_closes_nothing() {
    let text = "x ``".to_owned() + &"a".repeat(HELD_MAX - 4) + "```b```<img src=x>";
    let out = clean(&text);
    assert!(out.starts_with("x \\`\\`aa") && out.ends_with("a```b```\\<img src=x>"), "{out}");
}

#[test]
fn a_line_start_behind_many_blanks_is_still_one() {
    let blanks = " ".repeat(HELD_MAX + 9);
    assert_eq!(clean(&format!("{blanks}# a")), format!("{blanks}### a"));
    let out = clean(&format!("a\n{blanks}```\n<b>"));
    assert!(out.starts_with("a\n  ") && out.ends_with("  \n```\n<b>"), "{out}");
    let stars = "*".repeat(HELD_MAX);
    assert_eq!(clean(&format!("{stars}✗ no")), format!("> {stars}✗ no"));
    assert_eq!(clean(&format!("{stars}<img src=x>")), format!("> {stars}\\<img src=x>"));
}

#[test]
fn the_end_of_an_address_is_the_same_to_every_renderer() {
    for behind in ["]", ">", "\u{3000}", "\u{a0}", ")]", "。]"] {
        let out = clean(&format!("https://e.test/{behind}<img src=x>"));
        assert!(out.starts_with("https:\\//e.test/") && out.contains("\\<img"), "{out}");
    }
    for text in ["https://e.test/ <b", "https://e.test\u{3000}です", "https://e.test/x)。\n"] {
        assert!(clean(text).starts_with("https://e.test"), "{text}");
    }
    assert_eq!(clean("www.x.test/<img src=x>"), "www\\.x.test/\\<img src=x>");
    assert_eq!(clean("(WWW.x.test) wwwx www"), "(WWW\\.x.test) wwwx www");
}

fn aimed() -> impl Strategy<Value = String> {
    let bound = proptest::sample::select(vec![32usize, 64, 512, 1024, 1024, 1024, 2048]);
    let waiting = proptest::sample::select(WAITING.to_vec());
    let behind = proptest::sample::select(BEHIND.to_vec());
    let part = (waiting, bound, 0usize..7, behind)
        .prop_map(|(waiting, bound, off, behind)| filled(waiting, bound + off - 3) + behind);
    proptest::collection::vec(part, 1..4).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn several_constructs_at_the_bound_are_inert_however_they_are_split(
        text in aimed(), sizes in proptest::collection::vec(1usize..200, 1..9),
    ) {
        assert_inert(&text);
        let mut sanitizer = Sanitizer::default();
        let mut out = String::new();
        let mut characters = text.chars().peekable();
        for size in sizes.iter().cycle() {
            if characters.peek().is_none() {
                break;
            }
            sanitizer.push(&characters.by_ref().take(*size).collect::<String>(), &mut out);
            prop_assert!(sanitizer.held.len() <= HELD_MAX);
        }
        sanitizer.finish(&mut out);
        prop_assert_eq!(out, clean(&text));
    }
}
