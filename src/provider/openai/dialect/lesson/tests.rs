//! Refusals as real servers word them, and what each teaches.

use super::*;
use serde_json::json;

fn sent() -> SentParameters {
    SentParameters {
        dialect: Dialect::default(),
        limit: Limit::MaxTokens,
        tokens: 4096,
        bytes: 1000,
        estimate: 250,
        temperature: true,
        effort: Some(Effort::Low),
    }
}

/// Wraps a message as OpenAI and most others do.
fn wrapped(message: &str) -> String {
    json!({ "error": { "message": message, "type": "invalid_request_error" } }).to_string()
}

fn teaches(status: u16, message: &str) -> Lesson {
    learn(Some(status), &wrapped(message), &sent())
}

#[track_caller]
fn leaves_out(part: Feature, all: &[(u16, &str)]) {
    for (status, message) in all {
        let expected = Lesson::Again(Dialect::default().without(part));
        assert_eq!(teaches(*status, message), expected, "{status} {message}");
        let again = SentParameters { dialect: Dialect::default().without(part), ..sent() };
        let again = learn(Some(*status), &wrapped(message), &again);
        assert!(matches!(again, Lesson::Stays(None)), "only once: {message}: {again:?}");
    }
}

#[test]
fn no_system_role() {
    leaves_out(
        Feature::System,
        &[
            (400, "System role not supported"),
            (500, "System role not supported at row 1, column 40"),
            (
                500,
                "\n------------\nWhile executing CallExpression at line 1, column 67 in source: System role not supported",
            ),
            (400, "Developer instruction is not enabled for models/gemma-3-27b-it"),
            (
                400,
                "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
            ),
            (
                400,
                "Conversation roles must alternate user/assistant/user/assistant/... at row 1, column 229",
            ),
            (422, "Only user and assistant roles are supported!"),
            (400, "This model doesn't support system messages. Try again without system messages."),
            (
                400,
                "litellm.BadRequestError: TogetherException - system prompt is not supported by this model",
            ),
        ],
    );
}

#[test]
fn no_streaming() {
    leaves_out(
        Feature::Stream,
        &[
            (
                400,
                "Your organization must be verified to stream this model. Please go to: https://platform.openai.com/settings/organization/general and click on Verify Organization.",
            ),
            (400, "Streaming is not supported for this model."),
            (422, "This deployment does not support streaming"),
            (400, "stream is not supported"),
            (400, "Unsupported value: 'stream' does not support true with this model."),
            (501, "streaming not implemented"),
            (400, "The model is unsupported for streaming"),
        ],
    );
    let param = r#"{"error":{"message":"Nope.","param": "stream","code":"unsupported_value"}}"#;
    let expected = Lesson::Again(Dialect::default().without(Feature::Stream));
    assert_eq!(learn(Some(400), param, &sent()), expected);
    let raw = json!({"error": {"message": "Provider returned error", "metadata": {"raw": param}}});
    assert_eq!(learn(Some(400), &raw.to_string(), &sent()), expected, "JSON within JSON");
    let net = r#"{"message":"\u0027stream\u0027 is not supported"}"#;
    assert_eq!(learn(Some(400), net, &sent()), expected, "as .NET escapes it");
}

#[test]
fn parameters_that_are_not_taken() {
    leaves_out(
        Feature::StreamOptions,
        &[(400, "Unrecognized request argument supplied: stream_options")],
    );
    leaves_out(Feature::CacheKey, &[(400, "Unrecognized request argument: prompt_cache_key")]);
    leaves_out(Feature::CacheMark, &[(400, "Unknown parameter: 'prompt_cache_breakpoint'.")]);
    leaves_out(
        Feature::TemplateSwitch,
        &[(400, "property 'chat_template_kwargs' is unsupported"), (422, "chat_template_kwargs")],
    );
    leaves_out(
        Feature::Temperature,
        &[
            (
                400,
                "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
            ),
            (400, "`temperature` is deprecated for this model."),
        ],
    );
    leaves_out(
        Feature::Effort,
        &[
            (400, "Unsupported parameter: 'reasoning_effort' is not supported with this model."),
            (400, "Unrecognized request argument supplied: reasoning_effort"),
            (400, "think value \"low\" is not supported for this model"),
            (400, "\"llama3.2\" does not support thinking"),
        ],
    );
}

