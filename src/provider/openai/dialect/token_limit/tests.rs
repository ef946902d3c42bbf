//! Tests with the words in which real servers reject a token limit that is too high.

use super::*;
use proptest::prelude::*;

fn read(words: &str, asked: u32) -> Option<Room> {
    room(&words.to_lowercase(), asked)
}

#[test]
fn the_window_and_the_prompt_are_found_in_every_servers_words() {
    let both = |window, prompt| Some(Room::Window { window, prompt });
    for (words, asked, expected) in [
        (
            "max_tokens is too large: 4096. This model's maximum context length is 4096 tokens and your request has 310 input tokens (4096 > 4096 - 310).",
            4096,
            both(4096, 310),
        ),
        (
            "'max_tokens' or 'max_completion_tokens' is too large: 32000. This model's maximum context length is 32768 tokens and your request has 1200 input tokens (32000 > 32768 - 1200).",
            32000,
            both(32768, 1200),
        ),
        (
            "This model's maximum context length is 4097 tokens. However, you requested 4200 tokens (200 in the messages, 4000 in the completion). Please reduce the length of the messages or completion.",
            4000,
            both(4097, 200),
        ),
        (
            "`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 3500 `inputs` tokens and 1024 `max_new_tokens`",
            1024,
            both(4096, 3500),
        ),
        (
            "Requested token count exceeds the model's maximum context length of 202752 tokens. You requested a total of 202941 tokens: 170941 tokens from the input messages and 32000 tokens for the completion.",
            32000,
            both(202_752, 170_941),
        ),
        (
            "This endpoint's maximum context length is 32768 tokens. However, you requested about 40000 tokens (8000 of text input, 32000 in the output). Please reduce the length of either one",
            32000,
            both(32768, 8000),
        ),
        (
            "input length and `max_tokens` exceed context limit: 188240 + 20000 > 200000, decrease input length or `max_tokens` and try again",
            20000,
            both(200_000, 188_240),
        ),
        (
            "Please reduce the length of the messages or completion. Current length is 8500 while limit is 8192",
            4096,
            both(8192, 4404),
        ),
        (
            "Prompt contains 30000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
            4096,
            both(32768, 30000),
        ),
        (
            "Request too large for model `llama-3.1-8b-instant` in organization `org_x` on tokens per minute (TPM): Limit 6000, Requested 8310, please reduce your message size and try again.",
            4096,
            both(6000, 4214),
        ),
        (
            "This model's maximum context length is 32,768 tokens and your request has 1,200 input tokens",
            40000,
            both(32768, 1200),
        ),
        (
            "request (20031 tokens) exceeds the available context size (4096 tokens), try increasing it",
            4096,
            both(4096, 20031),
        ),
        (
            "This model's maximum context length is 4096 tokens. However, you requested 4096 output tokens and your prompt contains at least 1 input tokens, for a total of at least 4097 tokens.",
            4096,
            Some(Room::Full { window: 4096 }),
        ),
        (
            "max_tokens=8192 cannot be greater than max_model_len=max_total_tokens=4096. Please request fewer output tokens. (parameter=max_tokens, value=8192)",
            8192,
            Some(Room::Full { window: 4096 }),
        ),
        (
            "max_tokens=8192cannot be greater than max_model_len=max_total_tokens=4096. Please request fewer output tokens.",
            8192,
            Some(Room::Full { window: 4096 }),
        ),
        (
            "This model's maximum context length is 8192 tokens. However, you requested 8192 output tokens and your prompt contains 12000 characters (more than 0 characters, which is the upper bound for 0 input tokens). Please reduce the length of the input prompt or the number of requested output tokens. (parameter=input_text, value=12000)",
            8192,
            Some(Room::Full { window: 8192 }),
        ),
        (
            "This model's maximum context length is 8192 tokens. However, you requested 8000 output tokens and your prompt contains 60000 characters (more than 24576 characters, which is the upper bound for 192 input tokens). Please reduce the length of the input prompt or the number of requested output tokens. (parameter=input_text, value=60000)",
            8000,
            Some(Room::Full { window: 8192 }),
        ),
        (
            "You passed 12000 input characters and requested 8192 output tokens. However, the model's context length is only 8192 tokens, resulting in a maximum input length of 0 tokens (at most 0 characters). Please reduce the length of the input prompt.",
            8192,
            Some(Room::Full { window: 8192 }),
        ),
        (
            "You passed 4097 input tokens and requested 4096 output tokens. However, the model's context length is only 8192 tokens, resulting in a maximum input length of 4096 tokens. Please reduce the length of the input prompt.",
            4096,
            Some(Room::Full { window: 8192 }),
        ),
        ("Requested tokens exceed context window of 512", 4096, None),
        ("This model's maximum context length is 4096 tokens", 4096, None),
    ] {
        assert_eq!(read(words, asked), expected, "{words}");
    }
}

