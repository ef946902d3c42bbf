//! The place that a key comes from, for messages about the key.

/// The place that a request's key comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyPlace {
    /// The request carries nothing that could be a key.
    Nowhere,
    /// The environment variable `OPENAI_API_KEY`.
    Environment,
    /// The key command from the settings. Holds the name of its program.
    Command(String),
    /// A header from the settings that takes the place of `OPENAI_API_KEY`. Holds the header's
    /// name.
    Header(String),
    /// A header or a query parameter from the settings that, judging by its name, may carry a key.
    /// Holds the name.
    Perhaps(String),
}
