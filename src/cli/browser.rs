//! Opens an address in the user's browser.

use super::warn;
use crate::lang::Lang;
use crate::provider::Programs;
use std::process::Stdio;
use tokio::process::Command;

/// The program that opens an address on this system, and its first arguments.
const OPENER: (&str, &[&str]) = if cfg!(target_os = "macos") {
    ("open", &[])
} else if cfg!(windows) {
    ("rundll32", &["url.dll,FileProtocolHandler"])
} else {
    ("xdg-open", &[])
};

/// Opens `url` in the user's browser and returns at once. Other users of this computer can see the
/// address for a moment, among the arguments of a program. Tells the user if there is no program to
/// open it, and returns `false`, or if that program fails later.
pub(crate) fn open(programs: &Programs, url: &str, lang: Lang) -> bool {
    let (name, first) = OPENER;
    let Some(path) = programs.find(name) else {
        warn(&lang.pick(
            format!("ブラウザーを開けません。`{name}` が見つかりません。"),
            format!("Cannot open a browser: `{name}` was not found."),
        ));
        return false;
    };
    let mut command = Command::new(path);
    command.args(first).arg(url);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // A browser that this starts must not get the ^C that stops the server.
    #[cfg(unix)]
    command.process_group(0);
    let started = command.spawn();
    let failed = move |why: &dyn std::fmt::Display| {
        warn(&lang.pick(
            format!(
                "`{name}` でブラウザーを開けませんでした（{why}）。アドレスを自分で開いてください。"
            ),
            format!("`{name}` could not open a browser ({why}). Open the address yourself."),
        ));
    };
    match started {
        Err(error) => {
            failed(&error);
            false
        }
        Ok(mut child) => {
            tokio::spawn(async move {
                match child.wait().await {
                    Ok(status) if !status.success() => failed(&status),
                    _ => {}
                }
            });
            true
        }
    }
}
