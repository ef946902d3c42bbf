//! A preview shows a selection as it is, and nothing in the selection escapes from its fence.

use super::checks::inert::only_shows;
use super::corpus::named;
use kaizodo::event::{BranchId, Role, Source};
use kaizodo::lang::Lang;
use kaizodo::panel::preview;
use kaizodo::request::{Estimate, Order, Outgoing, Planned, Preview, Sent};
use kaizodo::text::Range16;

/// Returns a preview in which everything that does not come from us is this text.
fn of(text: &str, sent: Sent) -> Preview {
    let own = || text.to_owned();
    let planned = Planned {
        branch: BranchId("a".into()),
        title: own(),
        role: Role::View,
        question: own(),
        fallbacks: vec![own()],
        sent,
    };
    Preview {
        title: own(),
        source: Source { uri: own(), range: Range16::default() },
        lang: Lang::En,
        provider: own(),
        host: Some(own()),
        of_answer: true,
        text: own(),
        context: Some(own()),
        notes: vec![own()],
        before: vec![own()],
        leave: Order::AtOnce(64),
        estimate: Some(Estimate::default()),
        sections: vec![planned],
        never_send: vec![own()],
    }
}

fn judge(text: &str) {
    let body = serde_json::json!({"content": text}).to_string();
    let own = || text.to_owned();
    let request = Outgoing { method: own(), url: own(), headers: vec![own()], body };
    for sent in [Sent::Request(request), Sent::Editor(own()), Sent::Refused(own()), Sent::Nothing] {
        let shown = preview(&of(text, sent));
        let found = only_shows(&shown);
        assert_eq!((found.len(), &*found[0]), (4, "The text"), "{shown:?}");
        assert_eq!(found[1], "The surrounding text", "{shown:?}");
        assert_eq!(found[3], "What is never sent", "{shown:?}");
    }
}

#[test]
fn nothing_that_is_previewed_is_live() {
    let lists = [include_str!("data/xss.json"), include_str!("data/injections.json")];
    let lists = lists.map(|list| serde_json::from_str::<Vec<String>>(list).unwrap());
    let images = named(include_str!("data/images.json"));
    let links = named(include_str!("data/links.json"));
    let all = images.into_iter().chain(links).map(|(_, text)| text);
    let all: Vec<_> = all.chain(lists.into_iter().flatten()).collect();
    assert!(all.len() >= 350);
    for text in &all {
        judge(text);
    }
    for ticks in 0..12 {
        let fence = "`".repeat(ticks);
        judge(&format!(
            "{fence}\n# a\n{fence}\n## b\n<img src=x>\n{fence}json\n![](http://a.test)"
        ));
        judge(&format!("~~~{fence}\n\u{202e}$x$ ::: mermaid\n{fence}"));
    }
}
