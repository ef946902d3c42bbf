//! Tests with fixtures in which the secrets, all made up, stand between `⟦` and `⟧`.

use super::*;
use crate::lang::Lang;
use crate::privacy::SecretKind;
use crate::privacy::scan::READ;
use crate::privacy::{SecretPolicy, clear};
use proptest::prelude::*;

/// Checks that exactly the marked passages are found, as this kind.
fn check(kind: SecretKind, fixture: &str) {
    let text = fixture.replace(['⟦', '⟧'], "");
    let mut expected = Vec::new();
    for piece in fixture.split('⟦').skip(1) {
        let (secret, _) = piece.split_once('⟧').unwrap();
        expected.push((kind, secret.to_owned()));
    }
    let got: Vec<_> = find(&text).into_iter().map(|f| (f.kind, text[f.range].to_owned())).collect();
    assert_eq!(got, expected, "{fixture}");
}

#[test]
fn tokens_of_services() {
    let a36 = "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5";
    let hex = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
    for (kind, fixture) in [
        (SecretKind::Token("GitHub"), format!("鍵は⟦ghp_{a36}⟧です。")),
        (SecretKind::Token("GitHub"), format!("⟦gho_{a36}⟧\r\n⟦ghs_{a36}⟧ ⟦github_pat_{a36}_{a36}⟧")),
        (SecretKind::Token("GitLab"), "😀⟦glpat-aB3dE5fG7hJ9kL1mN3pQ⟧😀".into()),
        (SecretKind::Token("Slack"), "⟦xoxb-123456789012-1234567890123-aB3dE5fG7hJ9kL1mN3pQ5rS7⟧".into()),
        (SecretKind::Token("Slack"), "⟦xapp-1-A0B1C2D3E4F-1234567890123-0f1e2d3c4b5a69788796⟧".into()),
        (SecretKind::Token("Slack"), "https://⟦hooks.slack.com/services/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⟧".into()),
        (SecretKind::Key("Anthropic"), format!("⟦sk-ant-api03-{a36}_{a36}-AA⟧")),
        (SecretKind::Key("OpenAI"), format!("key=⟦sk-proj-{a36}-{a36}⟧;")),
        (SecretKind::Key("OpenAI"), "「⟦sk-aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9fG1hJ3⟧」".into()),
        (SecretKind::Key("OpenRouter"), format!("⟦sk-or-v1-{hex}{hex}⟧")),
        (SecretKind::Key("Google"), "⟦AIzaSyD1-aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vWx⟧".into()),
        (SecretKind::Key("Stripe"), "⟦sk_live_aB3dE5fG7hJ9kL1mN3pQ⟧ ⟦rk_live_aB3dE5fG7hJ9kL1mN3pQ⟧".into()),
        (SecretKind::Token("npm"), format!("//registry.npmjs.org/:_authToken=⟦npm_{a36}⟧")),
        (SecretKind::Token("PyPI"), format!("⟦pypi-AgEIcHlwaS5vcmc{a36}{a36}⟧")),
        (SecretKind::Token("Hugging Face"), "⟦hf_aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgH⟧".into()),
        (SecretKind::Key("age"), "# ⟦AGE-SECRET-KEY-1QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQPZRY9X8GF2TVDW0S3JN54KHCE⟧".into()),
        (SecretKind::Key("AWS"), "⟦AKIAQ2W3E4R5T6Y7U2I3⟧".into()),
        (SecretKind::Key("AWS"), "aws_access_key_id = ⟦AKIAQ2W3E4R5T6Y7U2I3⟧\naws_secret_access_key = ⟦aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3z/A5+bC⟧\n".into()),
        (SecretKind::Token("Telegram"), "⟦123456789:AAaB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1x-Y⟧".into()),
        (SecretKind::Jwt, "token eyJ: ⟦eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U⟧!".into()),
    ] {
        check(kind, &fixture);
    }
}

#[test]
fn an_aws_pair_is_one_or_two_passages_and_none_of_it_is_left() {
    let text = "AKIAQ2W3E4R5T6Y7U2I3,aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3z/A5+bC\n";
    let cleared = clear(text, SecretPolicy::Redact, Lang::En).unwrap();
    assert_eq!(cleared.text, "⟨redacted: AWS key⟩,⟨redacted: AWS key⟩\n");
}

