//! Detects errors that mean that the text does not fit into the model's context window. Every
//! server words them differently; the codes and phrases were collected from public reports.

use super::api_error::ApiError;

/// Error codes that mean that the text is too long.
const CODES: [&str; 8] = [
    "context_length_exceeded",
    "context_window_exceeded",
    "ContextWindowExceededError",
    "exceed_context_size_error",
    "model_max_prompt_tokens_exceeded",
    "request_too_large",
    "string_above_max_length",
    "tokens_limit_reached",
];

/// Phrases that mean that the text is too long, in lowercase.
const WORDS: [&str; 42] = [
    // OpenAI, vLLM, DeepSeek, OpenRouter, Mistral, Fireworks.
    "maximum context length",
    "exceeds the context window",
    "input tokens exceed",
    "longer than the maximum model length",
    "the model's context length is only",
    "reduce the length of the messages",
    // Anthropic, Bedrock, Cohere.
    "prompt is too long",
    "input is too long for requested model",
    "too many input tokens",
    "number of tokens in the prompt cannot exceed",
    "exceed context limit",
    // Gemini, xAI, GitHub, Cloudflare.
    "exceeds the maximum number of tokens allowed",
    "model only supports up to",
    "maximum prompt length is",
    "prompt token count of",
    "context window limit",
    // llama.cpp, llama-cpp-python, Ollama, LM Studio.
    "available context size",
    "context size has been exceeded",
    "exceed context window of",
    "prompt too long",
    "exceeded max context length",
    "input length exceeds the context length",
    "input length exceeds maximum context length",
    "greater than the context length",
    "context the overflows",
    "cannot truncate prompt with n_keep",
    // SGLang, TGI, TensorRT-LLM, TabbyAPI.
    "longer than the model's context length",
    "exceeds the maximum allowed length",
    "`inputs` tokens + `max_new_tokens` must be",
    "`inputs` must have less than",
    "exceeds maximum input length",
    "greater than max_seq_len",
    // Moonshot, MiniMax, Zhipu, Alibaba, Volcengine, Baidu.
    "exceeded model token limit",
    "context window exceeds limit",
    "prompt exceeds max length",
    "prompt 超长",
    "range of input length should be",
    "exceed max message tokens",
    "the max input characters is",
    "prompt tokens too long",
    // Gateways.
    "context length exceeded",
    "exceeds model context window",
];

/// Zhipu's error number that means that the text is too long.
const NUMBER: u16 = 1261;

/// Returns `true` if an error means that the text does not fit into the context window. Returns
/// `false` if the text would fit with a lower token limit for the answer.
pub(crate) fn is_too_long(api_error: &ApiError) -> bool {
    let words = api_error.message.to_ascii_lowercase();
    let says = api_error.number == Some(NUMBER)
        || api_error.says(&CODES)
        || WORDS.iter().any(|known| words.contains(known));
    says && !would_fit(&words)
}

/// Returns `true` if the server counts the text separately, and its size is below the limit: then
/// the tokens requested for the answer are too many.
fn would_fit(words: &str) -> bool {
    const LIMITS: [&str; 4] = [
        "maximum context length is ",
        "maximum context length of ",
        "`max_new_tokens` must be <= ",
        // Follows the sum in Anthropic's message.
        " > ",
    ];
    const INPUTS: [&str; 8] = [
        " in the messages",
        " in your prompt",
        " of text input",
        " input tokens",
        " `inputs` tokens",
        " tokens from the input",
        " tokens in the messages",
        // Follows the first number of Anthropic's sum.
        " + ",
    ];
    let limit = LIMITS.iter().find_map(|before| number_after(words, before));
    let input = INPUTS.iter().find_map(|after| number_before(words, after));
    matches!((input, limit), (Some(input), Some(limit)) if input < limit)
}

fn number_after(words: &str, before: &str) -> Option<u64> {
    let (_, rest) = words.split_once(before)?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest.get(..digits)?.parse().ok()
}

/// Words before a number that is not a count of tokens but a bound of one. vLLM counts a prompt only
/// until it is too long, or not at all.
pub(crate) const BOUNDS: [&str; 2] = ["at least ", "upper bound for "];

