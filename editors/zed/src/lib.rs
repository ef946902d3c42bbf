//! The extension for Zed: starts `kaizodo lsp` where it is found, else the newest release, and passes the settings on.

mod release;

use release::{Archive, REPOSITORY};
use std::fs;
use zed_extension_api::{
    self as zed, serde_json::json, serde_json::Value, settings::LspSettings, Command,
    DownloadedFileType, GithubReleaseOptions, LanguageServerId,
    LanguageServerInstallationStatus as Status, Result, Worktree,
};

struct Kaizodo {
    /// What was downloaded in this session.
    program: Option<String>,
}

impl Kaizodo {
    /// The program of the newest release, downloaded once. When the network fails, the one that is there is used.
    fn downloaded(&mut self, server: &LanguageServerId) -> Result<String> {
        if let Some(program) = self.program.as_ref().filter(|program| is_file(program)) {
            return Ok(program.clone());
        }
        zed::set_language_server_installation_status(server, &Status::CheckingForUpdate);
        let (os, architecture) = zed::current_platform();
        let archive = Archive::of(os, architecture)?;
        let program = match newest(server, &archive) {
            Ok(program) => program,
            Err(error) => earlier(&archive).ok_or_else(|| {
                zed::set_language_server_installation_status(
                    server,
                    &Status::Failed(error.clone()),
                );
                error
            })?,
        };
        zed::set_language_server_installation_status(server, &Status::None);
        self.program = Some(program.clone());
        Ok(program)
    }
}

fn newest(server: &LanguageServerId, archive: &Archive) -> Result<String> {
    let options = GithubReleaseOptions { require_assets: true, pre_release: false };
    let release = zed::latest_github_release(REPOSITORY, options)?;
    let program = archive.program(&release.version);
    if is_file(&program) {
        return Ok(program);
    }
    let asset = release.assets.iter().find(|asset| asset.name == archive.file_name());
    let asset = asset
        .ok_or_else(|| format!("release {} has no {}", release.version, archive.file_name()))?;
    zed::set_language_server_installation_status(server, &Status::Downloading);
    let folder = release::folder(&release.version);
    let kind = if archive.is_zip() { DownloadedFileType::Zip } else { DownloadedFileType::GzipTar };
    zed::download_file(&asset.download_url, &folder, kind)?;
    zed::make_file_executable(&program)?;
    for old in folders().into_iter().filter(|name| release::is_old(name, &folder)) {
        // A folder that stays costs disk space and nothing else.
        let _ = fs::remove_dir_all(old);
    }
    Ok(program)
}

/// A program that an earlier session downloaded.
fn earlier(archive: &Archive) -> Option<String> {
    let versions =
        folders().into_iter().filter_map(|name| release::version(&name).map(str::to_owned));
    versions.map(|version| archive.program(&version)).find(|program| is_file(program))
}

/// What stands in the extension's own folder.
fn folders() -> Vec<String> {
    let entries = fs::read_dir(".").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

fn is_file(path: &str) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_file())
}

impl zed::Extension for Kaizodo {
    fn new() -> Self {
        Self { program: None }
    }

    fn language_server_command(
        &mut self,
        server: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Command> {
        let binary =
            LspSettings::for_worktree(server.as_ref(), worktree).ok().and_then(|s| s.binary);
        let (path, arguments, env) = match binary {
            Some(binary) => (binary.path, binary.arguments, binary.env),
            None => (None, None, None),
        };
        let command = match path.or_else(|| worktree.which("kaizodo")) {
            Some(path) => path,
            None => self.downloaded(server)?,
        };
        let mut variables = worktree.shell_env();
        variables.extend(env.into_iter().flatten());
        let args = arguments.unwrap_or_else(|| vec!["lsp".to_owned()]);
        Ok(Command { command, args, env: variables })
    }

    fn language_server_initialization_options(
        &mut self,
        server: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Option<Value>> {
        Ok(LspSettings::for_worktree(server.as_ref(), worktree)?.initialization_options)
    }

    /// The server asks for its section, `kaizodo`.
    fn language_server_workspace_configuration(
        &mut self,
        server: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Option<Value>> {
        let settings = LspSettings::for_worktree(server.as_ref(), worktree)?.settings;
        Ok(settings.map(|settings| json!({ "kaizodo": settings })))
    }
}

zed::register_extension!(Kaizodo);
