//! Tests that reasoning is told from text, however the content is cut.

use super::*;
use crate::provider::Chunk;
use proptest::prelude::*;

/// Returns the text that is left, and how many characters were reasoning.
fn read(pieces: &[&str]) -> (String, u32) {
    let (mut thoughts, mut ready) = (Thoughts::default(), Coalescer::default());
    pieces.iter().for_each(|piece| thoughts.push(piece, &mut ready));
    thoughts.finish(&mut ready);
    let (mut text, mut thought) = (String::new(), 0);
    for chunk in std::iter::from_fn(|| ready.pop()) {
        match chunk.unwrap() {
            Chunk::Text(more) => text += &more,
            Chunk::Thinking(text) => thought += super::chars(&text),
            Chunk::Retract(chars) => {
                text.clear();
                thought += chars;
            }
            Chunk::Begun | Chunk::Note(_) | Chunk::Finish { .. } => panic!(),
        }
    }
    (text, thought)
}

const CASES: &[(&str, &str, u32)] = &[
    ("<think>abc</think>\n\nanswer", "answer", 3),
    ("\n <think>\nなぜ</think>答え", "答え", 3),
    ("<think></think>answer", "answer", 0),
    ("<thinking>a</thinking> b", "b", 1),
    ("[THINK]a[/THINK]b", "b", 1),
    ("<|START_THINKING|>a<|END_THINKING|>b", "b", 1),
    ("◁think▷深い◁/think▷b", "b", 2),
    ("<|channel>thought\nabc\n<channel|>answer", "answer", 4),
    ("<|channel>thought\n<channel|>answer", "answer", 0),
    (
        "<|channel|>analysis<|message|>abc<|end|><|start|>assistant<|channel|>final<|message|>answer<|return|>",
        "answer",
        3,
    ),
    ("<|channel|>analysis<|message|>abc<|channel|>final<|message|>answer", "answer", 3),
    ("thoughts<|end|><|start|>assistant<|channel|>final<|message|>answer<|return|>", "answer", 8),
    (
        "<|channel|>analysis<|message|>なぜ<|end|><|start|>assistant<|channel|>final<|message|>It ends with <|return|>, always",
        "It ends with <|return|>, always",
        2,
    ),
    ("<|channel|>analysis<|message|>never closed", "", 12),
    ("<|channel|>final<|message|>answer<|return|>", "answer", 0),
    ("<|channel|>final<|message|>answer<|ret", "answer<|ret", 0),
    ("thoughts<|end|><|start|>assistant<|channel|>final<|message|>answer", "answer", 8),
    ("<think>a</think><think>b</think>c", "c", 2),
    ("<think>a </thin </think>b", "b", 9),
    ("<think>abc</think>\n<b>answer", "<b>answer", 3),
    ("<think>never closed", "", 12),
    ("<think>never closed </thi", "", 18),
    // A template has written the opening tag.
    ("thoughts</think>answer", "answer", 8),
    ("line\nthoughts.\n</think>\n\nanswer", "answer", 15),
    ("考えた。</think>答え", "答え", 4),
    ("`code` and so</think>answer", "answer", 13),
    ("```\nx\n```\n</think>\nanswer", "answer", 10),
    ("</think>answer", "answer", 0),
    // The text only mentions the tag.
    ("Close it with `</think>` and go on.", "Close it with `</think>` and go on.", 0),
    ("The tag </think> ends it.", "The tag </think> ends it.", 0),
    ("\"</think>\" ends it.", "\"</think>\" ends it.", 0),
    ("「</think>」で閉じる。", "「</think>」で閉じる。", 0),
    ("応答の</think>より前。", "応答の</think>より前。", 0),
    ("```\nthoughts\n</think>\n```\n", "```\nthoughts\n</think>\n```\n", 0),
    ("It writes <think>a</think> first.", "It writes <think>a</think> first.", 0),
    (
        "It ends as <|start|>assistant<|channel|>final<|message|> and",
        "It ends as <|start|>assistant<|channel|>final<|message|> and",
        0,
    ),
    (
        "It writes <|channel|>final<|message|> before the answer.",
        "It writes <|channel|>final<|message|> before the answer.",
        0,
    ),
    (
        "It begins with\n<|channel>thought\nand ends at\n<channel|>.",
        "It begins with\n<|channel>thought\nand ends at\n<channel|>.",
        0,
    ),
    ("<think>a</think>It ends at\n</think>\n.", "It ends at\n</think>\n.", 1),
    ("<div>text</div>", "<div>text</div>", 0),
    ("<thin ice>", "<thin ice>", 0),
    ("    code", "    code", 0),
    (" \n", " \n", 0),
    ("", "", 0),
];

#[test]
fn reasoning_is_told_from_text() {
    for (content, text, thought) in CASES {
        assert_eq!(read(&[content]), ((*text).to_owned(), *thought), "{content:?}");
    }
}

#[test]
fn a_tag_is_text_where_reasoning_comes_apart() {
    let (mut thoughts, mut ready) = (Thoughts::default(), Coalescer::default());
    thoughts.set_separate();
    thoughts.push("one\n</think>\ntwo", &mut ready);
    assert_eq!(ready.pop(), Some(Ok(Chunk::Text("one\n</think>\ntwo".into()))));
}

/// Many tags in one piece take linear time and constant stack space.
#[test]
fn a_row_of_tags_is_read_in_one_go() {
    let row = "<think></think>".repeat(100_000);
    assert_eq!(read(&[&row]), (String::new(), 0));
    let row = "</think> ".repeat(100_000);
    assert_eq!(read(&["x", &row]).1, 1);
}

fn cut<'a>(text: &'a str, cuts: &[proptest::sample::Index]) -> Vec<&'a str> {
    let mut at: Vec<usize> =
        cuts.iter().map(|cut| text.floor_char_boundary(cut.index(text.len() + 1))).collect();
    at.extend([0, text.len()]);
    at.sort_unstable();
    at.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect()
}

proptest! {
    #[test]
    fn the_cuts_do_not_matter(
        case in proptest::sample::select(CASES),
        cuts in proptest::collection::vec(any::<proptest::sample::Index>(), 0..6),
    ) {
        let (content, text, thought) = case;
        // Only what precedes a tag decides whether it is quoted, because the rest may not have come
        // yet.
        let pieces = cut(content, &cuts);
        let (got, thinking) = read(&pieces);
        prop_assert_eq!((got.as_str(), thinking), (text, thought), "{:?}", pieces);
    }

    #[test]
    fn text_without_a_tag_is_left_as_it_is(text in "[a-z`~ \n<>/深。]{0,40}", cuts in proptest::collection::vec(any::<proptest::sample::Index>(), 0..6)) {
        prop_assume!(!text.contains("think"));
        prop_assert_eq!(read(&cut(&text, &cuts)), (text, 0));
    }
}
