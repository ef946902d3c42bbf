//! Distinguishes chat models from others, by their list entry or by their name.

use serde_json::Value;

/// Members that state a model's purpose in a word.
const WORDS: [&str; 7] = ["type", "task", "mode", "kind", "model_type", "pipeline_tag", "sub_type"];
/// Words for chat models.
const CHAT: [&str; 10] = [
    "chat",
    "llm",
    "vlm",
    "language",
    "text-generation",
    "text generation",
    "text-to-text",
    "conversational",
    "completion",
    "responses",
];
/// Parts of words for other models. Checked last, because `image-text-to-text` is a chat model.
const OTHER: [&str; 16] = [
    "embed",
    "rank",
    "image",
    "speech",
    "audio",
    "voice",
    "tts",
    "asr",
    "transcri",
    "moderat",
    "video",
    "diffusion",
    "classif",
    "feature-extraction",
    "sentence-similarity",
    "guard",
];

/// Returns whether an entry in a list of models describes a chat model, in any of the known
/// formats; `None` if the entry states no purpose.
///
/// The formats are `type` (LM Studio, Together), `capabilities` (Ollama, Mistral, Azure, Copilot,
/// llama.cpp), `architecture` (OpenRouter), `task` (GitHub, Cloudflare), `mode` (LiteLLM),
/// `model_type` and `model_ability` (Xinference), `endpoints` (Cohere), `supports_chat` (Fireworks)
/// and `supportedGenerationMethods` (Gemini).
pub(crate) fn said(entry: &Value) -> Option<bool> {
    let at = |key: &str| entry.get(key);
    let architecture = at("architecture");
    let modalities = [architecture, Some(entry)].into_iter().flatten();
    let outputs = modalities.filter_map(|from| from.get("output_modalities")).find_map(outputs);
    let modality = || architecture?.get("modality")?.as_str().and_then(modality);
    let lists = ["endpoints", "supportedGenerationMethods", "model_ability"];
    at("capabilities")
        .and_then(capabilities)
        .or(outputs)
        .or_else(modality)
        .or_else(|| at("supports_chat")?.as_bool())
        .or_else(|| lists.iter().find_map(|key| words(at(key)?)))
        .or_else(|| WORDS.iter().find_map(|key| word(at(key)?)))
        .or_else(|| family(at("details")?.get("family")?.as_str()?))
}

/// Reads capabilities: a list of words, or an object with flags.
fn capabilities(said: &Value) -> Option<bool> {
    if said.is_array() {
        return words(said);
    }
    let flags = ["completion_chat", "chat_completion", "chat", "completion"];
    let flag = flags.iter().find_map(|key| said.get(key)?.as_bool());
    flag.or_else(|| word(said.get("type")?))
}

/// Reads output modalities: `["text"]`.
fn outputs(said: &Value) -> Option<bool> {
    let all = said.as_array().filter(|all| !all.is_empty())?;
    Some(all.iter().any(|one| one.as_str() == Some("text")))
}

/// Reads input and output modalities: `text+image->text`.
fn modality(said: &str) -> Option<bool> {
    let (_, out) = said.split_once("->")?;
    Some(out.split('+').any(|one| one.trim() == "text"))
}

/// Reads a list of words. One word for chat models is enough.
fn words(said: &Value) -> Option<bool> {
    let all: Vec<bool> = said.as_array()?.iter().filter_map(word).collect();
    (!all.is_empty()).then(|| all.contains(&true))
}

fn word(said: &Value) -> Option<bool> {
    let text = said.as_str().or_else(|| said.get("name")?.as_str())?.to_ascii_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
    // `generateContent` is Gemini's term.
    if has(&CHAT) || text == "generatecontent" || text == "generate" {
        Some(true)
    } else {
        has(&OTHER).then_some(false)
    }
}

/// Reads Ollama's model family: BERT models are for embeddings.
fn family(name: &str) -> Option<bool> {
    name.to_ascii_lowercase().contains("bert").then_some(false)
}