/// Returns the number directly before the first occurrence of `after` that has one and is no bound.
fn number_before(words: &str, after: &str) -> Option<u64> {
    words.match_indices(after).find_map(|(at, _)| {
        let rest = words.get(..at)?;
        let digits = rest.bytes().rev().take_while(u8::is_ascii_digit).count();
        let (before, number) = rest.split_at_checked(rest.len() - digits)?;
        let number = number.parse().ok()?;
        (!BOUNDS.iter().any(|bound| before.ends_with(bound))).then_some(number)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn too_long(message: &str) -> bool {
        is_too_long(&ApiError { message: message.to_owned(), ..ApiError::default() })
    }

    #[test]
    fn knows_it_in_every_servers_words() {
        for message in [
            "This model's maximum context length is 8192 tokens. However, your messages resulted in 8545 tokens.",
            "This model's maximum context length is 4097 tokens, however you requested 9569 tokens (8545 in your prompt; 1024 for the completion).",
            "This endpoint's maximum context length is 32768 tokens. However, you requested about 50000 tokens (45904 of text input, 4096 in the output).",
            "This model's maximum context length is 8192 tokens. However, you requested 4096 output tokens and your prompt contains at least 8193 input tokens, for a total of at least 12289 tokens.",
            // vLLM has not counted the prompt. Where it fits, a request with a lower token limit
            // shows it.
            "This model's maximum context length is 8192 tokens. However, you requested 256 output tokens and your prompt contains at least 7937 input tokens, for a total of at least 8193 tokens. Please reduce the length of the input prompt or the number of requested output tokens. (parameter=input_tokens, value=7937)",
            "This model's maximum context length is 8192 tokens. However, you requested 8192 output tokens and your prompt contains 120000 characters (more than 0 characters, which is the upper bound for 0 input tokens). Please reduce the length of the input prompt or the number of requested output tokens. (parameter=input_text, value=120000)",
            "You passed 7937 input tokens and requested 256 output tokens. However, the model's context length is only 8192 tokens, resulting in a maximum input length of 7936 tokens. Please reduce the length of the input prompt.",
            "Your input exceeds the context window of this model. Please adjust your input and try again.",
            "Input tokens exceed the configured limit of 272000 tokens.",
            "The decoder prompt (length 10127) is longer than the maximum model length of 8192.",
            "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
            "prompt is too long: 213462 tokens > 200000 maximum",
            "input length and `max_tokens` exceed context limit: 210000 + 8192 > 200000, decrease input length or `max_tokens` and try again",
            "The model returned the following errors: Input is too long for requested model.",
            "too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 5000.",
            "The input token count (1200293) exceeds the maximum number of tokens allowed (1048576).",
            "Unable to submit request because the input token count is 40000 but model only supports up to 32768.",
            "This model's maximum prompt length is 131072 but the request contains 136973 tokens.",
            "prompt token count of 91000 exceeds the limit of 64000",
            "AiError: The estimated number of input and maximum output tokens (9000) exceeded this model context window limit (7968).",
            "request (3031 tokens) exceeds the available context size (2048 tokens), try increasing it",
            "Context size has been exceeded.",
            "Requested tokens (5136) exceed context window of 4096",
            "prompt too long; exceeded max context length by 812 tokens",
            "The number of tokens to keep from the initial prompt is greater than the context length (n_keep: 13055>= n_ctx: 4096).",
            "Trying to keep the first 111490 tokens when context the overflows. However, the model is loaded with context length of only 32768 tokens.",
            "Cannot truncate prompt with n_keep (15028) >= n_ctx (7424)",
            "The input (61709 tokens) is longer than the model's context length (40960 tokens).",
            "Input length (160062 tokens) exceeds the maximum allowed length (59862 tokens).",
            "Requested token count exceeds the model's maximum context length of 40960 tokens. You requested a total of 54000 tokens: 50000 tokens from the input messages and 4000 tokens for the completion.",
            "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 32768. Given: 82004 `inputs` tokens and 2048 `max_new_tokens`",
            "Input validation error: `inputs` must have less than 4095 tokens. Given: 5910",
            "Prompt length 5000 is greater than max_seq_len 4096",
            "Invalid request: Your request exceeded model token limit: 8192",
            "invalid params, context window exceeds limit (2013)",
            "Prompt 超长",
            "<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 30720]",
            "Total tokens of image and text exceed max message tokens",
            "litellm.ContextWindowExceededError: litellm.BadRequestError: no",
            "Please reduce the length of the messages or completion. Current length is 9000 while limit is 8192",
        ] {
            assert!(too_long(message), "{message}");
        }
        let code = |code: &str| ApiError { codes: vec![code.to_owned()], ..ApiError::default() };
        assert!(is_too_long(&code("context_length_exceeded")));
        assert!(is_too_long(&code("Request_Too_Large")));
        assert!(is_too_long(&ApiError { number: Some(1261), ..ApiError::default() }));
    }

    #[test]
    fn is_not_misled() {
        for message in [
            // The text fits, but too many tokens were requested for the answer.
            "'max_tokens' or 'max_completion_tokens' is too large: 4096. This model's maximum context length is 4096 tokens and your request has 310 input tokens (4096 > 4096 - 310).",
            "This model's maximum context length is 4096 tokens. However, you requested 4472 tokens (376 in the messages, 4096 in the completion). Please reduce the length of the messages or completion.",
            "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000, decrease input length or `max_tokens` and try again",
            "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 310 `inputs` tokens and 4096 `max_new_tokens`",
            "Requested token count exceeds the model's maximum context length of 40960 tokens. You requested a total of 44000 tokens: 10000 tokens from the input messages and 34000 tokens for the completion.",
            "max_tokens is too large: 16384. This model supports at most 4096 completion tokens, whereas you provided 16384.",
            "Range of max_tokens should be [1, 8192]",
            "max_tokens (8192) exceeds the limit of 4096",
            "The maximum tokens you requested exceeds the model limit of 4096.",
            // Rate limits and other errors.
            "Rate limit reached for model in organization on tokens per min (TPM): Limit 30000, Used 29000, Requested 3447.",
            "The engine is overloaded.",
            "the model's name is too long",
            "",
        ] {
            assert!(!too_long(message), "{message}");
        }
    }
}