#[test]
fn efforts_that_a_server_names_are_the_ones_to_choose_from() {
    use Effort::*;
    for (message, efforts) in [
        (
            "Unsupported value: 'reasoning_effort' does not support 'low' with this model. Supported values are: 'none', 'medium', and 'high'.",
            vec![None, Medium, High],
        ),
        (
            "reasoning_effort 'low' unsupported; use minimal|medium|high|xhigh",
            vec![Minimal, Medium, High],
        ),
        (
            "invalid reasoning value: 'low' (must be \"high\", \"medium\", \"max\", or \"none\")",
            vec![None, Medium, High],
        ),
    ] {
        let expected = Dialect::default().with_efforts(efforts);
        assert_eq!(teaches(400, message), Lesson::Again(expected), "{message}");
        let again = SentParameters { dialect: expected, effort: Some(Medium), ..sent() };
        let given_up = Lesson::Again(expected.without(Feature::Effort));
        assert_eq!(learn(Some(400), &wrapped(message), &again), given_up);
    }
    let unset = SentParameters { effort: Option::None, ..sent() };
    let message = wrapped("reasoning_effort is not supported");
    assert_eq!(learn(Some(400), &message, &unset), Lesson::Stays(Option::None));
}

#[test]
fn the_limit_has_two_names() {
    let message = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
    let new = Dialect::default().with_limit(Limit::MaxCompletionTokens);
    assert_eq!(teaches(400, message), Lesson::Again(new));
    let sent_new = SentParameters { limit: Limit::MaxCompletionTokens, ..sent() };
    let message = wrapped("Unrecognized request argument supplied: max_completion_tokens");
    let old = Lesson::Again(Dialect::default().with_limit(Limit::MaxTokens));
    assert_eq!(learn(Some(400), &message, &sent_new), old);
    let both = SentParameters { dialect: new, ..sent_new };
    assert_eq!(learn(Some(400), &message, &both), Lesson::Stays(None), "only once");
}

#[test]
fn a_limit_that_is_too_high_is_lowered_or_named() {
    let window = |prompt_tokens| {
        Lesson::Again(Dialect::default().with_window(Window::counted(4096, prompt_tokens, 1000)))
    };
    let says = |prompt: u32| {
        format!(
            "max_tokens is too large: 4096. This model's maximum context length is 4096 tokens and your request has {prompt} input tokens (4096 > 4096 - {prompt})."
        )
    };
    for status in [400, 422, 500] {
        assert_eq!(teaches(status, &says(310)), window(310), "{status}");
    }
    let cause = Cause::WindowFull { window: 4096, prompt: 3900, left: 196 };
    assert_eq!(teaches(400, &says(3900)), Lesson::Stays(Some(cause)));
    assert_eq!(teaches(400, &says(5000)), Lesson::Stays(None), "the text itself is too long");
    let cap = "max_tokens is too large: 4096. This model supports at most 2048 completion tokens, whereas you provided 4096.";
    assert_eq!(teaches(400, cap), Lesson::Again(Dialect::default().with_cap(2048)));
    let tiny = "Invalid max_tokens value, the valid range of max_tokens is [1, 64]";
    assert_eq!(teaches(400, tiny), Lesson::Stays(Some(Cause::TokenLimitRejected(4096))));
    assert_eq!(
        teaches(400, "max_tokens is too large"),
        Lesson::Stays(Some(Cause::TokenLimitRejected(4096)))
    );
}

#[test]
fn what_an_account_allows_is_asked_for_and_not_taken_for_the_models_limit() {
    let allows = |tokens, reason| {
        let account = ReducedTokenLimit { tokens, reason };
        Lesson::Again(Dialect::default().with_account_limit(account))
    };
    let money = "This request requires more credits, or fewer max_tokens. You requested up to 4096 tokens, but can only afford";
    let afford = |n| teaches(402, &format!("{money} {n}."));
    assert_eq!(afford(1234), allows(1234, TokenLimitReason::Balance));
    assert_eq!(afford(12), Lesson::Stays(None), "that is told as an empty account");
    let groq = |requested| {
        format!(
            "Request too large for model `llama-3.1-8b-instant` in organization `org_x` on tokens per minute (TPM): Limit 6000, Requested {requested}, please reduce your message size and try again."
        )
    };
    let openai = "Request too large for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Requested 33000. The input or output tokens must be reduced in order to run successfully.";
    let minute = |tokens| allows(tokens, TokenLimitReason::MinuteTokens);
    assert_eq!(teaches(413, &groq(8310)), minute(6000 - (8310 - 4096) - 16));
    assert_eq!(teaches(429, openai), minute(30_000 - (33_000 - 4096) - 16));
    assert_eq!(teaches(413, &groq(9990)), Lesson::Stays(None), "told as too much for a minute");
}

