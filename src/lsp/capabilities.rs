//! The capabilities of client and server.

use super::ext;
use super::params::insert;
use crate::lang::Lang;
use crate::text::Encoding;
use serde_json::{Value, json};

/// The client's capabilities, from `initialize`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Capabilities {
    pub(crate) encoding: Encoding,
    /// The client's display language, if it sends one.
    pub(crate) locale: Option<Lang>,
    /// `window/workDoneProgress/create` and `$/progress`.
    pub(crate) progress: bool,
    /// Events inside progress reports (our own extension).
    pub(crate) events: bool,
    /// The client can ask the editor's models for the server (our own extension).
    pub(crate) models: bool,
    /// The client's settings are the user's alone: no file of an open folder can change them (our
    /// own extension).
    pub(crate) user_settings: bool,
    /// `window/showMessageRequest`, inferred from `window.showMessage.messageActionItem`.
    pub(crate) answers_questions: bool,
    /// `window/showDocument`.
    pub(crate) show_document: bool,
    /// `workspace/textDocumentContent` (LSP 3.18).
    pub(crate) virtual_documents: bool,
    /// Edits may ask for the user's confirmation (LSP 3.16, `changeAnnotationSupport`).
    pub(crate) change_annotations: bool,
    /// `workspace/configuration`.
    pub(crate) configuration: bool,
    /// Code actions may be tagged as made by a model (LSP 3.18, `CodeActionTag.LLMGenerated`).
    pub(crate) action_tags: bool,
    /// Code actions may be disabled, with a reason (LSP 3.16, `disabledSupport`).
    pub(crate) disabled_actions: bool,
    /// `textDocument/documentSymbol` may return a tree.
    pub(crate) symbol_tree: bool,
    /// Folded lines may show text from the server (LSP 3.17, `foldingRange.collapsedText`).
    pub(crate) collapsed_text: bool,
    /// `textDocument/codeLens`.
    pub(crate) lenses: bool,
    /// `workspace/codeLens/refresh`.
    pub(crate) lens_refresh: bool,
    /// Document links may have tooltips.
    pub(crate) link_tooltips: bool,
    /// The panel features that are registered dynamically, for panels only, by their names in
    /// `textDocument`.
    pub(crate) registered: Vec<&'static str>,
    /// The client is eglot, which in version 1.17 treats `takeFocus: false` as true and a missing
    /// key as false.
    pub(crate) is_eglot: bool,
    /// The client reports its cursor as a selection of one character (Helix).
    pub(crate) block_cursor: bool,
    /// The client may apply a code action because it is the only one (Neovim's `apply`).
    pub(crate) applies_single: bool,
}

impl Capabilities {
    /// Reads the `initialize` parameters leniently.
    pub(crate) fn read(params: &Value) -> Self {
        let capabilities = params.get("capabilities").unwrap_or(&Value::Null);
        let at = |path: &str| capabilities.pointer(path);
        let yes = |path: &str| at(path).and_then(Value::as_bool).unwrap_or_default();
        let there = |path: &str| at(path).is_some_and(Value::is_object);
        let has = |path: &str, wanted: &Value| {
            at(path).and_then(Value::as_array).is_some_and(|list| list.contains(wanted))
        };
        Capabilities {
            encoding: encoding(at("/general/positionEncodings")),
            locale: params.get("locale").and_then(Value::as_str).and_then(Lang::of_locale),
            progress: yes("/window/workDoneProgress"),
            events: yes(ext::EVENTS_CAPABILITY),
            models: yes(ext::MODELS_CAPABILITY),
            user_settings: yes(ext::USER_SETTINGS_CAPABILITY),
            answers_questions: there("/window/showMessage/messageActionItem"),
            show_document: yes("/window/showDocument/support"),
            virtual_documents: there("/workspace/textDocumentContent"),
            change_annotations: there("/workspace/workspaceEdit/changeAnnotationSupport"),
            configuration: yes("/workspace/configuration"),
            action_tags: has("/textDocument/codeAction/tagSupport/valueSet", &json!(1)),
            disabled_actions: yes("/textDocument/codeAction/disabledSupport"),
            symbol_tree: yes("/textDocument/documentSymbol/hierarchicalDocumentSymbolSupport"),
            collapsed_text: yes("/textDocument/foldingRange/foldingRange/collapsedText"),
            lenses: there("/textDocument/codeLens"),
            lens_refresh: yes("/workspace/codeLens/refreshSupport"),
            link_tooltips: yes("/textDocument/documentLink/tooltipSupport"),
            registered: PANEL_FEATURES
                .into_iter()
                .filter(|name| yes(&format!("/textDocument/{name}/dynamicRegistration")))
                .collect(),
            is_eglot: params.pointer("/clientInfo/name") == Some(&json!("Eglot")),
            block_cursor: params.pointer("/clientInfo/name") == Some(&json!("helix")),
            applies_single: params.pointer("/clientInfo/name") == Some(&json!("Neovim")),
        }
    }

    /// Returns the result of `initialize`.
    pub(crate) fn answer(&self) -> Value {
        let mut capabilities = json!({
            "positionEncoding": match self.encoding {
                Encoding::Utf8 => "utf-8",
                Encoding::Utf16 => "utf-16",
                Encoding::Utf32 => "utf-32",
            },
            "textDocumentSync": {"openClose": true, "change": 2},
            "codeActionProvider": {"codeActionKinds": [ext::KIND]},
            "executeCommandProvider": {"commands": ext::COMMANDS},
        });
        for name in self.announced() {
            insert(&mut capabilities, &format!("{name}Provider"), options(name));
        }
        if self.virtual_documents {
            // Clients that do not announce it, such as those of LSP 3.17, are not sent the key.
            insert(
                &mut capabilities,
                "workspace",
                json!({"textDocumentContent": {"schemes": [ext::SCHEME]}}),
            );
        }
        json!({
            "capabilities": capabilities,
            "serverInfo": {"name": "kaizodo", "version": env!("CARGO_PKG_VERSION")},
        })
    }
}

