//! Everything that goes to the client uninvited goes from here, on a clock, and each request to
//! it has a limit: some clients never answer.

mod document;
mod file;
mod model;
mod preview;
mod progress;
mod throttle;
mod trust;

pub(crate) use model::EditorModels;
pub(crate) use preview::preview;
pub(crate) use trust::offer_trust;

use super::connection::{Connection, spawn};
use super::ext;
use super::plain::plain;
use crate::event::RunId;
use crate::lang::Message;
use crate::session::Run;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use throttle::Throttle;
use tower_lsp::Client;
use tower_lsp::gen_lsp_types::{
    LspNotificationMethod, LspRequestMethod, MessageDirection, Notification, Request,
};

/// How long a client may take to answer what people do not wait for.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often the run of a panel that the client has open is looked for.
const TAKE_UP_TRIES: usize = 3;

/// The way out to the client.
#[derive(Clone)]
pub(crate) struct Outbox(Client);

impl Outbox {
    pub(crate) fn new(client: Client) -> Self {
        Outbox(client)
    }

    /// Says something that the user must know.
    pub(crate) async fn warn(&self, message: &str) {
        self.notify::<ShowMessage>(json!({"type": 2, "message": plain(message)})).await;
    }

    /// Says something that is good to know.
    pub(crate) async fn inform(&self, message: &str) {
        self.notify::<ShowMessage>(json!({"type": 3, "message": plain(message)})).await;
    }

    /// Asks for the editor's settings; `None` where it does not answer.
    pub(crate) async fn settings(&self) -> Option<Value> {
        let answer = self
            .request::<Configuration>(json!({"items": [{"section": "kaizodo"}]}), PATIENCE)
            .await?;
        answer.get(0).cloned()
    }

    async fn notify<N: Notification<Params = Value>>(&self, params: Value) {
        self.0.send_notification::<N>(params).await;
    }

    /// As [`Outbox::request`], with the client's own words where it refuses.
    async fn ask<R: Request<Params = Value, Result = Value>>(
        &self,
        params: Value,
        patience: Duration,
    ) -> Result<Value, String> {
        match tokio::time::timeout(patience, self.0.send_request::<R>(params)).await {
            Ok(answer) => answer.map_err(|error| error.message.into_owned()),
            Err(_) => Err(format!("no answer in {} s", patience.as_secs())),
        }
    }

    /// `None` where the client refuses or does not answer in time.
    async fn request<R: Request<Params = Value, Result = Value>>(
        &self,
        params: Value,
        patience: Duration,
    ) -> Option<Value> {
        let answer = self.ask::<R>(params, patience).await;
        answer.inspect_err(|error| tracing::debug!(%error, "a request to the client failed")).ok()
    }
}

/// Shows a run to the client from now on, in every way that the client has.
pub(crate) fn follow(connection: &Arc<Connection>, run: &Arc<Run>) {
    follow_with(connection, run, true);
}

/// The same for a run that an earlier server began: who has its panel open has been shown it.
pub(crate) fn follow_on(connection: &Arc<Connection>, run: &Arc<Run>) {
    follow_with(connection, run, false);
}

fn follow_with(connection: &Arc<Connection>, run: &Arc<Run>, is_new: bool) {
    let client = connection.client();
    if client.progress {
        spawn(
            connection,
            progress::follow(Arc::clone(connection), Throttle::new(run, progress::TICK)),
        );
    }
    if client.virtual_documents {
        if let Some(follower) = document::Follower::new(connection, run) {
            spawn(connection, follower.follow(Throttle::new(run, document::TICK), is_new));
        }
    } else if let Some(files) = &connection.files {
        spawn(
            connection,
            file::follow(Arc::clone(connection), Throttle::new(run, file::TICK), Arc::clone(files)),
        );
    }
}

/// Takes up a panel that the client has open and was not given by this server: an earlier one, which
/// may have been killed, began it. Its text becomes what the journal holds, with an end.
pub(crate) fn take_up(connection: &Arc<Connection>, id: RunId) {
    if !connection.client().virtual_documents {
        return;
    }
    let owned = Arc::clone(connection);
    spawn(connection, async move {
        for _ in 0..TAKE_UP_TRIES {
            // A server that was asked to end may still be writing.
            match owned.session.reopen(&id).await {
                Ok(run) => {
                    if let Some(follower) = document::Follower::new(&owned, &run) {
                        follower.follow(Throttle::new(&run, document::TICK), false).await;
                    }
                    return;
                }
                Err(error) => tracing::debug!(%error, "an open panel is not known"),
            }
            tokio::time::sleep(PATIENCE).await;
        }
    });
}

/// Shows a run's panel once more, as it is now.
pub(crate) fn show(connection: &Arc<Connection>, run: &Arc<Run>) {
    if connection.client().virtual_documents {
        document::show(connection, run);
    } else if let Some(files) = &connection.files {
        let (run, files) = (Arc::clone(run), Arc::clone(files));
        spawn(connection, file::open(Arc::clone(connection), run, files));
    }
}

/// Tells the client from now on when runs cannot be kept.
pub(crate) fn tell_trouble(connection: &Arc<Connection>) {
    let mut trouble = connection.session.journal_trouble();
    let connection_of_task = Arc::clone(connection);
    spawn(connection, async move {
        while trouble.changed().await.is_ok() {
            let error = trouble.borrow_and_update().clone();
            if let Some(error) = error {
                let connection = &connection_of_task;
                let message = error.message(connection.session.lang());
                connection.outbox.warn(&message).await;
            }
        }
    });
}

macro_rules! requests {
    ($($name:ident = $method:expr;)*) => {$(
        enum $name {}
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
        enum $name {}
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
    Configuration = LspRequestMethod::WorkspaceConfiguration;
    AskUser = LspRequestMethod::WindowShowMessageRequest;
    AskModel = LspRequestMethod::Custom(ext::MODEL_ASK);
}

notifications! {
    Progress = LspNotificationMethod::Progress;
    ShowMessage = LspNotificationMethod::WindowShowMessage;
    CancelModel = LspNotificationMethod::Custom(ext::MODEL_CANCEL);
}