/// Returns `true` if a model is a chat model, judging by its name: it is, unless a word of the name
/// suggests another purpose.
pub(crate) fn by_name(name: &str) -> bool {
    const WHOLE: [&str; 24] = [
        "tts",
        "asr",
        "stt",
        "image",
        "images",
        "imagen",
        "dall",
        "flux",
        "sdxl",
        "sora",
        "veo",
        "clip",
        "siglip",
        "bge",
        "gte",
        "e5",
        "minilm",
        "colbert",
        "paraphrase",
        "parakeet",
        "kokoro",
        "babbage",
        "davinci",
        "realtime",
    ];
    const STARTS: [&str; 6] = ["embed", "transcri", "moderation", "speech", "flux1", "guard"];
    const ENDS: [&str; 2] = ["tts", "embed"];
    const PARTS: [&str; 7] = [
        "rerank",
        "whisper",
        "shieldgemma",
        "safeguard",
        "qwen3guard",
        "llamaguard",
        "promptguard",
    ];
    let name = name.to_ascii_lowercase();
    let words: Vec<&str> = name.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let tells = |word: &&str| {
        WHOLE.contains(word)
            || STARTS.iter().any(|start| word.starts_with(start))
            || ENDS.iter().any(|end| word.ends_with(end))
            || PARTS.iter().any(|part| word.contains(part))
    };
    // A diffusion language model is a chat model too.
    let draws = ["stable", "diffusion"].iter().all(|word| words.contains(word));
    !draws && !words.iter().any(tells)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn purposes_are_read_from_list_entries() {
        for (entry, chats) in [
            (json!({"type": "llm", "capabilities": ["tool_use"]}), Some(true)),
            (json!({"type": "vlm"}), Some(true)),
            (json!({"type": "embeddings"}), Some(false)),
            (json!({"type": "embedding", "capabilities": {"vision": false}}), Some(false)),
            (json!({"type": "chat"}), Some(true)),
            (json!({"type": "rerank"}), Some(false)),
            (json!({"type": "transcribe"}), Some(false)),
            (json!({"type": "model"}), None),
            (json!({"capabilities": ["completion", "tools"]}), Some(true)),
            (json!({"capabilities": ["embedding"]}), Some(false)),
            (
                json!({"capabilities": {"completion_chat": false, "classification": true}}),
                Some(false),
            ),
            (json!({"capabilities": {"completion_chat": true}}), Some(true)),
            (json!({"capabilities": {"chat_completion": false, "embeddings": true}}), Some(false)),
            (json!({"capabilities": {"type": "embeddings"}}), Some(false)),
            (json!({"capabilities": {"type": "chat"}}), Some(true)),
            (json!({"architecture": {"modality": "text+image->text"}}), Some(true)),
            (json!({"architecture": {"modality": "text->image"}}), Some(false)),
            (json!({"architecture": {"output_modalities": ["embeddings"]}}), Some(false)),
            (json!({"architecture": {"output_modalities": ["image", "text"]}}), Some(true)),
            (json!({"task": "chat-completion"}), Some(true)),
            (json!({"task": {"name": "Text Generation"}}), Some(true)),
            (json!({"task": {"name": "Text Embeddings"}}), Some(false)),
            (json!({"task": "image-text-to-text"}), Some(true)),
            (json!({"pipeline_tag": "text-to-image"}), Some(false)),
            (json!({"pipeline_tag": "automatic-speech-recognition"}), Some(false)),
            (json!({"mode": "audio_transcription"}), Some(false)),
            (json!({"model_type": "LLM", "model_ability": ["chat"]}), Some(true)),
            (json!({"model_type": "rerank"}), Some(false)),
            (json!({"endpoints": ["embed", "classify"]}), Some(false)),
            (json!({"endpoints": ["generate", "chat"]}), Some(true)),
            (json!({"supports_chat": false}), Some(false)),
            (json!({"supportedGenerationMethods": ["embedContent"]}), Some(false)),
            (json!({"supportedGenerationMethods": ["generateContent", "countTokens"]}), Some(true)),
            (json!({"details": {"family": "nomic-bert"}}), Some(false)),
            (json!({"details": {"family": "qwen3"}}), None),
            (json!({"id": "x", "object": "model", "type": 3, "capabilities": []}), None),
            (json!("x"), None),
        ] {
            assert_eq!(said(&entry), chats, "{entry}");
        }
    }

    #[test]
    fn names_of_models_with_another_purpose_are_known() {
        for name in [
            "text-embedding-3-small",
            "nomic-embed-text:latest",
            "mxbai-embed-large",
            "embeddinggemma:300m",
            "qwen3-embedding:8b",
            "snowflake-arctic-embed2",
            "all-minilm:33m",
            "BAAI/bge-m3",
            "intfloat/multilingual-e5-large",
            "thenlper/gte-large",
            "bge-reranker-v2-m3",
            "dengcao/Qwen3-Reranker-8B",
            "rerank-v3.5",
            "whisper-1",
            "distil-whisper-large-v3-en",
            "gpt-4o-transcribe",
            "tts-1-hd",
            "gpt-4o-mini-tts",
            "coqui/XTTS-v2",
            "playai-tts-arabic",
            "dall-e-3",
            "gpt-image-1",
            "black-forest-labs/FLUX.1-schnell",
            "stable-diffusion-3.5-large",
            "sdxl-turbo",
            "imagen-4.0-generate-001",
            "models/veo-3.0",
            "sora-2",
            "omni-moderation-latest",
            "text-moderation-stable",
            "llama-guard3:8b",
            "Qwen3Guard-Gen-8B",
            "shieldgemma:2b",
            "granite3-guardian",
            "gpt-oss-safeguard-20b",
            "davinci-002",
            "gpt-realtime",
            "text-embedding-ada-002",
            "openai/clip-vit-large",
        ] {
            assert!(!by_name(name), "{name}");
        }
        for name in [
            "gpt-5-mini",
            "gpt-4o-audio-preview",
            "o3",
            "qwen3:8b",
            "qwen2.5-vl:7b",
            "gemma3:4b",
            "meta-llama/Llama-3.3-70B-Instruct",
            "deepseek-r1:14b",
            "claude-sonnet-4-5",
            "mistral-small",
            "models/gemini-2.5-flash",
            "SmolLM2-135M-Instruct.Q4_1.gguf",
            "phi4",
            "command-r-plus",
            "llava:13b",
            "mercury-coder",
            "DiffuCoder-7B",
            "vanguard-7b-chat",
            "imagine-7b",
            "fluxion",
            "starcoder2:3b",
            "glm-4.6:cloud",
            "wizardlm2",
            "stable-code:3b",
            "x",
            "",
        ] {
            assert!(by_name(name), "{name}");
        }
    }
}
