//! Interprets the finish reasons of servers, and of the editor's models.

use crate::provider::Finish;

/// Maximum number of characters of a finish reason that is quoted.
const SHOWN: usize = 60;

/// The meaning of a `finish_reason`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ParsedFinish {
    /// The model stopped for this reason.
    Known(Finish),
    /// The model did not finish, or the reason is unknown. Holds the reason as the server wrote it,
    /// but truncated.
    Incomplete(String),
    /// An error without details.
    Error,
}

/// Returns the meaning of a `finish_reason`, in upper or lower case and with any separator between
/// its words. Returns `None` for an empty string or a word such as `null`, which is not a finish
/// reason.
///
/// The words are those of OpenAI, Azure, Anthropic, Gemini and Vertex AI, Cohere, Mistral, Zhipu,
/// DeepSeek, Bedrock, watsonx, MiniMax, vLLM, SGLang, TGI and llama.cpp, as gateways pass them on.
pub(crate) fn parse_finish(word: &str) -> Option<ParsedFinish> {
    let plain: String = word
        .trim()
        .chars()
        .map(|c| if matches!(c, '-' | ' ' | '.') { '_' } else { c.to_ascii_lowercase() })
        .collect();
    let plain = plain.trim_start_matches("finish_reason_");
    match plain {
        "" | "null" | "none" | "not_finished" => None,
        "error" => Some(ParsedFinish::Error),
        _ => Some(match finish(plain).or_else(|| finish_with_details(plain)) {
            Some(finish) => ParsedFinish::Known(finish),
            // `network_error`, `abort`, `insufficient_system_resource`, and words that are not
            // known yet.
            None => ParsedFinish::Incomplete(word.trim().chars().take(SHOWN).collect()),
        }),
    }
}

/// Returns the meaning of a word with details, such as Gemini's `content_filter:
/// PROHIBITED_CONTENT`. One that means a complete answer does not count: the details may say
/// otherwise.
fn finish_with_details(plain: &str) -> Option<Finish> {
    let (word, _) = plain.split_once(':')?;
    finish(word).filter(|finish| *finish != Finish::Stop)
}

/// Returns the meaning of a word in lower case.
fn finish(plain: &str) -> Option<Finish> {
    let finish = match plain {
        "stop" | "stopped" | "end_turn" | "eos" | "eos_token" | "stop_sequence" | "end"
        | "endoftext" | "complete" | "completed" | "finish" | "finished" | "normal" | "done" => {
            Finish::Stop
        }
        "length"
        | "max_tokens"
        | "max_token"
        | "model_length"
        | "max_output"
        | "max_length"
        | "max_output_tokens"
        | "max_new_tokens"
        | "max_completion_tokens"
        | "token_limit"
        | "output_limit"
        | "error_limit"
        | "model_context_window_exceeded"
        | "context_window_exceeded"
        | "context_length_exceeded" => Finish::Length,
        "content_filter"
        | "content_filtered"
        | "filtered"
        | "content_policy"
        | "moderation"
        | "safety"
        | "image_safety"
        | "recitation"
        | "blocklist"
        | "prohibited_content"
        | "spii"
        | "sensitive"
        | "guardrail_intervened"
        | "error_toxic"
        | "refusal"
        | "refused" => Finish::Filtered,
        "tool_calls"
        | "tool_call"
        | "tool_use"
        | "function_call"
        | "function_calls"
        | "function_call_filter"
        | "malformed_function_call"
        | "malformed_tool_call"
        | "unexpected_tool_call"
        | "too_many_tool_calls" => Finish::Tool,
        _ => return None,
    };
    Some(finish)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_mean_the_same_however_they_are_written() {
        for (words, meaning) in [
            ("stop STOP Stop end_turn END_TURN eos_token COMPLETE stop_sequence", Finish::Stop),
            ("FINISH_REASON_STOP endoftext normal", Finish::Stop),
            ("length MAX_TOKENS max-tokens model_length error_limit", Finish::Length),
            ("model_context_window_exceeded max_output", Finish::Length),
            (
                "content_filter filtered PROHIBITED_CONTENT SAFETY SPII blocklist sensitive",
                Finish::Filtered,
            ),
            ("guardrail_intervened ERROR_TOXIC refusal recitation", Finish::Filtered),
            ("tool_calls TOOL_USE function_call MALFORMED_FUNCTION_CALL", Finish::Tool),
        ] {
            for word in words.split(' ') {
                assert_eq!(parse_finish(word), Some(ParsedFinish::Known(meaning)), "{word}");
            }
        }
        for word in ["", " ", "null", "NULL", "not_finished"] {
            assert_eq!(parse_finish(word), None, "{word:?}");
        }
        for (word, meaning) in [
            ("content_filter: PROHIBITED_CONTENT", Finish::Filtered),
            ("function_call_filter: MALFORMED_FUNCTION_CALL", Finish::Tool),
        ] {
            assert_eq!(parse_finish(word), Some(ParsedFinish::Known(meaning)), "{word}");
        }
        assert_eq!(parse_finish("ERROR"), Some(ParsedFinish::Error));
        for word in [
            "network_error",
            "abort",
            "OTHER",
            "insufficient_system_resource",
            "x y",
            "停",
            "stop: no",
            "error: no",
        ] {
            assert_eq!(parse_finish(word), Some(ParsedFinish::Incomplete(word.to_owned())));
        }
        let Some(ParsedFinish::Incomplete(shown)) = parse_finish(&"x".repeat(9_999)) else {
            panic!()
        };
        assert_eq!(shown.len(), SHOWN);
    }
}
