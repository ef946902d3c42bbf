//! Requests and notifications to the client, and the one struct that sends them. Each request has a
//! timeout: some clients never answer.

use super::ext;
use super::plain::plain;
use serde_json::{Value, json};
use std::time::Duration;
use tower_lsp::gen_lsp_types::{
    LspNotificationMethod, LspRequestMethod, MessageDirection, Notification, Request,
};

/// Timeout for requests that no user waits for.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(2);

/// Sends to the client.
#[derive(Clone)]
pub(crate) struct Client(tower_lsp::Client);

impl Client {
    pub(crate) fn new(client: tower_lsp::Client) -> Self {
        Client(client)
    }

    /// Shows a warning to the user.
    pub(crate) async fn warn(&self, message: &str) {
        self.notify::<ShowMessage>(json!({"type": 2, "message": plain(message)})).await;
    }

    /// Shows a message to the user.
    pub(crate) async fn inform(&self, message: &str) {
        self.notify::<ShowMessage>(json!({"type": 3, "message": plain(message)})).await;
    }

    /// Asks for the editor's settings; `None` if it does not answer.
    pub(crate) async fn settings(&self) -> Option<Value> {
        let answer = self
            .request::<Configuration>(json!({"items": [{"section": "kaizodo"}]}), REQUEST_TIMEOUT)
            .await?;
        answer.get(0).cloned()
    }

    pub(crate) async fn notify<N: Notification<Params = Value>>(&self, params: Value) {
        self.0.send_notification::<N>(params).await;
    }

    /// As [`Client::request`], with the client's error message if it fails.
    pub(crate) async fn ask<R: Request<Params = Value, Result = Value>>(
        &self,
        params: Value,
        limit: Duration,
    ) -> Result<Value, String> {
        match tokio::time::timeout(limit, self.0.send_request::<R>(params)).await {
            Ok(answer) => answer.map_err(|error| error.message.into_owned()),
            Err(_) => Err(format!("no answer in {} s", limit.as_secs())),
        }
    }

    /// `None` if the client returns an error or does not answer in time.
    pub(crate) async fn request<R: Request<Params = Value, Result = Value>>(
        &self,
        params: Value,
        limit: Duration,
    ) -> Option<Value> {
        let answer = self.ask::<R>(params, limit).await;
        answer.inspect_err(|error| tracing::debug!(%error, "a request to the client failed")).ok()
    }
}

macro_rules! requests {
    ($($name:ident = $method:expr;)*) => {$(
        pub(crate) enum $name {}
        impl Request for $name {
            type Params = Value;
            type Result = Value;
            const METHOD: LspRequestMethod<'static> = $method;
            const MESSAGE_DIRECTION: MessageDirection = MessageDirection::ServerToClient;
        }
    )*};
}

macro_rules! notifications {
    ($($name:ident = $method:expr;)*) => {$(
        pub(crate) enum $name {}
        impl Notification for $name {
            type Params = Value;
            const METHOD: LspNotificationMethod<'static> = $method;
            const MESSAGE_DIRECTION: MessageDirection = MessageDirection::ServerToClient;
        }
    )*};
}

requests! {
    CreateProgress = LspRequestMethod::WindowWorkDoneProgressCreate;
    ShowDocument = LspRequestMethod::WindowShowDocument;
    ApplyEdit = LspRequestMethod::WorkspaceApplyEdit;
    RefreshContent = LspRequestMethod::WorkspaceTextDocumentContentRefresh;
    RefreshLenses = LspRequestMethod::WorkspaceCodeLensRefresh;
    Register = LspRequestMethod::ClientRegisterCapability;
    Configuration = LspRequestMethod::WorkspaceConfiguration;
    AskUser = LspRequestMethod::WindowShowMessageRequest;
    AskModel = LspRequestMethod::Custom(ext::MODEL_ASK);
}

notifications! {
    Progress = LspNotificationMethod::Progress;
    ShowMessage = LspNotificationMethod::WindowShowMessage;
    CancelModel = LspNotificationMethod::Custom(ext::MODEL_CANCEL);
}