#[test]
fn blocks_of_private_keys() {
    let line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDBj08sp5++4anG";
    let body = format!("{line}\n{line}\nAAECAw==\n");
    for name in ["PRIVATE KEY", "RSA PRIVATE KEY", "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY"] {
        let fixture = format!("前\r\n⟦-----BEGIN {name}-----\n{body}-----END {name}-----⟧\n後");
        check(SecretKind::PrivateKey, &fixture);
    }
    let pgp = format!(
        "-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: 1\n\n{body}=aBcD\n-----END PGP PRIVATE KEY BLOCK-----"
    );
    check(SecretKind::PrivateKey, &format!("a ⟦{pgp}⟧ b ⟦{pgp}⟧ c"));
    let json =
        r"-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END PRIVATE KEY-----";
    check(SecretKind::PrivateKey, &format!(r#"{{"private_key": "⟦{json}⟧\n"}}"#));
}

#[test]
fn blocks_in_quotations_and_diffs() {
    let line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDBj08sp5++4anG";
    for sign in ["-", "+", " ", "> "] {
        let block = format!(
            "-----BEGIN RSA PRIVATE KEY-----\n{sign}{line}\n{sign}{line}\n{sign}AAECAw==\n{sign}-----END RSA PRIVATE KEY-----"
        );
        check(SecretKind::PrivateKey, &format!("@@ -1,5 +0,0 @@\n{sign}⟦{block}⟧\n{sign}x = 1"));
        let cut = format!("-----BEGIN RSA PRIVATE KEY-----\n{sign}{line}\n{sign}{line}");
        check(SecretKind::PrivateKey, &format!("{sign}⟦{cut}⟧"));
        let cut = format!("{line}\n{sign}AAECAw==\n{sign}-----END RSA PRIVATE KEY-----");
        check(SecretKind::PrivateKey, &format!("⟦{sign}{cut}⟧\n{sign}x = 1"));
    }
}

#[test]
fn a_value_of_any_length_is_found_to_its_end() {
    let random: String = "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5".repeat(200);
    for (name, kind) in [
        ("api_key=", SecretKind::Password),
        ("token: ", SecretKind::Password),
        ("https://h/?sig=", SecretKind::Password),
        ("eyJhbGciOiJIUzI1NiJ9.eyJ", SecretKind::Jwt),
        ("アクセスキー：", SecretKind::Password),
    ] {
        let text = format!("see {name}{random} and more");
        let found = find(&text);
        assert_eq!(found.len(), 1, "{name}");
        let end = text.len() - " and more".len();
        assert_eq!((found[0].range.end, found[0].kind), (end, kind), "{name}");
    }
    // A shorter match at the same place, and signs where reading stops, do not hide the rest.
    for value in [
        format!("ghp_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5.{random}"),
        random[..1022].to_owned() + "...." + &random,
    ] {
        let text = format!("token={value} and more");
        assert_eq!(find(&text).last().unwrap().range, 6..6 + value.len());
        assert_eq!(find(&text).len(), 1);
    }
    let text = format!("アクセスキー：k={random};v={random},x 以上");
    assert_eq!(find(&text).last().unwrap().range.end, text.len() - " 以上".len());
    // What stands behind a long value is left.
    let json = format!("{{\"access_token\":\"{random}\",\"expires_in\":3600}}");
    let found = find(&json);
    assert_eq!((found.len(), &json[found[0].range.end..]), (1, "\",\"expires_in\":3600}"));
}

#[test]
fn blocks_that_the_selection_cut() {
    let line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDBj08sp5++4anG";
    check(SecretKind::PrivateKey, &format!("⟦-----BEGIN PRIVATE KEY-----\n{line}\n{line}\nAAEC⟧"));
    check(
        SecretKind::PrivateKey,
        &format!("⟦-----BEGIN PRIVATE KEY-----\n{line}\n{line}⟧\n\nThanks\n"),
    );
    check(SecretKind::PrivateKey, "⟦-----BEGIN PRIVATE KEY-----\nMIIEvQIBAD⟧");
    check(SecretKind::PrivateKey, "⟦-----BEGIN PRIVATE KEY-----⟧\nis how one begins.\n");
    check(
        SecretKind::PrivateKey,
        &format!("⟦IBADAN\n{line}\nAAEC\n-----END PRIVATE KEY-----⟧\nafter"),
    );
    check(SecretKind::PrivateKey, &format!("text of this\n⟦{line}\n-----END PRIVATE KEY-----⟧"));
    check(
        SecretKind::PrivateKey,
        &format!(
            "⟦-----BEGIN PRIVATE KEY-----\n{line}⟧\nx\n⟦-----BEGIN PRIVATE KEY-----\n{line}\n-----END PRIVATE KEY-----⟧"
        ),
    );
}

#[test]
fn what_is_assigned_to_a_name() {
    for fixture in [
        r#"password = "⟦tr0ub4dor&3⟧""#,
        r#"{"password": "⟦hunter2hunter⟧", "user": "anna1234"}"#,
        "DB_PASSWORD=⟦s3cr3tP4ss⟧\nDB_HOST=db1.internal",
        "export API_KEY=⟦0f1e2d3c4b5a6978⟧ && run",
        "password: ⟦tr0ub4dor&3⟧",
        "client_secret: ⟦aB3dE5fG7hJ9kL1mN3pQ5rS7⟧",
        "パスワード: ⟦tr0ub4dor&3⟧ です",
        "パスワードは「⟦Xk29sPq8⟧」です",
        "apiKey: '⟦0f1e2d3c4b5a69788796a5b4c3d2e1f0⟧',",
        "f(password=⟦abc123X⟧, y)",
        "f(user=a,password=⟦abc123X⟧,y)",
        "DB_PASSWORD=⟦kX9$m2(vQ7!pL4zR8⟧",
        "MYSQL_PASSWORD=⟦ab(Kx93!vQ7pL4⟧",
        r#""password": "⟦Sup3rS3\"cretTail99!⟧", "x": 1"#,
        r"password = '⟦Sup3rS3\⟧'",
        "PASSWORD '⟦kX9m2Q''vQ7pL4zR8⟧';",
    ] {
        check(SecretKind::Password, fixture);
    }
    check(
        SecretKind::UrlPassword,
        "postgres://app:⟦hunter2⟧@db.internal:5432/app と https://u:⟦p1x⟧@h/ https://u:⟦p@ss@w0rd⟧@h",
    );
    check(
        SecretKind::Authorization,
        r#"curl -H "Authorization: Bearer ⟦aB3dE5fG7hJ9kL1mN3pQ5rS7⟧" x"#,
    );
}

#[test]
fn what_is_no_secret() {
    for text in [
        "The token is the unit of text; a secret: keep it short.",
        "let token = parser.next_token(); let tokens2 = count_tokens_v2(x);",
        "password = os.environ['DB_PASSWORD_1']",
        "password: ${DB_PASSWORD_1}",
        "API_KEY=your-api-key-1 # changeme123",
        "max_tokens: 4096, tokenizer: \"cl100k_base\"",
        "token: Token2Kind,",
        "secret: &'static str1234",
        "https://user:password@host/, https://user@host/, https://host:8080/a@b, git@github.com:a/b",
        "http://localhost:11434/api and http://[::1]:8080/@x",
        "sk-learn sk-toggleable sk-estimator__content npm_config_cache npm_lifecycle_event hf_hub",
        "AKIAIOSFODNN7EXAMPLE is what the manual shows",
        "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkq\n-----END PUBLIC KEY-----",
        "-----BEGIN CERTIFICATE-----\nMIIBIjANBgkq\n-----END CERTIFICATE-----",
        "commit 3fc177941c3b5a69788796a5b4c3d2e1f00f1e2d and e3b0c44298fc1c149afbf4c8996fb924",
        "550e8400-e29b-41d4-a716-446655440000",
        "eyJub3QganNvbiE.eyJzdWIiOiIxIn0aaaa.c2lnbmF0dXJl",
        "秘密は守る。トークンは 12 個。パスワードは八文字以上にする。",
        "Authorization: Bearer <token>, Bearer $TOKEN, bearer of bad news12345678",
        "glpat-xxxxxxxxxxxxxxxxxxxx ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    ] {
        assert_eq!(find(text), [], "{text}");
    }
}

#[test]
fn marks_stand_in_the_place_of_secrets_and_nothing_else_changes() {
    let a36 = "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5";
    let text = format!("鍵は ghp_{a36}、\r\n😀 password=\"tr0ub4dor&3\"\r\n次も ghp_{a36}\r\n");
    let ja = clear(&text, SecretPolicy::Redact, Lang::Ja).unwrap();
    assert_eq!(
        ja.text,
        "鍵は ⟨伏せ字: GitHub のトークン⟩、\r\n😀 password=\"⟨伏せ字: パスワード⟩\"\r\n次も ⟨伏せ字: GitHub のトークン⟩\r\n"
    );
    assert!(
        ja.notes[0]
            .starts_with("秘密らしいもの（GitHub のトークン × 2、パスワード）は伏せました。"),
        "{:?}",
        ja.notes
    );
    let en = clear(&text, SecretPolicy::Allow, Lang::En).unwrap();
    assert_eq!(en.text, text);
    assert!(
        en.notes[0].contains("(GitHub token × 2, password) were not redacted"),
        "{:?}",
        en.notes
    );
    let refused = clear(&text, SecretPolicy::Refuse, Lang::En).unwrap_err();
    assert_eq!(refused, [(SecretKind::Token("GitHub"), 2), (SecretKind::Password, 1)]);
    let plain = clear("nothing here", SecretPolicy::Refuse, Lang::En).unwrap();
    assert_eq!((plain.text.as_str(), plain.notes.len()), ("nothing here", 0));
}

#[test]
fn a_name_that_stood_behind_a_secret_is_seen() {
    let text = "-----BEGIN RSA PRIVATE KEY-----SECRET=0\\aabA*#";
    let cleared = clear(text, SecretPolicy::Redact, Lang::En).unwrap();
    assert_eq!(cleared.text, "⟨redacted: private key⟩SECRET=⟨redacted: password⟩");
}

proptest! {
    /// Matches lie in the text, in order and without overlaps; a cleared text has no secrets left.
    #[test]
    fn any_text_is_taken(pieces in proptest::collection::vec(piece(), 0..12)) {
        let text = pieces.concat();
        let mut end = 0;
        for found in find(&text) {
            prop_assert!(found.range.start >= end && found.range.start < found.range.end);
            prop_assert!(text.get(found.range.clone()).is_some());
            end = found.range.end;
        }
        let once = clear(&text, SecretPolicy::Redact, Lang::En).unwrap().text;
        let twice = clear(&once, SecretPolicy::Redact, Lang::En).unwrap().text;
        prop_assert_eq!(&once, &twice);
        prop_assert!(clear(&once, SecretPolicy::Refuse, Lang::En).is_ok());
    }

    /// A token is found whatever surrounds it, except for characters that would be part of it.
    #[test]
    fn a_token_is_found_anywhere(before in ".{0,20}[^0-9A-Za-z_]|", after in "[^0-9A-Za-z_].{0,20}|") {
        let token = "ghp_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5";
        let text = format!("{before}{token}{after}");
        let cleared = clear(&text, SecretPolicy::Redact, Lang::En).unwrap();
        prop_assert!(!cleared.text.contains(token), "{}", cleared.text);
    }
}

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,20}",
        Just("\n".to_owned()),
        Just("-----BEGIN RSA PRIVATE KEY-----".to_owned()),
        Just("-----END RSA PRIVATE KEY-----".to_owned()),
        "[A-Za-z0-9+/]{40,64}\n",
        "(password|token|api_key|SECRET|パスワード) ?[=:] ?\"?[!-~]{4,20}\"?",
        "(ghp_|sk-|AKIA|glpat-|xoxb-|eyJ|https://a:)[A-Za-z0-9@._-]{10,60}",
        Just("⟨redacted: password⟩".to_owned()),
    ]
}

