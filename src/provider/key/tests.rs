//! Tests with commands that work and commands that fail. The shell is the program that the tests
//! run; kaizodo itself never uses a shell.

use super::*;
use std::fs;
use std::path::Path;

const KEY: &str = "sk-canary-0123456789";

fn shell(script: &str) -> CachedKey {
    let words = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
    CachedKey::new(words.try_into().unwrap())
}

async fn fault(script: &str) -> KeyErrorKind {
    let error = shell(script).get().await.unwrap_err();
    assert_eq!(error.program, "sh");
    assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    error.kind
}

#[tokio::test]
async fn the_first_line_is_the_key() {
    for script in [
        format!("echo {KEY}"),
        format!("printf ' {KEY} \\r\\nuser: me\\nurl: x\\n'"),
        format!("printf {KEY}; echo {KEY}-err >&2"),
    ] {
        assert_eq!(shell(&script).get().await.unwrap().expose(), KEY, "{script}");
    }
}

#[tokio::test]
async fn what_is_no_key_is_told_apart() {
    assert_eq!(fault("exit 3").await, KeyErrorKind::Failed(Some(3)));
    assert_eq!(
        fault(&format!("echo {KEY}; echo {KEY} >&2; exit 1")).await,
        KeyErrorKind::Failed(Some(1))
    );
    assert_eq!(fault("kill -9 $$").await, KeyErrorKind::Failed(None));
    assert_eq!(fault("true").await, KeyErrorKind::Unfit(SecretError::Empty));
    assert_eq!(fault(&format!("echo; echo {KEY}")).await, KeyErrorKind::Unfit(SecretError::Empty));
    assert_eq!(fault("printf 'sk-\\377\\n'").await, KeyErrorKind::Unfit(SecretError::Unprintable));
    assert_eq!(fault("printf 'sk-\\tx\\n'").await, KeyErrorKind::Unfit(SecretError::Unprintable));
    assert_eq!(fault("head -c 1000000 /dev/zero").await, KeyErrorKind::TooMuch);
    assert_eq!(fault("yes").await, KeyErrorKind::TooMuch);
    let missing = CachedKey::new(vec!["kaizodo-no-such-program".to_owned()].try_into().unwrap());
    assert_eq!(missing.get().await.unwrap_err().kind, KeyErrorKind::Missing);
    let folder = CachedKey::new(vec!["/".to_owned()].try_into().unwrap());
    assert!(matches!(folder.get().await.unwrap_err().kind, KeyErrorKind::NotStarted(_)));
}

/// Creates a command that records each run in a file.
fn counting(folder: &Path, more: &str) -> CachedKey {
    shell(&format!("echo x >> {}/runs; {more}", folder.display()))
}

fn runs(folder: &Path) -> usize {
    fs::read_to_string(folder.join("runs")).unwrap_or_default().lines().count()
}

#[tokio::test]
async fn it_runs_once_for_all_who_ask_and_again_when_the_key_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let key = counting(folder.path(), &format!("sleep 0.2; echo {KEY}"));
    assert_eq!(runs(folder.path()), 0, "nobody has asked yet");
    let all = futures::future::join_all((0..8).map(|_| key.get())).await;
    assert!(all.iter().all(Result::is_ok));
    key.get().await.unwrap();
    assert_eq!(runs(folder.path()), 1);
    key.forget();
    key.get().await.unwrap();
    assert_eq!(runs(folder.path()), 2);
}

#[tokio::test]
async fn a_failure_stands_for_a_moment_and_no_longer() {
    let folder = tempfile::tempdir().unwrap();
    let key = counting(folder.path(), "exit 1");
    futures::future::join_all((0..4).map(|_| key.get())).await;
    key.get().await.unwrap_err();
    key.forget();
    key.get().await.unwrap_err();
    assert_eq!(runs(folder.path()), 1);
    tokio::time::pause();
    tokio::time::advance(FAILURE_TTL + Duration::from_millis(1)).await;
    tokio::time::resume();
    key.get().await.unwrap_err();
    assert_eq!(runs(folder.path()), 2);
}

#[tokio::test]
async fn who_stops_waiting_does_not_stop_it() {
    let folder = tempfile::tempdir().unwrap();
    let key = counting(folder.path(), &format!("sleep 0.2; echo {KEY}"));
    let waited = tokio::time::timeout(Duration::from_millis(20), key.get()).await;
    assert!(waited.is_err());
    key.get().await.unwrap();
    assert_eq!(runs(folder.path()), 1);
}

#[tokio::test]
async fn one_that_hangs_is_ended_with_all_that_it_has_started() {
    let folder = tempfile::tempdir().unwrap();
    let pids = folder.path().join("pids");
    let hang = format!("sleep 600 & echo $$ $! > {}; wait", pids.display());
    assert_eq!(fault(&hang).await, KeyErrorKind::Late);
    for pid in fs::read_to_string(&pids).unwrap().split_whitespace() {
        let gone = || match fs::read_to_string(format!("/proc/{pid}/stat")) {
            // An orphan that init has not reaped yet.
            Ok(stat) => stat.rsplit(')').next().unwrap_or_default().trim_start().starts_with('Z'),
            Err(_) => true,
        };
        for _ in 0..200 {
            if gone() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(gone(), "{pid} is alive");
    }
}

#[tokio::test]
async fn nothing_of_ours_is_handed_on() {
    let script = "read line && exit 9; [ -z \"$OPENAI_API_KEY\" ] || exit 8; [ \"$PWD\" = / ] || exit 7; echo sk-ok";
    assert_eq!(shell(script).get().await.unwrap().expose(), "sk-ok");
}
