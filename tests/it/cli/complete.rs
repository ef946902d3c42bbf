//! Shell completions in a real bash, zsh and fish.

use super::live::Terminal;
use crate::support::program::*;
use std::io::Write;
use std::process::Stdio;

/// Returns a command that starts a shell with the program on its `PATH`. Returns `None`, and says
/// so, if the shell is not installed.
fn shell(home: &Home, name: &str, args: &[&str]) -> Option<tokio::process::Command> {
    let installed = std::process::Command::new(name).arg("--version").output();
    if !installed.is_ok_and(|output| output.status.success()) {
        // Not with `eprintln!`, whose output the test runner captures.
        let _ = writeln!(std::io::stderr(), "completions: {name} is not installed and is left out");
        return None;
    }
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_kaizodo"));
    let folder = program.parent().unwrap().display();
    let mut command = tokio::process::Command::new(name);
    command.args(args).current_dir(home.path()).env_clear().env("HOME", home.path());
    command.env("PATH", format!("{folder}:/usr/bin:/bin")).env("LANG", "C.UTF-8");
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    Some(command)
}

/// Returns what bash offers after this line.
async fn offered(home: &Home, line: &str) -> String {
    let mut bash = shell(home, "bash", &["--norc", "--noprofile", "-c", ASK]).expect("bash");
    let ended = end(bash.env("LINE", line)).await;
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
    ended.out
}

/// Calls the completion as bash does when Tab is pressed at the end of a line.
const ASK: &str = r#"
source <(kaizodo completions bash) || exit 9
read -ra COMP_WORDS <<< "$LINE"
[[ $LINE == *' ' ]] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$LINE COMP_POINT=${#LINE} COMP_TYPE=9
function=$(complete -p kaizodo | sed -n 's/.*-F \([^ ]*\).*/\1/p')
"$function" kaizodo "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" 2>/dev/null
printf '%s\n' "${COMPREPLY[@]}"
"#;

fn with_own() -> Home {
    let home = Home::new();
    let own = "---\nname: kansei\ndescription: 感性で読む\ntitle: 感性\n---\n感じたままに。\n";
    home.write(".config/kaizodo/perspectives/kansei.md", own);
    home.write(".config/kaizodo/config.toml", "[sets]\nasa = [\"kansei\", \"time\"]\n");
    home.write("会議.md", "長い。\n");
    home
}

#[tokio::test]
async fn perspectives_and_sets_are_known_the_users_own_too() {
    let home = with_own();
    let lines = async |line: &str| -> Vec<String> {
        offered(&home, line).await.lines().map(|line| line.trim_end().to_owned()).collect()
    };
    let all = lines("kaizodo run -p ").await;
    for name in ["depth", "time", "guard", "kansei"] {
        assert!(all.iter().any(|offered| offered == name), "{name}: {all:?}");
    }
    assert_eq!(lines("kaizodo run -p ka").await, ["kansei"]);
    assert_eq!(lines("kaizodo run -p depth,ka").await, ["depth,kansei"]);
    assert_eq!(lines("kaizodo eval texts --set as").await, ["asa"]);
    let sets = lines("kaizodo run --set ").await;
    assert!(["review", "premortem", "asa"].iter().all(|set| sets.contains(&set.to_string())));
    assert_eq!(lines("kaizodo perspe").await, ["perspectives"]);
    assert_eq!(lines("kaizodo perspectives show foc").await, ["focus"]);
    assert_eq!(lines("kaizodo perspectives show ka").await, ["kansei"]);
    assert_eq!(lines("kaizodo 会").await, ["会議.md"]);
    assert_eq!(lines("kaizodo run 会").await, ["会議.md"]);
}

#[tokio::test]
async fn runs_and_the_sections_of_the_last_one_are_known() {
    let home = Home::new();
    let mut run = home.kaizodo(&["run", "--provider", "worksheet", "--text", "Slow builds."]);
    assert_eq!(end(run.env("KAIZODO_FOCUS", "auto")).await.code, Some(0));
    let list = end(&mut home.kaizodo(&["journal", "path", "last"])).await.out;
    let run = list.trim_end().rsplit('/').next().unwrap().trim_end_matches(".jsonl");
    for line in ["kaizodo retry 0", "kaizodo ask -r 0", "kaizodo journal show 0"] {
        assert_eq!(offered(&home, line).await.trim_end(), run, "{line}");
    }
    for line in ["kaizodo retry last str", "kaizodo ask -s str", "kaizodo journal show -s str"] {
        assert_eq!(offered(&home, line).await.trim_end(), "structure", "{line}");
    }
}

#[tokio::test]
async fn a_line_is_completed_on_a_terminal() {
    let home = with_own();
    let shells: [(&str, &[&str], &str); 2] = [
        ("bash", &["--norc", "--noprofile", "-i"], "source <(kaizodo completions bash)"),
        (
            "zsh",
            &["-f", "-i"],
            "autoload -U compinit; compinit -u -D; source <(kaizodo completions zsh)",
        ),
    ];
    for (name, args, load) in shells {
        let Some(mut command) = shell(&home, name, args) else { continue };
        let (master, mut keys) = Terminal::typed(command.env("PS1", "> "));
        let mut typed = |text: &str| keys.write_all(text.as_bytes()).unwrap();
        typed(&format!("{load}; echo rea\"\"dy\n"));
        master.until("the script", |text| text.contains("ready")).await;
        typed("kaizodo run --set as\t");
        master.until("the set", |text| text.contains("kaizodo run --set asa")).await;
        typed("\x15kaizodo run -p depth,kan\t");
        master.until("the perspective", |text| text.contains("-p depth,kansei")).await;
        typed("\x15kaizodo 会\t");
        master.until("the file", |text| text.contains("kaizodo 会議.md")).await;
        typed("\x15exit\n");
        assert_eq!(master.end().await.0, Some(0), "{name}");
    }
}

/// fish prints what it offers after a line, without a terminal.
#[tokio::test]
async fn fish_offers_the_same() {
    let home = with_own();
    for (line, offered) in [
        ("kaizodo run --set as", "asa"),
        ("kaizodo run -p ka", "kansei\t感性で読む"),
        ("kaizodo run -p depth,ka", "depth,kansei\t感性で読む"),
        ("kaizodo 会", "会議.md"),
    ] {
        let script = "kaizodo completions fish | source; complete -C $argv[1]";
        let Some(mut fish) = shell(&home, "fish", &["--no-config", "-c", script, line]) else {
            return;
        };
        let ended = end(&mut fish).await;
        assert_eq!((ended.code, ended.out.trim_end()), (Some(0), offered), "{line}: {ended:?}");
    }
}
