//! The server's implementation of tower-lsp's `LanguageServer`. Each method delegates to a handler.

use super::capabilities::Capabilities;
use super::connection::Connection;
use super::handlers::{
    code_action, code_lens, command, content, folds, links, models, saved, settings, source,
    symbols, sync,
};
use super::params::{
    ChangeParams, CodeActionParams, CommandParams, ConfigurationParams, ContentParams,
    DocumentParams, EventsParams, JournalListParams, LinkParams, ModelDeltaParams, ModelsParams,
    ProgressCancelParams, RunParams, Unparsed,
};
use serde_json::Value;
use std::sync::Arc;
use tower_lsp::gen_lsp_types::{InitializeParams, InitializeResult, InitializedParams};
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::{ClientSocket, LanguageServer, LspService};

pub(crate) struct Backend(Arc<Connection>);

impl LanguageServer for Backend {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        let params = serde_json::to_value(params).map_err(|_| Error::internal_error())?;
        let capabilities = Capabilities::read(&params);
        let answer = capabilities.answer();
        self.0.set_capabilities(capabilities);
        if let Some(options) = params.get("initializationOptions") {
            self.0.take_editor_settings(options);
        }
        serde_json::from_value(answer).map_err(|_| Error::internal_error())
    }

    async fn initialized(&self, _: InitializedParams) {
        super::outbox::tell_trouble(&self.0);
        super::outbox::offer_lenses(&self.0);
        super::outbox::tell_provider(&self.0);
        super::outbox::register(&self.0);
        settings::ask(&self.0).await;
    }

    async fn shutdown(&self) -> Result<()> {
        self.0.session.stop_all();
        self.0.session.flush(super::SHUTDOWN_TIMEOUT).await;
        Ok(())
    }
}

impl Backend {
    async fn did_open(&self, Unparsed(params): Unparsed<DocumentParams>) {
        sync::open(&self.0, params);
    }

    async fn did_change(&self, Unparsed(params): Unparsed<ChangeParams>) {
        sync::change(&self.0, params);
    }

    async fn did_close(&self, params: DocumentParams) {
        sync::close(&self.0, params);
    }

    async fn code_action(
        &self,
        Unparsed(params): Unparsed<CodeActionParams>,
    ) -> Result<Vec<Value>> {
        Ok(code_action::actions(&self.0, params).await)
    }

    async fn symbols(&self, params: DocumentParams) -> Result<Option<Value>> {
        Ok(symbols::symbols(&self.0, params).await)
    }

    async fn folds(&self, params: DocumentParams) -> Result<Option<Value>> {
        Ok(folds::folds(&self.0, params).await)
    }

    async fn code_lens(&self, params: DocumentParams) -> Result<Option<Value>> {
        Ok(code_lens::answer(&self.0, params).await)
    }

    async fn links(&self, params: DocumentParams) -> Result<Option<Value>> {
        Ok(links::links(&self.0, params).await)
    }

    async fn resolve_link(&self, params: LinkParams) -> Result<Value> {
        links::resolve(&self.0, params).await
    }

    async fn execute_command(&self, params: CommandParams) -> Result<Value> {
        command::execute(&self.0, params).await
    }

    async fn content(&self, params: ContentParams) -> Result<Value> {
        content::text(&self.0, &params).await
    }

    async fn events(&self, params: EventsParams) -> Result<Value> {
        content::events(&self.0, params).await
    }

    async fn run_source(&self, params: RunParams) -> Result<Value> {
        source::place(&self.0, params).await
    }

    async fn run_text(&self, params: RunParams) -> Result<Value> {
        source::text(&self.0, params).await
    }

    async fn journal_list(&self, params: JournalListParams) -> Result<Value> {
        saved::list(&self.0, params).await
    }

    async fn models(&self, _: ModelsParams) -> Result<Value> {
        models::list(&self.0).await
    }

    async fn model_delta(&self, params: ModelDeltaParams) {
        self.0.answers.delta(&params.id, params.text);
    }

    async fn progress_cancel(&self, params: ProgressCancelParams) {
        let token = params.token.as_str();
        let run = token.and_then(|token| self.0.progress.lock().get(token).cloned());
        if let Some(Ok(run)) = run.map(|id| self.0.session.run(&id)) {
            // `None` stands for every branch, so no branch can be unknown.
            let _ = run.cancel(None);
        }
    }

    async fn did_change_configuration(&self, params: ConfigurationParams) {
        settings::changed(&self.0, &params.settings).await;
    }
}

/// Creates tower-lsp's service for a new connection and registers the methods that the server
/// handles, and no others. `connect` creates the connection's state.
pub(crate) fn service(
    connect: impl FnOnce(tower_lsp::Client) -> Arc<Connection>,
) -> (LspService<Backend>, ClientSocket) {
    LspService::build_with_lifecycle_methods(|client| Backend(connect(client)))
        .custom_method("textDocument/didOpen", Backend::did_open)
        .custom_method("textDocument/didChange", Backend::did_change)
        .custom_method("textDocument/didClose", Backend::did_close)
        .custom_method("textDocument/codeAction", Backend::code_action)
        .custom_method("textDocument/documentSymbol", Backend::symbols)
        .custom_method("textDocument/foldingRange", Backend::folds)
        .custom_method("textDocument/codeLens", Backend::code_lens)
        .custom_method("textDocument/documentLink", Backend::links)
        .custom_method("documentLink/resolve", Backend::resolve_link)
        .custom_method("workspace/executeCommand", Backend::execute_command)
        .custom_method("workspace/textDocumentContent", Backend::content)
        .custom_method("workspace/didChangeConfiguration", Backend::did_change_configuration)
        .custom_method("window/workDoneProgress/cancel", Backend::progress_cancel)
        .custom_method(super::ext::RUN_EVENTS, Backend::events)
        .custom_method(super::ext::RUN_SOURCE, Backend::run_source)
        .custom_method(super::ext::RUN_TEXT, Backend::run_text)
        .custom_method(super::ext::JOURNAL_LIST, Backend::journal_list)
        .custom_method(super::ext::MODELS, Backend::models)
        .custom_method(super::ext::MODEL_DELTA, Backend::model_delta)
        .finish()
}
