//! Finds tokens by the prefixes that services give them. The shapes follow the services'
//! documentation and the rules of gitleaks. Word boundaries are ASCII, since Japanese has no
//! spaces.

use super::kind::{Match, SecretKind};
use super::value;
use std::ops::Range;

/// The characters of a token after its prefix.
#[derive(Clone, Copy)]
enum Of {
    /// `0-9A-Za-z`.
    Alnum,
    /// `0-9A-Za-z_`.
    Word,
    /// `0-9A-Za-z_-`.
    Url,
    /// `0-9A-Za-z_.-`.
    Dotted,
    /// `0-9A-Za-z+/=_-`.
    Base64,
    /// `0-9A-Za-z/_-`.
    Path,
    /// `0-9A-F`, in either case.
    Hex,
    /// `A-Z2-7`.
    Base32,
}

impl Of {
    fn has(self, byte: u8) -> bool {
        match self {
            Of::Alnum => byte.is_ascii_alphanumeric(),
            Of::Word => byte.is_ascii_alphanumeric() || byte == b'_',
            Of::Url => byte.is_ascii_alphanumeric() || b"_-".contains(&byte),
            Of::Dotted => byte.is_ascii_alphanumeric() || b"_-.".contains(&byte),
            Of::Base64 => byte.is_ascii_alphanumeric() || b"_-+/=".contains(&byte),
            Of::Path => byte.is_ascii_alphanumeric() || b"_-/".contains(&byte),
            Of::Hex => byte.is_ascii_hexdigit(),
            Of::Base32 => byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte),
        }
    }
}