/// Text that is hard for the rules takes roughly linear time: for eight times as much text, the
/// limit is 32 times as long, so quadratic time fails.
#[test]
fn time_grows_no_faster_than_the_text() {
    let hard = "-----BEGIN PRIVATE KEY-----\npassword=aaaaaaaa token: \"x eyJhbGciOi.eyJ https://a:b sk-ant- AKIA ghp_ 鍵 ";
    for piece in [hard, "pw=", "Key1=", "eyJ.", "sig=&", "https://a:b?key="] {
        let time = |bytes: usize| {
            let text = piece.repeat(bytes / piece.len());
            let start = std::time::Instant::now();
            std::hint::black_box(find(&text));
            start.elapsed()
        };
        time(4000);
        let best = |bytes| (0..2).map(|_| time(bytes)).min().unwrap();
        let (small, large) = (best(5000), best(40_000));
        assert!(large < small * 32, "{piece}: {small:?} for 5 kB, {large:?} for 40 kB");
    }
}

/// Counts what is read instead of the time: for eight times as much text, about eight times as much.
#[test]
fn what_is_read_grows_no_faster_than_the_text() {
    for piece in [
        "token ",
        "token: ",
        "password is token was ",
        "pin ",
        "auth(",
        "connect(a, ",
        "login(a,é",
        "bearer/",
        "bearer bearer/",
        "authorization=basic/",
        "pw=\"\"",
        "pw=''",
        "pw=\"\\\"",
        "pw=\\\"\\\\\\\"",
        "PW=ab1Xy(",
        "PW=ab1XyZ;",
        "pw:ab1XyZ,",
        "パスワード",
        "パスワード：ab1XyZ(",
        "https://a:b@",
        "password: &str ",
        "ID/PASS: admin ",
        "sshpass -p 'ab1XyZ9",
    ] {
        let read = |bytes: usize| {
            let text = piece.repeat(bytes / piece.len());
            READ.set(0);
            std::hint::black_box(find(&text));
            READ.get()
        };
        // Up to the maximum length of a value, each may be read whole.
        let (small, large) = (read(4_000), read(32_000));
        assert!(large < (small + 10_000) * 12, "{piece}: {small} for 4 kB, {large} for 32 kB");
    }
}
