//! Selections that look like instructions stay data.

use super::checks::perspective::judge;
use kaizodo::lang::Lang;
use kaizodo::perspective::Catalog;

#[test]
fn fifty_injections_do_not_end_their_fence() {
    let all: Vec<String> = serde_json::from_str(include_str!("data/injections.json")).unwrap();
    assert!(all.len() >= 50);
    let perspectives = || Catalog::builtin().resolve(&["depth", "time"]).unwrap();
    for text in &all {
        for lang in [Lang::Ja, Lang::En] {
            judge(text, perspectives(), lang);
            // Even if the selection contains the tag of the fence.
            for tag in ["t5k2", "T5K2", "t5k2-2"] {
                judge(&text.replace(['x', 'T'], tag), perspectives(), lang);
            }
        }
    }
}