/// The shape of a token: kind, prefix, characters after the prefix, and how many of them.
struct Shape(SecretKind, &'static str, Of, Range<usize>);

/// No upper bound.
const ANY: usize = usize::MAX;

const SHAPES: &[Shape] = &[
    Shape(SecretKind::Key("AWS"), "AKIA", Of::Base32, 16..17),
    Shape(SecretKind::Key("AWS"), "ASIA", Of::Base32, 16..17),
    Shape(SecretKind::Key("AWS"), "ABIA", Of::Base32, 16..17),
    Shape(SecretKind::Key("AWS"), "ACCA", Of::Base32, 16..17),
    Shape(SecretKind::Token("GitHub"), "ghp_", Of::Alnum, 36..ANY),
    Shape(SecretKind::Token("GitHub"), "gho_", Of::Alnum, 36..ANY),
    Shape(SecretKind::Token("GitHub"), "ghr_", Of::Alnum, 36..ANY),
    Shape(SecretKind::Token("GitHub"), "ghs_", Of::Dotted, 36..ANY),
    Shape(SecretKind::Token("GitHub"), "ghu_", Of::Alnum, 36..ANY),
    Shape(SecretKind::Token("GitHub"), "github_pat_", Of::Word, 22..ANY),
    Shape(SecretKind::Token("GitLab"), "glpat-", Of::Dotted, 20..ANY),
    Shape(SecretKind::Token("GitLab"), "glptt-", Of::Dotted, 20..ANY),
    Shape(SecretKind::Token("GitLab"), "gloas-", Of::Dotted, 20..ANY),
    Shape(SecretKind::Token("GitLab"), "glcbt-", Of::Dotted, 20..ANY),
    Shape(SecretKind::Token("GitLab"), "glrt-", Of::Dotted, 20..ANY),
    Shape(SecretKind::Token("GitLab"), "gldt-", Of::Dotted, 20..ANY),
    Shape(SecretKind::Token("GitLab"), "glsoat-", Of::Dotted, 20..ANY),
    Shape(SecretKind::Token("GitLab"), "glagent-", Of::Dotted, 20..ANY),
    Shape(SecretKind::Token("Slack"), "xoxa-", Of::Url, 10..ANY),
    Shape(SecretKind::Token("Slack"), "xoxb-", Of::Url, 10..ANY),
    Shape(SecretKind::Token("Slack"), "xoxe-", Of::Url, 10..ANY),
    Shape(SecretKind::Token("Slack"), "xoxe.xox", Of::Url, 10..ANY),
    Shape(SecretKind::Token("Slack"), "xoxo-", Of::Url, 10..ANY),
    Shape(SecretKind::Token("Slack"), "xoxp-", Of::Url, 10..ANY),
    Shape(SecretKind::Token("Slack"), "xoxr-", Of::Url, 10..ANY),
    Shape(SecretKind::Token("Slack"), "xoxs-", Of::Url, 10..ANY),
    Shape(SecretKind::Token("Slack"), "xapp-", Of::Url, 20..ANY),
    Shape(SecretKind::Token("Slack"), "hooks.slack.com/services/", Of::Base64, 20..ANY),
    Shape(SecretKind::Token("Slack"), "hooks.slack.com/workflows/", Of::Base64, 20..ANY),
    Shape(SecretKind::Token("Slack"), "hooks.slack.com/triggers/", Of::Base64, 20..ANY),
    Shape(SecretKind::Key("Anthropic"), "sk-ant-", Of::Url, 20..ANY),
    Shape(SecretKind::Key("OpenRouter"), "sk-or-", Of::Url, 20..ANY),
    Shape(SecretKind::Key("OpenAI"), "sk-proj-", Of::Url, 20..ANY),
    Shape(SecretKind::Key("OpenAI"), "sk-svcacct-", Of::Url, 20..ANY),
    Shape(SecretKind::Key("OpenAI"), "sk-admin-", Of::Url, 20..ANY),
    Shape(SecretKind::Key("OpenAI"), "sk-None-", Of::Url, 20..ANY),
    // Also DeepSeek and others.
    Shape(SecretKind::Key("OpenAI"), "sk-", Of::Alnum, 32..ANY),
    Shape(SecretKind::Key("Google"), "AIza", Of::Url, 35..36),
    Shape(SecretKind::Token("Google"), "ya29.", Of::Url, 20..ANY),
    Shape(SecretKind::Key("Google"), "GOCSPX-", Of::Url, 28..29),
    Shape(SecretKind::Key("Stripe"), "sk_live_", Of::Alnum, 10..ANY),
    Shape(SecretKind::Key("Stripe"), "sk_test_", Of::Alnum, 10..ANY),
    Shape(SecretKind::Key("Stripe"), "rk_live_", Of::Alnum, 10..ANY),
    Shape(SecretKind::Key("Stripe"), "rk_test_", Of::Alnum, 10..ANY),
    Shape(SecretKind::Key("Stripe"), "whsec_", Of::Base64, 24..ANY),
    Shape(SecretKind::Token("npm"), "npm_", Of::Alnum, 36..37),
    Shape(SecretKind::Token("PyPI"), "pypi-", Of::Url, 50..ANY),
    Shape(SecretKind::Token("crates.io"), "cio", Of::Alnum, 32..33),
    Shape(SecretKind::Token("Hugging Face"), "hf_", Of::Alnum, 34..ANY),
    Shape(SecretKind::Token("Hugging Face"), "api_org_", Of::Alnum, 34..ANY),
    Shape(SecretKind::Key("Groq"), "gsk_", Of::Alnum, 40..ANY),
    Shape(SecretKind::Key("xAI"), "xai-", Of::Alnum, 60..ANY),
    Shape(SecretKind::Key("Perplexity"), "pplx-", Of::Alnum, 40..ANY),
    Shape(SecretKind::Key("SendGrid"), "SG.", Of::Dotted, 50..ANY),
    Shape(SecretKind::Token("DigitalOcean"), "dop_v1_", Of::Hex, 64..65),
    Shape(SecretKind::Token("DigitalOcean"), "doo_v1_", Of::Hex, 64..65),
    Shape(SecretKind::Token("DigitalOcean"), "dor_v1_", Of::Hex, 64..65),
    Shape(SecretKind::Token("Databricks"), "dapi", Of::Hex, 32..33),
    Shape(SecretKind::Token("Shopify"), "shpat_", Of::Hex, 32..33),
    Shape(SecretKind::Token("Shopify"), "shpca_", Of::Hex, 32..33),
    Shape(SecretKind::Token("Shopify"), "shpss_", Of::Hex, 32..33),
    Shape(SecretKind::Token("Vault"), "hvs.", Of::Url, 60..ANY),
    Shape(SecretKind::Token("Vault"), "hvb.", Of::Url, 60..ANY),
    Shape(SecretKind::Token("Grafana"), "glsa_", Of::Word, 32..ANY),
    Shape(SecretKind::Token("Grafana"), "glc_", Of::Base64, 32..ANY),
    Shape(SecretKind::Key("Linear"), "lin_api_", Of::Alnum, 40..41),
    Shape(SecretKind::Token("Notion"), "ntn_", Of::Alnum, 40..ANY),
    Shape(SecretKind::Key("age"), "AGE-SECRET-KEY-1", Of::Alnum, 58..59),
    Shape(SecretKind::Key("age"), "age-secret-key-1", Of::Alnum, 58..59),
    Shape(SecretKind::Key("Mailgun"), "key-", Of::Hex, 32..33),
    Shape(SecretKind::Key("Tailscale"), "tskey-", Of::Url, 20..ANY),
    Shape(SecretKind::Token("SonarQube"), "squ_", Of::Hex, 40..41),
    Shape(SecretKind::Token("SonarQube"), "sqp_", Of::Hex, 40..41),
    Shape(SecretKind::Token("Docker"), "dckr_pat_", Of::Url, 27..ANY),
    Shape(SecretKind::Token("Docker"), "dckr_oat_", Of::Url, 27..ANY),
    Shape(SecretKind::Token("Figma"), "figd_", Of::Url, 40..ANY),
    Shape(SecretKind::Token("Sentry"), "sntrys_", Of::Base64, 40..ANY),
    Shape(SecretKind::Token("Sentry"), "sntryu_", Of::Hex, 64..65),
    Shape(SecretKind::Token("Replicate"), "r8_", Of::Alnum, 37..ANY),
    Shape(SecretKind::Key("NVIDIA"), "nvapi-", Of::Url, 60..ANY),
    Shape(SecretKind::Key("Tavily"), "tvly-", Of::Url, 24..ANY),
    Shape(SecretKind::Key("Postman"), "PMAK-", Of::Url, 50..ANY),
    Shape(SecretKind::Key("Brevo"), "xkeysib-", Of::Url, 64..ANY),
    Shape(SecretKind::Token("Supabase"), "sbp_", Of::Hex, 40..41),
    Shape(SecretKind::Token("PlanetScale"), "pscale_", Of::Dotted, 32..ANY),
    Shape(SecretKind::Token("Atlassian"), "ATATT3", Of::Base64, 100..ANY),
    Shape(SecretKind::Token("RubyGems"), "rubygems_", Of::Hex, 48..49),
    Shape(SecretKind::Token("LangSmith"), "lsv2_pt_", Of::Word, 32..ANY),
    Shape(SecretKind::Token("Doppler"), "dp.pt.", Of::Alnum, 40..ANY),
    Shape(SecretKind::Token("Mapbox"), "sk.eyJ", Of::Dotted, 40..ANY),
    Shape(SecretKind::Token("Google"), "1//0", Of::Url, 40..ANY),
    Shape(SecretKind::Token("Slack"), "xoxc-", Of::Url, 10..ANY),
    Shape(SecretKind::Token("Slack"), "xoxd-", Of::Base64, 10..ANY),
    Shape(SecretKind::Token("Discord"), "discord.com/api/webhooks/", Of::Path, 60..ANY),
    Shape(SecretKind::Token("Discord"), "discordapp.com/api/webhooks/", Of::Path, 60..ANY),
    // Base64 of `-----BEGIN … PRIVATE KEY`, as in Kubernetes secrets.
    Shape(SecretKind::PrivateKey, "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS", Of::Base64, 20..ANY),
    Shape(SecretKind::PrivateKey, "LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVkt", Of::Base64, 20..ANY),
    Shape(SecretKind::PrivateKey, "LS0tLS1CRUdJTiBFQyBQUklWQVRFIEtFWS", Of::Base64, 20..ANY),
    Shape(SecretKind::PrivateKey, "LS0tLS1CRUdJTiBPUEVOU1NIIFBSSVZBVEUgS0VZ", Of::Base64, 20..ANY),
    Shape(
        SecretKind::PrivateKey,
        "LS0tLS1CRUdJTiBFTkNSWVBURUQgUFJJVkFURSBLRVkt",
        Of::Base64,
        20..ANY,
    ),
    Shape(SecretKind::Jwt, "eyJ", Of::Dotted, 30..ANY),
];

/// Returns the keys and tokens in a text that have a known shape.
pub(crate) fn find(text: &str) -> Vec<Match> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut before = b' ';
    let mut done = 0;
    for (at, byte) in bytes.iter().copied().enumerate() {
        let starts = !Of::Word.has(before) && at >= done;
        before = byte;
        if !starts || !byte.is_ascii_alphanumeric() {
            continue;
        }
        let rest = bytes.get(at..).unwrap_or_default();
        if let Some((kind, length)) = token(rest) {
            done = at + length;
            out.push(Match { range: at..done, kind });
            if matches!(kind, SecretKind::Key("AWS"))
                && let Some(pair) = behind_an_aws_key(bytes.get(done..).unwrap_or_default())
            {
                out.push(Match { range: done + pair.start..done + pair.end, kind });
                done += pair.end;
            }
        } else if byte.is_ascii_digit()
            && let Some(length) = telegram(rest)
        {
            done = at + length;
            out.push(Match { range: at..done, kind: SecretKind::Token("Telegram") });
        }
    }
    out
}

