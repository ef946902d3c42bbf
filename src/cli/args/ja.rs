//! The Japanese help.

use clap::Command;

const TEMPLATE: &str = "\
{before-help}{about-with-newline}
使い方: {usage}

{all-args}{after-help}";

/// Each command's name (after its parent's, if another command has the same), usage and own line, and the lines of its arguments by their names.
type Texts = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)]);

const JSON: (&str, &str) = ("json", "一つの JSON で出力する");

const COLOR: (&str, &str) =
    ("color", "強調や色をいつ使うか: auto（端末に出すとき）、always（いつも）、never（使わない）");

const RUN: (&str, &str) =
    ("run", "実行の名前、名前の先頭部分、`last`（最後の実行）、`last~1`（その一つ前）、`last~2` …");

const LAST: (&str, &str) = (
    "run",
    "`last`、`last~1`（その一つ前）、`last~2` …、実行の名前、または名前の先頭部分（省けば最後の実行）",
);

const WHO: (&str, &str) = (
    "provider",
    "尋ねる相手: auto、openai、local、worksheet のどれか（省けば設定どおり。実行したときと違うサーバーになるなら、何も送らない）",
);

const EVENTS: (&str, &str) = ("json", "新しいイベントを一行に一つの JSON で出力する");

const TEXTS: [Texts; 27] = [
    (
        "kaizodo",
        "kaizodo <コマンド>",
        "解像度: 選んだ文章を、いくつもの視点から同時に調べる。",
        &[],
    ),
    (
        "run",
        "kaizodo run [オプション] [FILE[:A[-B]]]",
        "ファイル、その一部の行、または標準入力について尋ねる。`kaizodo FILE` や `… | kaizodo` とだけ書いてもよい",
        &[
            ("file", "ファイル、その一行（notes.md:3）、数行（notes.md:3-7）、または標準入力（-）"),
            ("text", "尋ねる文章"),
            ("perspectives", "尋ねる視点の名前か見出し。書いた順に並ぶ"),
            ("set", "視点の組: review、decide、readers、premortem、または自分で作った組"),
            (
                "focus",
                "視点をまとめた答え（焦点）をいつ書くか: auto（視点がそろったら）、ask（`kaizodo retry last focus` としたら）、off（書かない）",
            ),
            ("focus_only", "焦点だけを出力する。視点にも尋ねる"),
            ("lang", "答えの言語: ja か en（省けば文章の言語）"),
            ("model", "問い合わせるモデル。A,B と並べると、答えられないときに次のモデルに尋ねる"),
            ("provider", "尋ねる相手: auto、openai、local、worksheet のどれか"),
            (
                "secrets",
                "文章の中の秘密らしいもの: redact（伏せる）、allow（そのまま）、refuse（送らない）",
            ),
            (
                "context",
                "選んだ行と一緒に送る、ファイルのほかの部分: none（なし）、around（前後）、file（全体）",
            ),
            ("dry_run", "何をどこへ送るかを正確に表示する。何も送らない"),
            ("json", "イベントを一行に一つの JSON で出力する"),
            COLOR,
        ],
    ),
    (
        "retry",
        "kaizodo retry [オプション] [RUN] [SECTION]...",
        "記録した実行の節にもう一度尋ねる。節を書かなければ、完了していないものすべて",
        &[
            LAST,
            ("sections", "もう一度尋ねる節の名前か見出し（省けば、完了していないものすべて）"),
            ("model", "今回だけ問い合わせるモデル。ほかのモデルには尋ねない"),
            WHO,
            EVENTS,
            COLOR,
        ],
    ),
    (
        "ask",
        "kaizodo ask [オプション] <QUESTION>...",
        "記録した実行の答え全体、またはその一つについて質問する",
        &[
            ("question", "知りたいこと"),
            LAST,
            ("section", "質問する節の名前か見出し（省けば答え全体）"),
            WHO,
            EVENTS,
            COLOR,
        ],
    ),
    (
        "lsp",
        "kaizodo lsp",
        "エディター用の言語サーバーを標準入出力で動かす",
        &[(
            "stdio",
            "これを付けて起動するエディターのためのもの。標準入出力のほかに通信方法はない",
        )],
    ),
    (
        "mcp",
        "kaizodo mcp",
        "エージェント用の MCP（Model Context Protocol）サーバーを標準入出力で動かす",
        &[],
    ),
    (
        "serve",
        "kaizodo serve [オプション]",
        "ブラウザーで使うページと HTTP API を、このコンピューターで動かす",
        &[
            ("port", "待ち受けるポート（省けば 4649、使用中なら空いているもの）"),
            ("address", "待ち受けるアドレス（省けば 127.0.0.1。このコンピューターからだけ使える）"),
            ("allow_host", "ブラウザーからの接続を許可する、ほかのホスト名。繰り返し指定できる"),
            ("open", "ページをブラウザーで開く"),
            ("json", "アドレスとトークンを一つの JSON で出力する"),
        ],
    ),
    (
        "demo",
        "kaizodo demo [オプション]",
        "実際の答えの記録を、モデルが書くような速さで再生する。モデルには尋ねない",
        &[
            ("lang", "再生する記録の言語: ja か en（省けばロケールの言語）"),
            ("fast", "待たずに、すべてを一度に表示する"),
            COLOR,
        ],
    ),
    (
        "doctor",
        "kaizodo doctor [--json]",
        "どこに問い合わせるかとその理由を示し、実際に使えるかを確かめる",
        &[JSON],
    ),
    (
        "setup",
        "kaizodo setup [オプション]",
        "誰が答えるかを選び、試してから、設定に保存する",
        &[
            ("local", "このコンピューターで動いているモデルサーバーを使う"),
            ("openai", "OpenAI を、OPENAI_API_KEY のキーで使う"),
            ("base_url", "この URL の、OpenAI 互換のサーバーを使う"),
            ("gguf", "このモデルのファイルを、llama-server で動かして使う"),
            ("worksheet", "モデルを使わず、内蔵のワークシートを使う"),
            ("model", "問い合わせるモデル（省けばサーバーの最初のモデル）"),
            ("key_from_env", "--base-url のキーが入っている環境変数。保存するのは名前だけ"),
            ("yes", "すでにある設定も、確認なしで変える"),
            ("no_try", "質問して試すことをせずに保存する"),
        ],
    ),
    (
        "eval",
        "kaizodo eval [オプション] <FOLDER>",
        "フォルダーにある文章のそれぞれについて、答えの質を測る",
        &[
            ("folder", "文章のフォルダー。notes.ja.md なら日本語の文章"),
            ("perspectives", "尋ねる視点の名前か見出し。書いた順に並ぶ"),
            ("set", "視点の組: review、decide、readers、premortem、または自分で作った組"),
            ("model", "問い合わせるモデル。A,B と並べると、答えられないときに次のモデルに尋ねる"),
            (
                "cassette",
                "記録した答えのファイル（カセット）から答えを取り、どのモデルにも問い合わせない",
            ),
            (
                "record",
                "答えをファイルの末尾に記録する。--cassette と併せると、足りない答えだけを尋ねる",
            ),
            (
                "against",
                "比べる相手: 別の組の名前、plain（普通の質問一つ）、model:NAME（別のモデル）",
            ),
            (
                "judge",
                "どちらの答えがよいかを尋ねるモデル。誰の答えかを伏せ、順序を入れ替えて二度尋ねる。--against を省けば plain と比べる",
            ),
            JSON,
        ],
    ),
    (
        "perspectives",
        "kaizodo perspectives [--json | show <NAME>]",
        "視点の一覧、または一つの視点のファイルを表示する",
        &[JSON],
    ),
    (
        "perspectives show",
        "kaizodo perspectives show <NAME>",
        "視点のファイルを出力する。保存して書き換えれば、自分の視点になる",
        &[("name", "視点の名前か見出し。焦点なら `focus`")],
    ),
    (
        "trust",
        "kaizodo trust [オプション] [PATH]",
        "リポジトリの .kaizodo の中身を確かめて信頼する",
        &[
            ("path", "リポジトリのフォルダーかファイル。省けば今のフォルダー"),
            ("yes", "尋ねずに信頼する"),
            ("list", "信頼しているものの一覧を表示する"),
            ("revoke", "信頼を取り消す"),
        ],
    ),
    (
        "journal",
        "kaizodo journal <コマンド>",
        "記録（ジャーナル）に残した実行の一覧、検索、表示、再生、ピン留め、削除",
        &[],
    ),
    (
        "list",
        "kaizodo journal list [オプション]",
        "実行を新しい順に表示する",
        &[("limit", "新しいほうから、この件数まで"), JSON],
    ),
    (
        "search",
        "kaizodo journal search [オプション] <WORDS>...",
        "実行を言葉で探し、新しい順に表示する。探すのは尋ねた文章、質問、答え、コメント、タイトル",
        &[
            (
                "words",
                "すべて含むものを探す。順序、大文字と小文字、全角と半角、かなとカナは問わない",
            ),
            ("here", "今のフォルダーとその下のファイルについての実行だけを探す"),
            ("folder", "このフォルダーとその下のファイルについての実行だけを探す"),
            JSON,
        ],
    ),
    (
        "show",
        "kaizodo journal show [オプション] [RUN]",
        "実行の答えを出力する",
        &[
            RUN,
            ("section", "この節だけを出力する。名前か見出しで指定する（`focus` など）"),
            ("clean", "注記、状態、節の末尾の行を省く"),
            ("reasoning", "モデルの推論を出力する（journal.reasoning で残したとき）"),
            COLOR,
        ],
    ),
    (
        "replay",
        "kaizodo journal replay [--json] [RUN]",
        "答えが届いた様子を再生する",
        &[RUN, ("json", "イベントを一行に一つの JSON で出力する"), COLOR],
    ),
    (
        "path",
        "kaizodo journal path [RUN]",
        "記録のフォルダー、または実行のファイルの場所を出力する",
        &[RUN],
    ),
    ("pin", "kaizodo journal pin <RUN>", "実行をピン留めし、自分で消すまで残す", &[RUN]),
    ("unpin", "kaizodo journal unpin <RUN>", "実行のピン留めを外す", &[RUN]),
    (
        "rm",
        "kaizodo journal rm [--yes] <RUN>...",
        "実行を消す。ピン留めしたものも消す",
        &[
            (
                "runs",
                "実行の名前、名前の先頭部分、`last`（最後の実行）、`last~1`（その一つ前）、`last~2` …",
            ),
            ("yes", "尋ねずに消す"),
        ],
    ),
    (
        "prune",
        "kaizodo journal prune [--all | --older-than <DAYS>]",
        "設定の期間や大きさを超えた記録を消す。ピン留めしたものは残す",
        &[
            ("all", "実行中のものとピン留めしたものを除いて、すべて消す"),
            ("older_than", "設定にかかわらず、この日数を超えて書き込みのないものを消す"),
        ],
    ),
    (
        "guard",
        "kaizodo guard <PROGRAM> [ARGS]...",
        "標準入力が終わるまで、プログラムを動かす",
        &[("program", "プログラム"), ("args", "プログラムの引数")],
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
        &[("command", "マニュアルを見たいコマンド（`run` など）")],
    ),
];

/// Replaces the English texts of a command below `parent` with the Japanese ones. A test fails if
/// one is missing.
pub(crate) fn translate(command: Command, parent: &str) -> Command {
    let own = command.get_name();
    let whole = format!("{parent} {own}");
    let of = |wanted: &str| TEXTS.iter().find(|(name, ..)| *name == wanted);
    let found = of(&whole).or_else(|| of(own));
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
