//! The Japanese help.

use clap::Command;

const TEMPLATE: &str = "\
{before-help}{about-with-newline}
使い方: {usage}

{all-args}{after-help}";

/// Each command's name, usage and own line, and the lines of its arguments by their names.
type Texts = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)]);

const JSON: (&str, &str) = ("json", "一つの JSON として出力する");

const RUN: (&str, &str) = ("run", "実行の名前、その初めの部分、または `last`(最後の実行)");

const TEXTS: [Texts; 15] = [
    ("kaizodo", "kaizodo <コマンド>", "解像度: 選んだ文章を、いくつもの視点から同時に問う。", &[]),
    (
        "run",
        "kaizodo run [オプション] [FILE[:A[-B]]]",
        "ファイル、その一部の行、または標準入力について問う",
        &[
            ("file", "ファイル、その一行(notes.md:3)、数行(notes.md:3-7)、または標準入力(-)"),
            ("text", "文章そのもの"),
            ("perspectives", "視点の名前か見出し。書いた順に節が並ぶ"),
            ("set", "視点の組: review、decide、readers、premortem、または自分で作った組"),
            ("focus", "視点をまとめる焦点: auto、ask、off"),
            ("focus_only", "焦点だけを出す"),
            ("lang", "答えの言語(ja か en)。省けば文章の言語"),
            ("model", "問い合わせるモデル"),
            ("provider", "答える相手: auto、openai、local、worksheet のどれか"),
            (
                "secrets",
                "文章の中の秘密らしいもの: redact(伏せる)、allow(そのまま)、refuse(送らない)",
            ),
            (
                "context",
                "選んだ行と一緒に送る、ファイルのほかの部分: none(なし)、around(前後)、file(全体)",
            ),
            ("dry_run", "何を誰に送るかをそのまま見せ、何も送らない"),
            ("json", "起きたことを一行に一つの JSON として出力する"),
        ],
    ),
    (
        "lsp",
        "kaizodo lsp",
        "標準入出力の Language Server Protocol でエディターにつなぐ",
        &[("stdio", "通信路を指定するエディターのためのもの。ほかの通信路はない")],
    ),
    (
        "doctor",
        "kaizodo doctor [--json]",
        "何を使うか、その理由を示し、実際に使えるかを確かめる",
        &[JSON],
    ),
    (
        "eval",
        "kaizodo eval [オプション] <FOLDER>",
        "フォルダーのすべての文章で、答えが読むに値するかを測る",
        &[
            ("folder", "文章のフォルダー。notes.ja.md なら日本語の文章"),
            ("perspectives", "視点の名前か見出し。書いた順に節が並ぶ"),
            ("set", "設定にある、視点の組"),
            ("model", "問い合わせるモデル"),
            ("cassette", "記録した答えのファイル(カセット)から答えを取り、誰にも問い合わせない"),
            (
                "record",
                "答えをファイルの末尾に記録する。--cassette と併せると、足りない答えだけを尋ねる",
            ),
            (
                "against",
                "比べる相手: 別の組の名前、plain(飾りのない一つの問い)、model:NAME(別のモデル)",
            ),
            (
                "judge",
                "どちらの答えがよいかを尋ねるモデル。誰の答えかを伏せ、順序を入れ替えて二度尋ねる。--against を省けば plain と比べる",
            ),
            JSON,
        ],
    ),
    ("perspectives", "kaizodo perspectives [--json]", "視点を一覧する", &[JSON]),
    (
        "trust",
        "kaizodo trust [オプション] [PATH]",
        "リポジトリの .kaizodo が持ち込むものを見て、以後それを使う",
        &[
            ("path", "リポジトリのフォルダーかファイル。省けば今のフォルダー"),
            ("yes", "尋ねずに信頼する"),
            ("list", "信頼しているものを一覧する"),
            ("revoke", "信頼を取り消す"),
        ],
    ),
    (
        "journal",
        "kaizodo journal <コマンド>",
        "記録(ジャーナル)に残した実行を一覧し、表示し、再生し、消す",
        &[],
    ),
    ("list", "kaizodo journal list [--json]", "実行を新しい順に一覧する", &[JSON]),
    ("show", "kaizodo journal show [RUN]", "実行の結果を出力する", &[RUN]),
    (
        "replay",
        "kaizodo journal replay [--json] [RUN]",
        "実行が進む様子をもう一度見せる",
        &[RUN, ("json", "起きたことを一行に一つの JSON として出力する")],
    ),
    (
        "path",
        "kaizodo journal path [RUN]",
        "記録のフォルダー、または実行のファイルの場所を出力する",
        &[RUN],
    ),
    (
        "prune",
        "kaizodo journal prune [--all | --older-than <DAYS>]",
        "設定の期間や大きさを超えた記録を消す",
        &[
            ("all", "いま書き込んでいるもののほかは、すべて消す"),
            ("older_than", "設定にかかわらず、この日数のあいだ書き込みのないものを消す"),
        ],
    ),
    (
        "completions",
        "kaizodo completions <SHELL>",
        "シェルの補完スクリプトを出力する: `source <(kaizodo completions bash)`",
        &[("shell", "bash、zsh、fish、elvish、powershell のどれか")],
    ),
    (
        "man",
        "kaizodo man [COMMAND]",
        "マニュアルを出力する: `kaizodo man | man -l -`",
        &[("command", "このコマンドのページ(`run` など)")],
    ),
];

/// Puts the Japanese in place of the English; what has none keeps its English, and a test tells.
pub(crate) fn translate(command: Command) -> Command {
    let found = TEXTS.iter().find(|(name, ..)| *name == command.get_name());
    let Some((_, usage, about, args)) = found else { return command };
    let mut command = command.about(*about).override_usage(*usage).help_template(TEMPLATE);
    if command.has_subcommands() {
        command = command.subcommand_help_heading("コマンド").subcommand_value_name("コマンド");
    }
    command.mut_args(|arg| {
        let id = arg.get_id().to_string();
        let heading = if arg.is_positional() { "引数" } else { "オプション" };
        let arg = arg.help_heading(heading);
        match args.iter().find(|(name, _)| *name == id) {
            Some((_, help)) => arg.help(*help),
            None => arg,
        }
    })
}
