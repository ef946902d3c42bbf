//! Messages about cassettes that do not have an answer.

use crate::lang::{Lang, Message};
use crate::provider::{CassetteError, CassetteErrorKind};

impl Message for CassetteError {
    fn message(&self, lang: Lang) -> String {
        let CassetteError { cassette, file, perspective, kind } = self;
        match kind {
            CassetteErrorKind::OtherModel { asked, recorded } => lang.pick(
                format!("カセット {cassette} にある {file} の {perspective} への答えは {recorded} のもので、{asked} の答えはありません。`--model {recorded}` を付けるか、`--record` で記録し直してください。"),
                format!("{file}, {perspective}: {cassette} has an answer from {recorded} but none from {asked}. Use `--model {recorded}`, or record it again with `--record`."),
            ),
            CassetteErrorKind::OtherWording => lang.pick(
                format!("カセット {cassette} にある {file} の {perspective} への答えは、いまとは違う文言で尋ねたときのものです。`--record` で記録し直してください。"),
                format!("{file}, {perspective}: the answer in {cassette} was recorded with a different wording of the question. Record it again with `--record`."),
            ),
            CassetteErrorKind::Nothing => lang.pick(
                format!("カセット {cassette} に {file} の {perspective} への答えがありません。`--record` で記録してください。"),
                format!("{file}, {perspective}: {cassette} has no recorded answer. Record one with `--record`."),
            ),
        }
    }
}