#[test]
fn a_bound_of_the_answer_alone_is_told_from_a_window() {
    for (words, asked, cap) in [
        (
            "max_tokens is too large: 6000. This model supports at most 4096 completion tokens, whereas you provided 6000.",
            6000,
            Some(4096),
        ),
        ("Invalid max_tokens value, the valid range of max_tokens is [1, 8192]", 9000, Some(8192)),
        (
            "<400> InternalError.Algo.InvalidParameter: Range of max_tokens should be [1, 8192]",
            9000,
            Some(8192),
        ),
        (
            "`max_tokens` must be less than or equal to `8192`, the maximum value for `max_tokens` is less than the `context_window` for this model",
            9000,
            Some(8192),
        ),
        (
            "The parameter `max_completion_tokens` specified in the request are not valid: integer above maximum value, expected a value <= 12288, but got 32000 instead.",
            32000,
            Some(12288),
        ),
        (
            "max_tokens: 100000 > 64000, which is the maximum allowed number of output tokens for claude-x",
            100_000,
            Some(64000),
        ),
        (
            "too many tokens: max tokens must be less than or equal to 4096, the maximum output length for this model - received 5000",
            5000,
            Some(4096),
        ),
        (
            "it has a maxOutputTokens value of 100000 but the supported range is from 1 (inclusive) to 65537 (exclusive)",
            100_000,
            Some(65536),
        ),
        (
            "This request requires more credits, or fewer max_tokens. You requested up to 4096 tokens, but can only afford 1234.",
            4096,
            Some(1234),
        ),
        ("temperature must be less than or equal to 2", 4096, None),
        ("max_tokens must be at least 1", 4096, None),
        ("max_tokens must be less than or equal to 8192", 4096, None),
    ] {
        assert_eq!(read(words, asked), cap.map(Room::Cap), "{words}");
    }
}

#[test]
fn what_is_left_is_foreseen_for_another_prompt() {
    let window = Window::counted(4096, 310, 1000);
    assert_eq!(window.leaves(1000), 4096 - 310 - 16);
    assert_eq!(window.leaves(1010), 4096 - (314 + 19 + 32) - 16);
    let small = Window { tokens: 400, ..window };
    assert_eq!(
        (small.leaves(1000), small.leaves(1001)),
        (90 - 11, MIN_ANSWER_TOKENS),
        "counted, and guessed"
    );
    assert_eq!(window.leaves(1_000_000), MIN_ANSWER_TOKENS, "the server has the last word");
    assert_eq!(Window { prompt_bytes: 0, ..window }.leaves(usize::MAX), MIN_ANSWER_TOKENS);
    assert!(enough(256, 4096) && !enough(255, 4096));
    assert!(enough(20, 40) && !enough(19, 40), "who wants little is content with little");
    assert!(!enough(0, 0) && !enough(0, 1));
}

#[test]
fn what_was_assumed_of_one_prompt_is_not_assumed_of_another() {
    let window = Window { probable_tokens: 1093, ..Window::counted(8200, 4104, 3500) };
    assert_eq!(window.leaves(3500), 8200 - 4104 - 16);
    assert_eq!(window.leaves(7000), 8200 - (2186 + 136 + 32) - 16);
}

proptest! {
    /// No words lead to a request for more tokens than before.
    #[test]
    fn any_words_are_read(words in "[a-z0-9 ,.()<>=+\\[\\]`'深_-]{0,80}", asked in any::<u32>()) {
        if let Some(Room::Cap(cap)) = room(&words, asked) {
            prop_assert!(cap < asked);
        }
    }

    #[test]
    fn whatever_the_numbers_are_they_are_found(window in 1u32.., prompt in any::<u32>(), asked in any::<u32>()) {
        prop_assume!(prompt != asked && !stopped_counting(window, prompt, asked));
        let words = format!("max_tokens is too large: {asked}. this model's maximum context length is {window} tokens and your request has {prompt} input tokens");
        prop_assert_eq!(room(&words, asked), Some(Room::Window { window, prompt }));
    }
}
