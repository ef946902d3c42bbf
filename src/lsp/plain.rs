//! Text that an editor shows in its own UI: messages, errors, progress.

use crate::panel::show_hidden;

/// Puts text on one line, makes hidden characters visible and breaks Markdown links, which an
/// editor would act on.
///
/// VS Code turns `[label](target)` in messages into a link, even one that runs a command
/// (`parseLinkedText`; seen in 1.139), and has no way to escape it.
pub(crate) fn plain(text: &str) -> String {
    show_hidden(text).replace("](", "] (")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_message_is_a_link_or_hides() {
        let text = "no set \"[Fix](command:workbench.action.terminal.new)\u{202e}\"\n\u{1b}[2J";
        assert_eq!(
            plain(text),
            "no set \"[Fix] (command:workbench.action.terminal.new)⟨U+202E⟩\" ⟨U+001B⟩[2J"
        );
    }
}