#[test]
fn a_server_that_does_not_count_the_prompt_is_asked_for_half_each_time() {
    let message = |asked: u32| {
        wrapped(&format!(
            "This model's maximum context length is 4096 tokens. However, you requested {asked} output tokens and your prompt contains at least {} input tokens, for a total of at least 4097 tokens.",
            4097 - asked
        ))
    };
    let mut asked = vec![];
    let mut next = sent();
    while let Lesson::Again(dialect) = learn(Some(400), &message(next.tokens), &next) {
        next = SentParameters { dialect, tokens: dialect.tokens(4096, 1000).0, ..next };
        asked.push(next.tokens);
    }
    assert_eq!(asked, [2032, 1000, 484, 226]);
}

/// vLLM's words if it has not looked at the prompt's tokens.
#[test]
fn a_server_that_has_not_looked_at_the_prompt_is_asked_for_what_is_probably_left() {
    let limit = "max_tokens=8192 cannot be greater than max_model_len=max_total_tokens=4096. Please request fewer output tokens. (parameter=max_tokens, value=8192)";
    let characters = "This model's maximum context length is 8192 tokens. However, you requested 8192 output tokens and your prompt contains 12000 characters (more than 0 characters, which is the upper bound for 0 input tokens). Please reduce the length of the input prompt or the number of requested output tokens. (parameter=input_text, value=12000)";
    let next = |message: &str, bytes, estimate| {
        let sent = SentParameters { tokens: 8192, bytes, estimate, ..sent() };
        match learn(Some(400), &wrapped(message), &sent) {
            Lesson::Again(dialect) => Some(dialect),
            Lesson::Stays(_) => None,
        }
    };
    let asks = |dialect: Option<Dialect>, bytes| dialect.unwrap().tokens(8192, bytes).0;
    assert_eq!(asks(next(limit, 1200, 300), 1200), 4096 - 375 - 16);
    assert_eq!(
        asks(next(limit, 40_000, 10_000), 40_000),
        2 * MIN_ANSWER_TOKENS - 16,
        "it counts, then"
    );
    let taught = next(characters, 12_000, 3000);
    assert_eq!(asks(taught, 12_000), 4096 - 16);
    assert_eq!(asks(taught, 6000), 8192 - (1875 + 117 + 32) - 16, "for another prompt");
    assert_eq!(next(characters, 120_000, 30_000), None, "the text itself is too long");
}

#[test]
fn what_is_no_lesson_stays_a_refusal() {
    for (status, message) in [
        (400, "Invalid value for 'messages[1].content'"),
        (400, "The system is overloaded, unknown error"),
        (400, "I do not support your file system"),
        (401, "streaming is not supported"),
        (429, "max_tokens must be less than or equal to 10"),
        (500, "reasoning_effort is not supported"),
        (500, "internal error"),
        (503, "System role not supported"),
        (
            400,
            "After the optional system message, conversation roles must alternate user and assistant roles except for tool calls and results.",
        ),
        (400, "Your organization must be verified to use the model `o3`."),
    ] {
        assert_eq!(teaches(status, message), Lesson::Stays(None), "{status} {message}");
    }
    assert_eq!(learn(None, "System role not supported", &sent()), Lesson::Stays(None));
}

proptest::proptest! {
    /// Whatever a server says, the retries end.
    #[test]
    fn asking_again_ends(
        words in "(stream|system role|max_tokens|max_completion_tokens|reasoning_effort|temperature|'low'|'high'|[0-9]{1,5}|maximum context length is | input tokens|unsupported|unknown|stream_options|prompt_cache_key|chat_template_kwargs|\\\\|\\\\u|深| ){0,24}",
        status in proptest::sample::select(vec![400_u16, 402, 413, 422, 429, 500]),
    ) {
        let mut next = sent();
        for _ in 0..16 {
            let Lesson::Again(dialect) = learn(Some(status), &words, &next) else { return Ok(()) };
            next.dialect = dialect;
            next.tokens = dialect.tokens(4096, next.bytes).0;
            next.limit = dialect.limit().unwrap_or(next.limit);
            next.effort = next.effort.and(dialect.effort(Effort::Low));
        }
        proptest::prop_assert!(false, "no end: {words}");
    }
}
