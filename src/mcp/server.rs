//! The protocol's methods: listing the tools and calling one of them.

use super::arguments::Nothing;
use super::caller::Caller;
use super::{calls, tools};
use crate::lang::Message;
use crate::session::Session;
use futures::FutureExt;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation,
    JsonObject, ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

/// Handler of one client's protocol requests.
pub(crate) struct Server {
    session: Arc<Session>,
}

impl Server {
    pub(crate) fn new(session: Arc<Session>) -> Self {
        Server { session }
    }

    /// Calls a tool. Returns an error message in plain words if the call is refused.
    async fn call(
        &self,
        name: &str,
        arguments: JsonObject,
        caller: &Caller,
    ) -> Result<CallToolResult, String> {
        let session = &*self.session;
        let called = match name {
            tools::LOOK => calls::look(session, caller, self.parsed(name, arguments)?).await,
            tools::READ => calls::read(session, self.parsed(name, arguments)?).await,
            tools::RUNS => calls::runs(session, self.parsed(name, arguments)?).await,
            tools::ASK => calls::ask(session, caller, self.parsed(name, arguments)?).await,
            _ => {
                let Nothing {} = self.parsed(name, arguments)?;
                calls::perspectives(session).await
            }
        };
        called.map_err(|refusal| refusal.message(session.lang()))
    }

    fn parsed<T: DeserializeOwned>(&self, tool: &str, arguments: JsonObject) -> Result<T, String> {
        serde_path_to_error::deserialize(Value::Object(arguments)).map_err(|error| {
            let (path, reason) = (error.path().to_string(), error.inner());
            let path = if path == "." { "arguments".to_owned() } else { path };
            self.session.lang().pick(
                format!("{tool} の引数 {path} が正しくありません: {reason}"),
                format!("Invalid argument `{path}` for {tool}: {reason}"),
            )
        })
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let implementation = Implementation::new("kaizodo", env!("CARGO_PKG_VERSION"));
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(implementation.with_title("kaizodo · 解像度"))
            .with_instructions(tools::INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(tools::all()))
    }

    async fn call_tool(
        &self,
        CallToolRequestParams { name, arguments, .. }: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let known = tools::all();
        if !known.iter().any(|tool| tool.name == name) {
            let names: Vec<_> = known.iter().map(|tool| &*tool.name).collect();
            let known = names.join(", ");
            let message = self.session.lang().pick(
                format!("ツール「{name}」はありません。使えるのは {known} です。"),
                format!("There is no tool \"{name}\". Available: {known}."),
            );
            return Err(ErrorData::invalid_params(message, None));
        }
        let caller = Caller::new(context);
        let called = self.call(&name, arguments.unwrap_or_default(), &caller);
        // The client gets an answer even if the tool panics.
        let called = AssertUnwindSafe(called).catch_unwind().await;
        let called = called.map_err(|_| ErrorData::internal_error("internal error", None))?;
        let failed = |sentence| CallToolResult::error(vec![ContentBlock::text(sentence)]);
        Ok(called.unwrap_or_else(failed).into())
    }
}
