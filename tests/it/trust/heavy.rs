//! Repositories that are designed to keep any reader busy. Each program that reads one may use a
//! limited amount of processor time, and the system stops it when it uses more.

use super::tree::*;
use crate::support::artifacts::CANARY;
use crate::support::client::Client;
use crate::support::kit::{capabilities, range};
use crate::support::program::{Ended, Home, end};
use serde_json::json;
use std::time::Duration;

/// Processor time in seconds, for a build without optimization on a busy machine. Before the limits
/// were introduced, some of these cases took minutes.
const SECONDS: u32 = 30;
/// Number of files that are read from a folder, and maximum size of a file in bytes.
const FILES: usize = 64;
const BYTES: usize = 128 << 10;
/// Maximum size of front matter in bytes.
const FRONT: usize = 8 << 10;

/// Runs the program with the system's limit on processor time.
async fn limited(home: &Home, tree: &Tree, args: &[&str]) -> Ended {
    let program = home.kaizodo(args);
    let mut shell = tokio::process::Command::new("sh");
    shell.args(["-c", &format!("ulimit -t {SECONDS}; exec \"$0\" \"$@\"")]);
    shell.arg(program.as_std().get_program()).args(args);
    shell
        .env_clear()
        .env("KAIZODO_FOCUS", "off")
        .env("HOME", home.path())
        .env("LANG", "en_US.UTF-8");
    shell.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    end(shell.current_dir(tree.path()).kill_on_drop(true)).await
}

/// Returns a text of at most `bytes` bytes, made of numbered pieces.
fn many(bytes: usize, piece: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for n in 0.. {
        let next = piece(n);
        if text.len() + next.len() > bytes {
            break;
        }
        text += &next;
    }
    text
}

/// Returns kinds of front matter that cost more than they look like.
fn fronts(bytes: usize) -> Vec<(&'static str, String)> {
    let again = |piece: &str| many(bytes, |_| piece.to_owned());
    let bomb = |base: &str| {
        let mut text = format!("a0: &a0 [{}]\n", vec![base; 40].join(","));
        text += &many(bytes - text.len(), |n| {
            let alias = format!("*a{n}");
            format!("a{}: &a{} [{}]\n", n + 1, n + 1, vec![alias.as_str(); 40].join(","))
        });
        text
    };
    vec![
        ("unknown keys", many(bytes, |n| format!("k{n}: 1\n"))),
        ("keys that begin alike", many(bytes, |n| format!("{}{n}: 1\n", "k".repeat(40)))),
        ("aliases of aliases", bomb("lol")),
        ("one anchor, many aliases", format!("a: &a [1, 2, 3]\nm: [{}1]\n", again("*a, "))),
        (
            "merge keys",
            format!("a: &a {{x: 1}}\n{}", many(bytes, |n| format!("b{n}: {{<<: *a}}\n"))),
        ),
        (
            "nested merges",
            many(bytes, |n| format!("a{}: &a{} {{<<: *a{n}, k{n}: 1}}\n", n + 1, n + 1)),
        ),
        ("deep lists", format!("m: {}", again("["))),
        ("deep lists that end", format!("m: {}{}", "[".repeat(bytes / 2), "]".repeat(bytes / 2))),
        ("deep maps", format!("m: {}", again("{a: "))),
        ("deep blocks", format!("m:\n  {}x", again("- "))),
        ("keys that are keys", again("? ")),
        ("a staircase", many(bytes, |n| format!("{}a:\n", " ".repeat(n.min(200))))),
        ("a long scalar", format!("m: {}", again("word "))),
        ("a scalar over many lines", format!("m: {}", again("a\n  "))),
        ("a quotation", format!("m: \"{}\"", again("\\u3042\\n"))),
        ("a quotation without end", format!("m: \"{}", again("a b\n "))),
        ("a block", format!("m: |\n{}", again("  x\n\n"))),
        ("a folded block", format!("m: >\n{}", again("  x\n   y\n"))),
        ("comments", again("# x\n")),
        ("blank lines", again(" \n")),
        ("tags", many(bytes, |n| format!("t{n}: !x!y z\n"))),
        ("directives", again("%TAG ! tag:x,2000:\n")),
        ("documents", again("...\n---x\n")),
        ("one key again and again", again("a: 1\n")),
        ("colons", again(": ")),
        ("questions and answers", again("? a\n: b\n")),
        ("flow keys", format!("m: {{{}}}", many(bytes, |n| format!("{n}: {n}, ")))),
        ("anchors", many(bytes, |n| format!("k{n}: &a{n} x\n"))),
        ("tabs", again("\t")),
        ("brackets that close", format!("m: {}", again("]"))),
        ("numbers", format!("m: {}", again("9"))),
    ]
}

/// Creates a repository whose files all have this front matter.
fn tree_of(front: &str, body: &str) -> Tree {
    let tree = Tree::new(&[]);
    for n in 0..FILES {
        let text = format!("---\nname: p{n}\ndescription: d\n{front}\n---\n{body}");
        tree.write(&format!(".kaizodo/perspectives/p{n:02}.md"), text);
    }
    tree
}

