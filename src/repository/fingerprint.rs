//! Fingerprints that identify exactly what a user trusts: the content of a repository at a path.

use ring::digest::{Context, SHA256};
use std::fmt;
use std::path::Path;

/// SHA-256 hash of a repository's root path and of all content that would be used, or of the root
/// path alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Computes the fingerprint of a root path and its files. Each file is given as its name in the
    /// repository and its bytes; the order of the files matters.
    pub(crate) fn new<'a>(root: &Path, files: impl Iterator<Item = (&'a str, &'a [u8])>) -> Self {
        let mut hash = Hash::new("kaizodo repository 1");
        hash.field(root.as_os_str().as_encoded_bytes());
        for (name, bytes) in files {
            hash.field(name.as_bytes());
            hash.field(bytes);
        }
        hash.finish()
    }

    /// Computes the fingerprint of a root path alone.
    pub(crate) fn of_root(root: &Path) -> Self {
        let mut hash = Hash::new("kaizodo root 1");
        hash.field(root.as_os_str().as_encoded_bytes());
        hash.finish()
    }

    /// Returns the first 128 bits in hexadecimal, for uses that are not security-critical.
    pub(crate) fn short(&self) -> String {
        self.to_string().chars().take(32).collect()
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

struct Hash(Context);

impl Hash {
    fn new(purpose: &str) -> Self {
        let mut hash = Hash(Context::new(&SHA256));
        hash.field(purpose.as_bytes());
        hash
    }

    /// Hashes a field with its length, so that different lists of fields never hash the same bytes.
    fn field(&mut self, bytes: &[u8]) {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    fn finish(self) -> Fingerprint {
        let digest = self.0.finish();
        let mut bytes = [0; 32];
        bytes.iter_mut().zip(digest.as_ref()).for_each(|(to, from)| *to = *from);
        Fingerprint(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn fingerprint(root: &str, files: &[(&str, &str)]) -> Fingerprint {
        let files = files.iter().map(|(name, text)| (*name, text.as_bytes()));
        Fingerprint::new(Path::new(root), files)
    }

    #[test]
    fn every_field_changes_the_fingerprint() {
        let all = [
            fingerprint("/r", &[]),
            fingerprint("/s", &[]),
            fingerprint("/r", &[("a", "b")]),
            fingerprint("/r", &[("a", "c")]),
            fingerprint("/r", &[("b", "b")]),
            fingerprint("/r", &[("ab", "")]),
            fingerprint("/r", &[("", "ab")]),
            fingerprint("/r", &[("a", ""), ("b", "")]),
            fingerprint("/r", &[("a", "b"), ("c", "d")]),
            fingerprint("/r", &[("c", "d"), ("a", "b")]),
            fingerprint("/r", &[("a", "bcd")]),
            fingerprint("/ra", &[]),
            Fingerprint::of_root(Path::new("/r")),
        ];
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
        assert_eq!(fingerprint("/r", &[("a", "b")]), all[2], "it is always the same");
    }

    #[test]
    fn it_is_sha_256_written_in_hexadecimal() {
        // printf '\x14\0\0\0\0\0\0\0kaizodo repository 1\x02\0\0\0\0\0\0\0/r' | sha256sum
        let hex = "c5bb46c4994e9ff8d7ce978db677015c66e26a766c7575cbfbc03329a27f123b";
        assert_eq!(fingerprint("/r", &[]).to_string(), hex);
    }
}
