//! The kinds of secrets, and their names.

use crate::lang::Lang;
use std::ops::Range;

/// A passage that looks like a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Byte range of the passage.
    pub range: Range<usize>,
    /// The kind of secret that the passage looks like.
    pub kind: SecretKind,
}

/// The kind of secret that a passage looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecretKind {
    /// A private key, or a part of one: PEM, OpenSSH, PGP.
    PrivateKey,
    /// A secret of the named service that its users call a key.
    Key(&'static str),
    /// A token of the named service.
    Token(&'static str),
    /// A JSON Web Token (RFC 7519).
    Jwt,
    /// A credential after `Authorization:` or `Bearer`.
    Authorization,
    /// The password in a URL (RFC 3986, `userinfo`).
    UrlPassword,
    /// A cookie's value.
    Cookie,
    /// A value assigned to a name such as `password`.
    Password,
}

impl SecretKind {
    /// Returns the name of the kind, for use within a sentence.
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

    /// Returns the mark that replaces a secret of this kind.
    pub fn mark(self, lang: Lang) -> String {
        let name = self.name(lang);
        lang.pick(format!("⟨伏せ字: {name}⟩"), format!("⟨redacted: {name}⟩"))
    }
}