/// Lists a repository's perspectives, trusts the repository, and lists the perspectives again.
async fn check(kind: &str, tree: &Tree) {
    let home = Home::new();
    let looks: [&[&str]; 3] = [&["perspectives"], &["trust", "--yes"], &["perspectives"]];
    for args in looks {
        let ended = limited(&home, tree, args).await;
        let last = ended.out.lines().last().unwrap_or_default();
        assert_eq!(ended.code, Some(0), "{kind}: {args:?}: {last} {}", ended.err);
        // Only `trust` shows everything that will be trusted, so only its output is that long.
        let most = if args[0] == "trust" { 8 << 20 } else { 1 << 20 };
        assert!(ended.out.len() < most, "{kind}: {} bytes", ended.out.len());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_front_matter_keeps_the_program_busy() {
    for (kind, front) in fronts(FRONT - 100) {
        check(kind, &tree_of(&front, "ask")).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_large_file_keeps_the_program_busy() {
    for (kind, front) in fronts(BYTES - 1000) {
        check(kind, &tree_of(&front, "ask")).await;
    }
    let body = |piece: &str| many(BYTES - 100, |_| piece.to_owned());
    for body in
        [body("## user\n"), body("## worksheet.ja\nx\n"), body("---\n"), body("\n"), body("\r\n")]
    {
        check("a body", &tree_of("", &format!("ask\n{body}"))).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_settings_keep_the_program_busy() {
    let many = |piece: fn(usize) -> String| many(BYTES - 100, piece);
    for (kind, text) in [
        ("unknown keys", many(|n| format!("k{n} = 1\n"))),
        ("tables", many(|n| format!("[t{n}]\n"))),
        ("tables in tables", many(|n| format!("[t.t{n}.u]\n"))),
        ("lists of tables", many(|_| "[[t]]\n".to_owned())),
        ("lists of tables in one", many(|n| format!("[[t]]\n[t.u{n}]\n"))),
        ("a deep key", format!("a{} = 1", many(|_| ".a".to_owned()))),
        ("a deep table", format!("[a{}]", many(|_| ".a".to_owned()))),
        ("a deep list", format!("a = {}", many(|_| "[".to_owned()))),
        ("a deep map", format!("a = {}", many(|_| "{a=".to_owned()))),
        ("a key of a kilobyte in a map", many(|n| format!("{{{}}} = {n}\n", "a.".repeat(500)))),
        ("sets", format!("[sets]\n{}", many(|n| format!("s{n} = []\n")))),
        ("a set", format!("sets.a = [{}]", many(|_| "'time',".to_owned()))),
        ("a long name", format!("{} = 1", many(|_| "k".to_owned()))),
        ("a long language", format!("lang = '{}'", many(|_| "k".to_owned()))),
        ("one key again and again", many(|_| "a = 1\n".to_owned())),
        ("a text", format!("lang = \"\"\"{}", many(|_| "\\u3042\n".to_owned()))),
        ("comments", many(|_| "#\n".to_owned())),
        ("inline", format!("a = {{{}}}", many(|n| format!("k{n}=1,")))),
    ] {
        let tree = Tree::with_perspective();
        tree.write(".kaizodo/config.toml", text);
        check(kind, &tree).await;
    }
}

/// Returns the processor time in seconds that a process has used.
fn used(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    let ticks = |at: usize| fields.split(' ').nth(at).unwrap().parse::<f64>().unwrap();
    (ticks(11) + ticks(12)) / rustix::param::clock_ticks_per_second() as f64
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_language_server_stays_awake_beside_it() {
    let mut can = capabilities();
    can["window"]["showMessage"] = json!({"messageActionItem": {}});
    for (kind, front) in [fronts(FRONT - 100), fronts(BYTES - 1000)].concat().into_iter().step_by(2)
    {
        let tree = tree_of(&front, "ask");
        // The log would take processor time, too.
        let env =
            [("KAIZODO_PROVIDER", "worksheet"), ("OPENAI_API_KEY", CANARY), ("KAIZODO_LOG", "")];
        let mut client = Client::start(&["lsp"], &env);
        client.initialize(can.clone()).await;
        client.open(&tree.uri(), "markdown", TEXT);
        let asked = json!({
            "textDocument": {"uri": tree.uri()}, "range": range((0, 0), (0, 3)),
            "context": {"diagnostics": []},
        });
        let argument = json!({"uri": tree.uri(), "range": range((0, 0), (0, 3))});
        let command = json!({"command": "kaizodo.run", "arguments": [argument]});
        let serve = async {
            for _ in 0..3 {
                let actions = client.request("textDocument/codeAction", asked.clone()).await;
                assert!(!actions.unwrap().as_array().unwrap().is_empty(), "{kind}");
                client.request("workspace/executeCommand", command.clone()).await.unwrap();
            }
        };
        tokio::time::timeout(Duration::from_secs(120), serve).await.expect(kind);
        let used = used(client.pid());
        assert!(used < f64::from(SECONDS), "{kind}: {used} s of the processor");
        assert_eq!(client.shut_down().await, Some(0), "{kind}");
    }
}