/// The features that the server has only for panels, by their names in `textDocument`.
const PANEL_FEATURES: [&str; 4] = ["documentSymbol", "foldingRange", "codeLens", "documentLink"];

fn options(feature: &str) -> Value {
    match feature {
        "codeLens" => json!({"resolveProvider": false}),
        "documentLink" => json!({"resolveProvider": true}),
        _ => json!(true),
    }
}

impl Capabilities {
    /// Returns the panel features that the result of `initialize` must announce, because the client
    /// cannot register them dynamically for panels only. `codeLens` is announced only to clients
    /// that declare it; the others to all, since not every client that lists symbols declares that.
    fn announced(&self) -> impl Iterator<Item = &'static str> {
        let left = PANEL_FEATURES.into_iter().filter(|name| !self.registered.contains(name));
        left.filter(|name| *name != "codeLens" || self.lenses)
    }

    /// Returns the dynamic registrations of the other panel features. They are limited to panels,
    /// so that the client does not send such requests for other documents.
    pub(crate) fn registrations(&self) -> Vec<Value> {
        let selector = match self.virtual_documents {
            true => json!([{"scheme": ext::SCHEME}]),
            false => json!([{"scheme": "file", "pattern": "**/kaizodo/{panels,temporary/*}/*.md"}]),
        };
        let of = |name: &&'static str| {
            let mut register = json!({"documentSelector": selector});
            if let Some(members) = options(name).as_object() {
                members.iter().for_each(|(key, value)| insert(&mut register, key, value.clone()));
            }
            json!({
                "id": format!("kaizodo-{name}"),
                "method": format!("textDocument/{name}"),
                "registerOptions": register,
            })
        };
        self.registered.iter().map(of).collect()
    }
}

/// Chooses UTF-8 if the client offers it, UTF-32 if the client offers that but not UTF-16, and
/// otherwise UTF-16, LSP's default.
fn encoding(offered: Option<&Value>) -> Encoding {
    let offered = offered.and_then(Value::as_array);
    let has = |name: &str| offered.is_some_and(|list| list.iter().any(|e| e == name));
    if has("utf-8") {
        Encoding::Utf8
    } else if has("utf-32") && !has("utf-16") {
        Encoding::Utf32
    } else {
        Encoding::Utf16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_8_is_taken_where_it_is_offered_and_utf_16_where_nothing_is() {
        let of = |offered: Value| {
            Capabilities::read(
                &json!({"capabilities": {"general": {"positionEncodings": offered}}}),
            )
            .encoding
        };
        assert_eq!(of(json!(["utf-16", "utf-8"])), Encoding::Utf8);
        assert_eq!(of(json!(["utf-32", "utf-16"])), Encoding::Utf16);
        assert_eq!(of(json!(["utf-32"])), Encoding::Utf32);
        assert_eq!(of(json!(null)), Encoding::Utf16);
        assert_eq!(Capabilities::read(&json!({})), Capabilities::default());
    }

    #[test]
    fn a_client_of_3_17_hears_nothing_of_3_18() {
        assert!(Capabilities::default().answer().pointer("/capabilities/workspace").is_none());
        let new = Capabilities { virtual_documents: true, ..Capabilities::default() };
        assert_eq!(
            new.answer().pointer("/capabilities/workspace/textDocumentContent/schemes/0"),
            Some(&json!("kaizodo"))
        );
    }

    #[test]
    fn features_of_panels_are_registered_for_panels_alone_where_the_client_can() {
        let of = |capabilities: Value| Capabilities::read(&json!({"capabilities": capabilities}));
        let dynamic = json!({"dynamicRegistration": true});
        let vscode = of(json!({
            "textDocument": {"documentSymbol": dynamic, "foldingRange": dynamic, "codeLens": dynamic, "documentLink": dynamic},
            "workspace": {"textDocumentContent": {}},
        }));
        let answer = vscode.answer();
        for name in PANEL_FEATURES {
            assert_eq!(answer.pointer(&format!("/capabilities/{name}Provider")), None);
        }
        let registrations = vscode.registrations();
        assert_eq!(registrations.len(), 4);
        let link = json!({
            "id": "kaizodo-documentLink", "method": "textDocument/documentLink",
            "registerOptions": {"documentSelector": [{"scheme": "kaizodo"}], "resolveProvider": true},
        });
        assert_eq!(registrations.last(), Some(&link));

        let plain = of(json!({"textDocument": {"codeLens": {}, "foldingRange": dynamic}}));
        let answer = plain.answer();
        let announced = |name: &str| answer.pointer(&format!("/capabilities/{name}")).cloned();
        assert_eq!(announced("documentSymbolProvider"), Some(json!(true)));
        assert_eq!(announced("codeLensProvider"), Some(json!({"resolveProvider": false})));
        assert_eq!(announced("foldingRangeProvider"), None);
        let registrations = plain.registrations();
        let scheme = registrations
            .first()
            .and_then(|r| r.pointer("/registerOptions/documentSelector/0/scheme"));
        assert_eq!(scheme, Some(&json!("file")), "it shows panels as files");
        let old = Capabilities::default().answer();
        assert_eq!(old.pointer("/capabilities/codeLensProvider"), None, "it has no lenses");
    }
}
