//! Token counts, as providers report them.

use serde::{Deserialize, Serialize};

/// Token counts of one request, as reported by the provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Usage {
    /// Number of tokens in the prompt, including the cached ones.
    pub prompt_tokens: u64,
    /// Number of prompt tokens read from the provider's prefix cache.
    #[serde(default)]
    pub cached_tokens: u64,
    /// Number of tokens in the answer, including reasoning.
    pub completion_tokens: u64,
    /// Number of reasoning tokens in the answer; 0 if the provider does not report it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reasoning_tokens: u64,
}

impl Usage {
    /// Returns the sum of both usages.
    #[must_use]
    pub fn plus(self, other: Usage) -> Usage {
        Usage {
            prompt_tokens: self.prompt_tokens.saturating_add(other.prompt_tokens),
            cached_tokens: self.cached_tokens.saturating_add(other.cached_tokens),
            completion_tokens: self.completion_tokens.saturating_add(other.completion_tokens),
            reasoning_tokens: self.reasoning_tokens.saturating_add(other.reasoning_tokens),
        }
    }
}

/// Returns `true` if the number is zero and is therefore omitted from the JSON.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
pub(super) fn is_zero(number: &u64) -> bool {
    *number == 0
}
