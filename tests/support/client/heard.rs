//! What the server has said, and how the editor answers.

use super::{Answer, Client};
use serde_json::Value;

impl Client {
    /// Sets how requests of this method are answered from now on.
    pub(crate) fn answer_with(&self, method: &str, answer: Answer) {
        self.shared.lock().policy.insert(method.to_owned(), answer);
    }

    /// Applies the server's edits as usual from now on.
    pub(crate) fn take_edits_again(&self) {
        self.shared.lock().policy.remove("workspace/applyEdit");
    }

    /// Returns how many requests of this method are held back.
    pub(crate) fn held(&self, method: &str) -> usize {
        self.shared.lock().held.iter().filter(|request| request["method"] == method).count()
    }

    /// Answers the oldest request that is held back, if there is one.
    pub(crate) fn answer_held(&self) {
        let mut state = self.shared.lock();
        let request = state.held.pop_front();
        let replies = request.map(|request| state.usual_reply(&request)).unwrap_or_default();
        drop(state);
        replies.iter().for_each(|reply| self.send(reply));
        self.shared.touch();
    }

    /// Sets whether applied edits are announced with `didChange`, as most editors do.
    pub(crate) fn announce_edits(&self, announce: bool) {
        self.shared.lock().announce = announce;
    }

    /// Waits for the first message of this method that has not been taken yet. Other messages stay.
    pub(crate) async fn server_message(&mut self, method: &str) -> Value {
        self.wait_for(&format!("{method} of the server"), |state| {
            let at = state.inbox.iter().position(|message| message["method"] == method)?;
            state.inbox.remove(at)
        })
        .await
    }

    /// Returns the messages that have not been taken yet.
    pub(crate) fn unread(&self) -> Vec<Value> {
        self.shared.lock().inbox.iter().cloned().collect()
    }

    /// Returns the messages of this method that have not been taken yet.
    pub(crate) fn unread_of(&self, method: &str) -> Vec<Value> {
        self.unread().into_iter().filter(|message| message["method"] == method).collect()
    }

    /// Returns every `$/progress` value of a token, in order.
    pub(crate) fn progress(&self, token: &Value) -> Vec<Value> {
        let state = self.shared.lock();
        state.progress.iter().filter(|p| p["token"] == *token).map(|p| p["value"].clone()).collect()
    }

    /// Returns every `$/progress` so far, as `{token, value}`.
    pub(crate) fn all_progress(&self) -> Vec<Value> {
        self.shared.lock().progress.clone()
    }

    /// Waits until a progress has ended and returns all of its values.
    pub(crate) async fn wait_progress_end(&mut self, token: &Value) -> Vec<Value> {
        self.wait_for(&format!("the end of progress {token}"), |state| {
            let ended = |p: &Value| p["token"] == *token && p["value"]["kind"] == "end";
            state.progress.iter().any(ended).then_some(())
        })
        .await;
        self.progress(token)
    }
}