/// Returns the kind and length of the token at the start of `bytes`.
fn token(bytes: &[u8]) -> Option<(SecretKind, usize)> {
    SHAPES.iter().find_map(|Shape(kind, start, of, lengths)| {
        let body = bytes.strip_prefix(start.as_bytes())?;
        let mut length = run(body, *of);
        let is_long = length == RUN_MAX;
        // A full stop at the end of a sentence is not part of the token.
        while length > 0 && matches!(of, Of::Dotted) && body.get(length - 1) == Some(&b'.') {
            length -= 1;
        }
        let goes_on = !is_long && body.get(length).is_some_and(|byte| Of::Word.has(*byte));
        let text = std::str::from_utf8(bytes.get(..start.len() + length)?).ok()?;
        let judge = if *kind == SecretKind::Jwt { value::is_jwt } else { value::is_random };
        (lengths.contains(&length) && !goes_on && judge(text)).then_some((*kind, text.len()))
    })
}

/// Maximum number of bytes of a token that are read, because one text may contain many beginnings.
/// A longer token is taken to its end in [`super::find()`].
const RUN_MAX: usize = 4096;

/// Returns the number of leading bytes in a character class, at most [`RUN_MAX`].
fn run(bytes: &[u8], of: Of) -> usize {
    let bytes = bytes.get(..RUN_MAX).unwrap_or(bytes);
    bytes.iter().position(|byte| !of.has(*byte)).unwrap_or(bytes.len())
}

