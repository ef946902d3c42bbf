//! The kinds of secret, and what they are called.

use crate::lang::Lang;
use std::ops::Range;

/// A passage that looks secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Where, in bytes.
    pub range: Range<usize>,
    /// What it looks like.
    pub kind: SecretKind,
}

/// What a passage looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecretKind {
    /// A private key, or a part of one: PEM, OpenSSH, PGP.
    PrivateKey,
    /// A key of this service, which the reader knows as a key.
    Key(&'static str),
    /// A token of this service.
    Token(&'static str),
    /// A JSON Web Token (RFC 7519).
    Jwt,
    /// What follows `Authorization:` or `Bearer`.
    Authorization,
    /// The password of a URL (RFC 3986, `userinfo`).
    UrlPassword,
    /// A cookie's value.
    Cookie,
    /// What is assigned to a name such as `password`.
    Password,
}

impl SecretKind {
    /// Its name, to stand within a sentence.
    pub fn name(self, lang: Lang) -> String {
        match self {
            SecretKind::PrivateKey => lang.pick("秘密鍵".to_owned(), "private key".to_owned()),
            SecretKind::Key(of) => lang.pick(format!("{of} のキー"), format!("{of} key")),
            SecretKind::Token(of) => lang.pick(format!("{of} のトークン"), format!("{of} token")),
            SecretKind::Jwt => "JWT".to_owned(),
            SecretKind::Authorization => lang.pick("認証情報".to_owned(), "credentials".to_owned()),
            SecretKind::UrlPassword => {
                lang.pick("URL のパスワード".to_owned(), "password of a URL".to_owned())
            }
            SecretKind::Cookie => lang.pick("Cookie".to_owned(), "cookie".to_owned()),
            SecretKind::Password => lang.pick("パスワード".to_owned(), "password".to_owned()),
        }
    }

    /// What stands in its place.
    pub fn mark(self, lang: Lang) -> String {
        let name = self.name(lang);
        lang.pick(format!("⟨伏せ字: {name}⟩"), format!("⟨redacted: {name}⟩"))
    }
}
