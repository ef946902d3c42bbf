//! Requests and notifications to the client, and the only type that sends them. Each request has a
//! timeout, because some clients never answer.

use super::ext;
use super::plain::plain;
use serde_json::{Value, json};
use std::time::Duration;
use tower_lsp::gen_lsp_types::{
    LspNotificationMethod, LspRequestMethod, MessageDirection, Notification, Request,
};

/// Timeout for requests that the client answers without asking the user.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(2);

/// The sender of all requests and notifications to the client.
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

    /// Requests the editor's settings. Returns `None` if the client does not answer in time or its
    /// answer has no settings.
    pub(crate) async fn settings(&self) -> Option<Value> {
        let answer = self
            .request::<Configuration>(json!({"items": [{"section": "kaizodo"}]}), REQUEST_TIMEOUT)
            .await?;
        answer.get(0).cloned()
    }

    pub(crate) async fn notify<N: Notification<Params = Value>>(&self, params: Value) {
        self.0.send_notification::<N>(params).await;
    }

    /// Like [`Client::request`], but returns the client's error message if the request fails.
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

    /// Sends a request. Returns `None` if the client returns an error or does not answer within
    /// `limit`.
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
    TellProvider = LspNotificationMethod::Custom(ext::PROVIDER);
}
