//! A terminal for commands that ask a question.

use std::fs;

/// Runs a command on a terminal with `rows` rows and gives `answer` to its question. Returns the
/// exit status and everything that the terminal showed.
pub(crate) async fn on_terminal(
    mut command: tokio::process::Command,
    rows: u16,
    answer: Option<&str>,
) -> (Option<i32>, String) {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use std::io::{Read, Write};
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let size = rustix::termios::Winsize { ws_row: rows, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
    rustix::termios::tcsetwinsize(&master, size).unwrap();
    let name = ptsname(&master, vec![]).unwrap();
    let slave = || fs::File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    command.stdin(slave()).stdout(slave());
    let mut child = command.spawn().unwrap();
    // Otherwise the terminal would stay open for as long as the command can be started again.
    drop(command);
    let mut terminal = fs::File::from(master);
    let mut answer = answer.map(|answer| format!("{answer}\n"));
    let shown = tokio::task::spawn_blocking(move || {
        let (mut shown, mut bytes) = (String::new(), [0; 4096]);
        // On Linux, reading fails with EIO when the other side is no longer open.
        while let Ok(n @ 1..) = terminal.read(&mut bytes) {
            shown += &String::from_utf8_lossy(&bytes[..n]);
            if shown.contains("[y/N] ")
                && let Some(answer) = answer.take()
            {
                terminal.write_all(answer.as_bytes()).unwrap();
            }
        }
        shown
    });
    let status = tokio::time::timeout(2 * crate::support::upstream::TIMEOUT, child.wait()).await;
    (status.expect("the program ends").unwrap().code(), shown.await.unwrap())
}
