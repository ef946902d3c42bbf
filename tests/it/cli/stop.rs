//! A run that is stopped, or whose output is no longer read.

use crate::support::program::*;
use crate::support::upstream::*;
use rustix::io::ioctl_fionread;
use rustix::process::{Pid, Signal, kill_process};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::Child;
use tokio::time::timeout;

fn interrupt(child: &Child) {
    let pid = Pid::from_raw(child.id().unwrap().cast_signed()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
}

async fn code(child: &mut Child) -> Option<i32> {
    timeout(TIMEOUT, child.wait()).await.expect("the program ends").unwrap().code()
}

#[tokio::test]
async fn an_interrupt_keeps_what_came_and_closes_the_sockets() {
    let server = Upstream::always(Reply::stream([sse_text("- x1 half\n")]).end(End::Open)).await;
    let home = Home::new();
    // With JSON, the text of every section is visible; without, only that of the first section.
    for (asked, (args, all, stopped)) in (1..).zip([
        (&["run", "--text", "Builds are slow.", "--json"][..], 4, "\"outcome\":\"cancelled\",\"el"),
        (&["run", "--text", "Builds are slow."], 1, "■ Stopped."),
    ]) {
        let mut child = home.asking(&server, args).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut text = String::new();
        while text.matches("- x1 half").count() < all {
            assert!(out.read_line(&mut text).await.unwrap() > 0, "{text}");
        }
        server.until("all requests", |seen| seen.len() == 4 * asked).await;
        interrupt(&child);
        out.read_to_string(&mut text).await.unwrap();
        home.keep("stdout", text.as_bytes());
        assert_eq!(code(&mut child).await, Some(130));
        assert!(text.matches("- x1 half").count() >= all, "{text}");
        assert_eq!(text.matches(stopped).count(), 4, "{text}");
    }
    server.closed(8).await;
}

#[tokio::test]
async fn a_second_interrupt_ends_a_program_that_cannot_write() {
    // Far more than a pipe holds, and it is not read.
    let pieces = vec![sse_text(&"- a long line\n".repeat(1_000)); 20];
    let server = Upstream::always(Reply::stream(pieces).end(End::Open)).await;
    let home = Home::new();
    let mut child = home.asking(&server, &["run", "--text", "Builds are slow."]).spawn().unwrap();
    let out = child.stdout.take().unwrap();
    // The program is blocked in a write once the pipe holds a lot and its amount no longer grows.
    let (mut held, mut equal) = (0, 0);
    while held < 32 << 10 || equal < 10 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let now = ioctl_fionread(&out).unwrap();
        equal = if now == held { equal + 1 } else { 0 };
        held = now;
    }
    interrupt(&child);
    let still = timeout(Duration::from_millis(500), child.wait()).await;
    assert!(still.is_err(), "it waits for its reader: {still:?}");
    interrupt(&child);
    assert_eq!(code(&mut child).await, Some(130));
    server.closed(4).await;
}

#[tokio::test]
async fn a_reader_who_goes_ends_it_quietly() {
    let gate = Gate::new();
    let reply = Reply::stream([sse_text("- one\n")]).step(Step::Until(gate.clone()));
    // More than once, because a program that is being started for another test may also hold the
    // pipe.
    let reply = (0..100).fold(reply, |reply, _| {
        reply.step(Step::Wait(Duration::from_millis(100))).write(sse_text("- two\n"))
    });
    let server = Upstream::always(reply.end(End::Open)).await;
    let home = Home::new();
    let mut child = home.asking(&server, &["run", "--text", "Builds are slow."]).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut String::new()).await.unwrap();
    server
        .until("all answers", |seen| seen.iter().filter(|s| !s.writes.is_empty()).count() == 4)
        .await;
    drop(out);
    gate.open();
    assert_eq!(code(&mut child).await, Some(130));
    server.closed(4).await;
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).await.unwrap();
    assert_eq!(said, "");
}
