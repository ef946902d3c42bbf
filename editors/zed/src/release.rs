//! Names of what a release holds, and of the folders that the extension keeps it in.

use zed_extension_api::{Architecture, Os};

/// Where releases are: `owner/name` on GitHub.
pub const REPOSITORY: &str = "OWNER_/kaizodo";

const PREFIX: &str = "kaizodo-";

/// The archive for one platform.
pub struct Archive {
    target: &'static str,
}

impl Archive {
    /// The one for this platform. On Linux it is linked statically, so that it runs on any distribution. Windows on ARM
    /// runs the program for x86-64.
    pub fn of(os: Os, architecture: Architecture) -> Result<Self, String> {
        let target = match (os, architecture) {
            (Os::Linux, Architecture::X8664) => "x86_64-unknown-linux-musl",
            (Os::Linux, Architecture::Aarch64) => "aarch64-unknown-linux-musl",
            (Os::Mac, Architecture::X8664) => "x86_64-apple-darwin",
            (Os::Mac, Architecture::Aarch64) => "aarch64-apple-darwin",
            (Os::Windows, Architecture::X8664 | Architecture::Aarch64) => "x86_64-pc-windows-msvc",
            (_, Architecture::X86) => {
                return Err("There is no release of kaizodo for this platform. Build it with cargo install kaizodo.".into())
            }
        };
        Ok(Self { target })
    }

    pub fn is_zip(&self) -> bool {
        self.target.contains("windows")
    }

    pub fn file_name(&self) -> String {
        format!("kaizodo-{}.{}", self.target, if self.is_zip() { "zip" } else { "tar.gz" })
    }

    /// The program's path once the archive is unpacked. A zip file has no folder of its own.
    pub fn program(&self, version: &str) -> String {
        let folder = folder(version);
        if self.is_zip() {
            format!("{folder}/kaizodo.exe")
        } else {
            format!("{folder}/kaizodo-{}/kaizodo", self.target)
        }
    }
}

/// The folder that a version is unpacked into.
pub fn folder(version: &str) -> String {
    format!("{PREFIX}{version}")
}

/// The version that a folder holds.
pub fn version(folder: &str) -> Option<&str> {
    folder.strip_prefix(PREFIX)
}

/// Whether a folder holds a version that has been replaced.
pub fn is_old(folder: &str, current: &str) -> bool {
    folder.starts_with(PREFIX) && folder != current
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(os: Os, architecture: Architecture) -> (String, String) {
        let archive = Archive::of(os, architecture).ok().expect("there is one");
        (archive.file_name(), archive.program("v1.2.3"))
    }

    fn pair(file: &str, program: &str) -> (String, String) {
        (file.to_owned(), program.to_owned())
    }

    #[test]
    fn every_platform_has_its_archive_and_its_program() {
        assert_eq!(
            names(Os::Linux, Architecture::X8664),
            pair(
                "kaizodo-x86_64-unknown-linux-musl.tar.gz",
                "kaizodo-v1.2.3/kaizodo-x86_64-unknown-linux-musl/kaizodo"
            )
        );
        assert_eq!(
            names(Os::Mac, Architecture::Aarch64),
            pair(
                "kaizodo-aarch64-apple-darwin.tar.gz",
                "kaizodo-v1.2.3/kaizodo-aarch64-apple-darwin/kaizodo"
            )
        );
        for architecture in [Architecture::X8664, Architecture::Aarch64] {
            assert_eq!(
                names(Os::Windows, architecture),
                pair("kaizodo-x86_64-pc-windows-msvc.zip", "kaizodo-v1.2.3/kaizodo.exe")
            );
        }
        assert!(Archive::of(Os::Linux, Architecture::X86).is_err());
    }

    #[test]
    fn a_release_has_every_archive_that_is_asked_for() {
        let manifest = include_str!("../../../Cargo.toml");
        for os in [Os::Linux, Os::Mac, Os::Windows] {
            for architecture in [Architecture::X8664, Architecture::Aarch64] {
                let archive = Archive::of(os, architecture).ok().expect("there is one");
                assert!(
                    manifest.contains(&format!("    \"{}\",\n", archive.target)),
                    "{}",
                    archive.target
                );
            }
        }
    }

    #[test]
    fn only_folders_of_other_versions_are_old() {
        let current = folder("v0.2.0");
        assert!(is_old("kaizodo-v0.1.0", &current));
        assert!(!is_old(&current, &current) && !is_old("notes", &current));
        assert_eq!(version("kaizodo-v0.1.0"), Some("v0.1.0"));
        assert_eq!(version("notes"), None);
    }
}
