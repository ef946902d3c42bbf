//! Shell completions in a real bash.

use super::live::Terminal;
use crate::support::program::*;
use std::io::Write;
use std::process::Stdio;

/// Returns what bash offers after this line.
async fn offered(home: &Home, line: &str) -> String {
    let program = env!("CARGO_BIN_EXE_kaizodo");
    let folder = std::path::Path::new(program).parent().unwrap().display().to_string();
    let command = home.kaizodo(&[]);
    let mut bash = tokio::process::Command::new("bash");
    bash.args(["--norc", "--noprofile", "-c", ASK]).current_dir(home.path());
    bash.env_clear().envs(command.as_std().get_envs().filter_map(|(k, v)| Some((k, v?))));
    bash.env("PATH", format!("{folder}:/usr/bin:/bin")).env("LINE", line);
    bash.stdout(Stdio::piped()).stderr(Stdio::piped());
    let ended = end(&mut bash).await;
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
    assert_eq!(lines("kaizodo 会").await, ["会議.md"]);
    assert_eq!(lines("kaizodo run 会").await, ["会議.md"]);
}

#[tokio::test]
async fn a_line_is_completed_on_a_terminal() {
    let home = with_own();
    let program = env!("CARGO_BIN_EXE_kaizodo");
    let folder = std::path::Path::new(program).parent().unwrap().display().to_string();
    let mut bash = tokio::process::Command::new("bash");
    bash.args(["--norc", "--noprofile", "-i"]).current_dir(home.path()).env_clear();
    bash.env("HOME", home.path()).env("PATH", format!("{folder}:/usr/bin:/bin")).env("PS1", "> ");
    bash.env("LANG", "C.UTF-8").kill_on_drop(true);
    let (master, mut keys) = Terminal::typed(&mut bash);
    keys.write_all(b"source <(kaizodo completions bash); echo rea\"\"dy\n").unwrap();
    master.until("the script", |text| text.contains("ready")).await;
    keys.write_all(b"kaizodo run --set as\t").unwrap();
    master.until("the set", |text| text.contains("kaizodo run --set asa")).await;
    keys.write_all(b"\x15kaizodo run -p depth,kan\t").unwrap();
    master.until("the perspective", |text| text.contains("-p depth,kansei")).await;
    keys.write_all(b"\x15exit\n").unwrap();
    assert_eq!(master.end().await.0, Some(0));
}