/// Returns the secret access key that directly follows an AWS access key ID.
fn behind_an_aws_key(bytes: &[u8]) -> Option<Range<usize>> {
    let start = bytes.iter().position(|byte| !b" \t\r\n,;:|/\"'`".contains(byte))?;
    let length = run(bytes.get(start..)?, Of::Base64);
    let text = std::str::from_utf8(bytes.get(start..start + length)?).ok()?;
    let is_it = (1..=6).contains(&start) && value::is_aws_secret(text);
    is_it.then_some(start..start + length)
}

/// Returns the length of a Telegram bot token: the bot's number, a colon and 35 characters.
fn telegram(bytes: &[u8]) -> Option<usize> {
    let digits = bytes.iter().position(|byte| !byte.is_ascii_digit())?;
    let body = bytes.get(digits..)?.strip_prefix(b":AA")?;
    ((8..=10).contains(&digits) && run(body, Of::Url) == 33).then_some(digits + 36)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A prefix must come before any shorter prefix of it, or it would never match.
    #[test]
    fn no_prefix_hides_a_longer_one() {
        for (at, Shape(_, start, ..)) in SHAPES.iter().enumerate() {
            let earlier = SHAPES.iter().take(at).find(|Shape(_, s, ..)| start.starts_with(s));
            assert!(earlier.is_none(), "{start}");
        }
    }
}
