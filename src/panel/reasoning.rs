//! A model's reasoning, as a separate document or as text to be copied.

use super::Panel;
use super::layout;
use super::sanitize::Sanitizer;
use crate::event::BranchId;

impl Panel {
    /// Sanitizes the reasoning `text` like an answer and returns it as whole lines. If `is_cut`, a
    /// last line says that the rest was not kept.
    pub fn reasoning(&self, text: &str, is_cut: bool) -> String {
        let mut sanitizer = Sanitizer::new(self.viewer);
        let mut out = String::new();
        sanitizer.push(text, &mut out);
        sanitizer.finish(&mut out);
        out.truncate(out.trim_end().len());
        out.push('\n');
        if let Some(fence) = sanitizer.open_fence() {
            fence.write(&mut out);
            out.push('\n');
        }
        if is_cut {
            let more = self.lang.pick(
                "推論はここまでしか残っていません。",
                "The rest of the reasoning was not kept.",
            );
            out += &format!("\n⚠ {more}\n");
        }
        out
    }

    /// Returns a section's reasoning as a separate document: the panel's title, the line that says
    /// where the text came from, the section's heading and the reasoning. `None` if there is no
    /// such section.
    pub fn reasoning_document(
        &self,
        branch: &BranchId,
        text: &str,
        is_cut: bool,
    ) -> Option<String> {
        let head = self.head.get(..self.notes_at).unwrap_or_default();
        Some(head.to_owned() + &self.reasoning_section(branch, text, is_cut)?)
    }

    /// Returns a section's heading, followed by the section's reasoning; `None` if there is no such
    /// section.
    pub fn reasoning_section(&self, branch: &BranchId, text: &str, is_cut: bool) -> Option<String> {
        let section = self.sections.iter().find(|section| section.branch == *branch)?;
        let title = &section.title;
        let title = self.lang.pick(format!("{title}（推論）"), format!("{title} (reasoning)"));
        Some(layout::heading(&title, self.viewer) + &self.reasoning(text, is_cut))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, RunId, SectionTitle, Source};
    use crate::lang::Lang;

    #[test]
    fn it_is_inert_below_its_heading() {
        let mut panel = Panel::new("", Lang::Ja);
        panel.apply(&Event::RunStarted {
            run: RunId("r".into()),
            at: jiff::Timestamp::UNIX_EPOCH,
            title: "題".into(),
            source: Source { uri: "file:///a/議事.md".into(), range: Default::default() },
            origin: None,
            lang: Lang::Ja,
            provider: "p".into(),
            without_model: false,
            sections: vec![SectionTitle::view("depth", "深さ")],
            notes: vec!["注".into()],
            selection: None,
            context: Default::default(),
        });
        let branch = BranchId("depth".into());
        let text = panel.reasoning_document(&branch, "# なぜ\n[a](b)\n```rust", true).unwrap();
        assert_eq!(
            text,
            "# 解像度 · 題\n\n`議事.md:1` · p\n\n## 深さ（推論）\n\n### なぜ\n[a]\\(b)\n```rust\n```\n\n⚠ 推論はここまでしか残っていません。\n"
        );
        assert_eq!(panel.reasoning_document(&BranchId("x".into()), "", false), None);
    }
}
