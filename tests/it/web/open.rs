//! `kaizodo serve --open`: the page is opened in the user's browser, with an address that works once.

use super::{client, read};
use crate::support::program::Home;
use crate::support::upstream::{TIMEOUT, Upstream, answer};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::time::timeout;

/// Installs an `xdg-open` that writes its argument and its process group to a file, and ends with
/// this status.
fn opener(home: &Home, status: u8) {
    let script = format!(
        "#!/bin/sh\nread -r _ _ _ _ group _ < /proc/$$/stat\necho \"$1 $$ $group\" > {}/new\nmv {0}/new {0}/opened\nexit {status}\n",
        home.path().display()
    );
    let path = home.write("bin/xdg-open", script);
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

async fn opened(home: &Path) -> String {
    let deadline = Instant::now() + TIMEOUT;
    loop {
        if let Ok(text) = fs::read_to_string(home.join("opened")) {
            return text;
        }
        assert!(Instant::now() < deadline, "no browser was opened");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn the_page_opens_in_a_browser_with_an_address_that_works_once() {
    let upstream = Upstream::always(answer(["- 一\n"])).await;
    let home = Home::new();
    for (status, said) in [
        (0, "Opening the page in your browser."),
        (3, "`xdg-open` could not open a browser (exit status: 3). Open the address yourself."),
    ] {
        opener(&home, status);
        let mut command = home.asking(&upstream, &["serve", "--port", "0", "--open"]);
        command.env("PATH", format!("{}:/usr/bin:/bin", home.path().join("bin").display()));
        let mut child = command.spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
        let printed = timeout(TIMEOUT, out.next_line()).await.unwrap().unwrap().unwrap();
        let (page, _) = printed.split_once("#token=").unwrap();
        let opened = opened(home.path()).await;
        let [url, process, group] = opened.split_whitespace().collect::<Vec<_>>()[..] else {
            panic!("{opened}")
        };
        assert_eq!(process, group, "the ^C that ends the server does not reach the browser");
        let ticket = url.strip_prefix(page).and_then(|rest| rest.strip_prefix("#ticket=")).unwrap();
        for code in [200, 401] {
            let given = client().post(format!("{page}v1/token")).bearer_auth(ticket);
            let given = read(given.send().await.unwrap(), code).await;
            let token = given["token"].as_str();
            assert!(code == 401 || printed.ends_with(token.unwrap()), "{given}");
        }
        let mut err = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut all = String::new();
        while !all.contains(said) {
            all += &timeout(TIMEOUT, err.next_line()).await.unwrap().unwrap().expect(&all);
        }
        let pid = Pid::from_raw(child.id().unwrap().cast_signed()).unwrap();
        kill_process(pid, Signal::INT).unwrap();
        assert_eq!(timeout(TIMEOUT, child.wait()).await.unwrap().unwrap().code(), Some(0));
        fs::remove_file(home.path().join("opened")).unwrap();
    }
}

#[tokio::test]
async fn without_a_browser_the_address_is_printed_all_the_same() {
    let upstream = Upstream::always(answer(["- 一\n"])).await;
    let home = Home::new();
    let mut command = home.asking(&upstream, &["serve", "--port", "0", "--open"]);
    let mut child = command.env("PATH", "/nowhere").spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
    let printed = timeout(TIMEOUT, out.next_line()).await.unwrap().unwrap().unwrap();
    assert!(printed.contains("/#token="), "{printed}");
    let mut err = BufReader::new(child.stderr.take().unwrap()).lines();
    for said in ["`xdg-open` was not found", "Open the address above in a browser."] {
        let line = timeout(TIMEOUT, err.next_line()).await.unwrap().unwrap().unwrap();
        assert!(line.contains(said), "{line}");
    }
    child.kill().await.unwrap();
}
