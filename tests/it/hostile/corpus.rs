//! Answers that try to load something, to link or to escape: none of them succeeds.

use super::checks::inert::judge;
use super::checks::run::{DONE, SECTIONS, answered};

/// Parses a list of names and texts.
pub(crate) fn named(json: &str) -> Vec<(String, String)> {
    serde_json::from_str(json).unwrap()
}

fn one_by_one(text: &str) -> Vec<&str> {
    text.split_inclusive(|_: char| true).collect()
}

#[test]
fn images_and_links_of_every_form_are_text() {
    let images = named(include_str!("data/images.json"));
    let links = named(include_str!("data/links.json"));
    assert!(images.len() >= 60 && links.len() >= 40);
    for (name, text) in images.iter().chain(&links) {
        let other = &["- B1 said\n"][..];
        let whole = answered([&[text], other, &[text]]);
        let cut = one_by_one(text);
        assert_eq!(answered([&cut, other, &cut]), whole, "{name}");
        judge(&whole, &SECTIONS, DONE);
    }
}

#[test]
fn scripts_of_every_form_are_text() {
    let all: Vec<String> = serde_json::from_str(include_str!("data/xss.json")).unwrap();
    assert!(all.len() >= 200);
    for text in &all {
        judge(&answered([&[text], &["- B1\n"], &[text, "\n"]]), &SECTIONS, DONE);
    }
}

#[derive(serde::Deserialize)]
struct Fences {
    open: Vec<String>,
    inside: Vec<String>,
    behind: Vec<String>,
}

#[test]
fn no_fence_swallows_what_follows_or_lets_anything_out() {
    let Fences { open, inside, behind } =
        serde_json::from_str(include_str!("data/fences.json")).unwrap();
    let mut count = 0;
    for (open, inside) in open.iter().flat_map(|o| inside.iter().map(move |i| (o, i))) {
        let answers: Vec<_> = behind.iter().map(|b| format!("{open}\n{inside}\n{b}")).collect();
        count += answers.len();
        for answers in answers.chunks(2) {
            let last = answers.last().unwrap();
            judge(&answered([&[&answers[0]], &[last], &[last, "\n"]]), &SECTIONS, DONE);
        }
    }
    assert!(count >= 500, "{count}");
}
