//! Error bodies that servers really sent, shortened, and the kind of each: with an error status,
//! and inside a successful response.

use crate::event::FailureKind::{self, *};
use crate::provider::Cause;
use crate::provider::transport::{Redactor, kind_in_stream, parse_error, refusal};
use http::{HeaderMap, StatusCode, header};

fn read(status: u16, body: &str) -> (FailureKind, Option<Cause>) {
    let status = StatusCode::from_u16(status).unwrap();
    let error = refusal(status, &HeaderMap::new(), body.as_bytes(), "h", &Redactor::default());
    (error.kind, error.cause)
}

#[test]
fn an_account_without_money_is_told_from_a_hurry() {
    let day = Some(Cause::DayUsedUp);
    let minute = Some(Cause::MinuteTokens);
    for (status, body, kind, cause) in [
        (
            400,
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API."}}"#,
            Quota,
            None,
        ),
        (
            400,
            r#"{"error":{"message":"Budget has been exceeded! Current cost: 0.0010747, Max budget: 0.0","type":"auth_error","param":null,"code":400}}"#,
            Quota,
            None,
        ),
        (
            400,
            r#"{"error":{"message":"ExceededBudget: End User=x over budget. Spend=0.0008, Budget=0.0001","code":"400"}}"#,
            Quota,
            None,
        ),
        (
            400,
            r#"{"statusCode":400,"message":"Access denied, please make sure your account is in good standing.","code":"Arrearage"}"#,
            Quota,
            None,
        ),
        (
            400,
            r#"{"error":{"message":"You have reached your specified API usage limits. You will regain access on 2026-12-01."}}"#,
            Quota,
            None,
        ),
        (
            401,
            r#"{"message":"Insufficient balance. Manage your billing here","type":"CreditsError","code":null}"#,
            Quota,
            None,
        ),
        (
            402,
            r#"{"error":{"message":"This request requires more credits, or fewer max_tokens. You requested up to 32000 tokens, but can only afford 0.","code":402}}"#,
            Quota,
            None,
        ),
        (
            403,
            r#"{"code":30011,"message":"The selected model requires paid balance. Please top up.","data":null}"#,
            Quota,
            None,
        ),
        (
            403,
            r#"{"error":{"message":"用户额度不足, 剩余额度: ¥0","type":"new_api_error","code":"insufficient_user_quota"}}"#,
            Quota,
            None,
        ),
        (
            403,
            r#"{"code":"AllocationQuota.FreeTierOnly","message":"The free tier of the model has been exhausted."}"#,
            Quota,
            None,
        ),
        (
            403,
            r#"{"error":"Your newly created team doesn't have any credits or licenses yet."}"#,
            Quota,
            None,
        ),
        (
            429,
            r#"{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","code":null}}"#,
            Quota,
            None,
        ),
        (
            429,
            r#"{"error":{"code":"1113","message":"余额不足或无可用资源包,请充值。"}}"#,
            Quota,
            None,
        ),
        (
            429,
            r#"{"type":"error","error":{"type":"rate_limit_error","code":"1113","message":"[1113][Insufficient balance or no resource package.]"}}"#,
            Quota,
            None,
        ),
        (
            429,
            r#"{"error":{"message":"Your account org-x is suspended due to insufficient balance, please recharge","type":"exceeded_current_quota_error"}}"#,
            Quota,
            None,
        ),
        (
            429,
            r#"{"error":{"message":"Budget has been exceeded! Current cost: 10.51, Max budget: 10.00","type":"budget_exceeded","code":"429"}}"#,
            Quota,
            None,
        ),
        (
            429,
            r#"[{"error":{"code":429,"message":"You exceeded your current quota, please check your plan.\n* Quota exceeded for metric: free_tier_input_token_count, limit: 0, model: gemini-2.0-flash-exp","status":"RESOURCE_EXHAUSTED"}}]"#,
            Quota,
            None,
        ),
        (500, r#"{"error":{"message":"x","code":"insufficient_quota"}}"#, Quota, None),
        (
            429,
            r#"{"error":{"message":"Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day","code":429}}"#,
            Quota,
            day.clone(),
        ),
        (
            429,
            r#"{"error":{"message":"Rate limit reached for model `m` on requests per day (RPD): Limit 1000, Used 1000","code":"rate_limit_exceeded"}}"#,
            Quota,
            day.clone(),
        ),
        (
            429,
            r#"{"error":{"code":429,"message":"You exceeded your current quota, please check your plan. limit: 20, model: m\nPlease retry in 58.8s.","status":"RESOURCE_EXHAUSTED","details":[{"violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}]}}"#,
            Quota,
            day,
        ),
        (
            413,
            r#"{"error":{"message":"Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested 12328, please reduce your message size","type":"tokens","code":"rate_limit_exceeded"}}"#,
            Quota,
            minute.clone(),
        ),
        (
            429,
            r#"{"error":{"message":"Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 342389."}}"#,
            Quota,
            minute,
        ),
        (
            429,
            r#"{"error":{"message":"Rate limit reached for model `m` on tokens per minute (TPM): Limit 6000, Used 5034, Requested 1443. Please try again in 4.77s. Need more tokens? Upgrade at https://console.groq.com/settings/billing"}}"#,
            RateLimited,
            None,
        ),
        (
            429,
            r#"{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details. limit: 10, model: m","status":"RESOURCE_EXHAUSTED","details":[{"violations":[{"quotaId":"GenerateRequestsPerMinutePerProjectPerModel-FreeTier"}]}]}}"#,
            RateLimited,
            None,
        ),
        (
            429,
            r#"{"error":{"code":"1302","message":"您当前使用该API的并发数过高"}}"#,
            RateLimited,
            None,
        ),
        (
            429,
            r#"{"error":{"message":"Provider returned error","code":429,"metadata":{"raw":"m is temporarily rate-limited upstream. Please retry shortly, or add your own key","provider_name":"BaseTen"}}}"#,
            RateLimited,
            None,
        ),
    ] {
        assert_eq!(read(status, body), (kind, cause), "{status} {body}");
    }
}

#[test]
fn a_daily_limit_that_names_a_wait_is_waited_for() {
    let body = br#"{"error":{"message":"Rate limit reached on tokens per day (TPD): Limit 1000. Please try again in 2s."}}"#;
    let headers = HeaderMap::from_iter([(header::RETRY_AFTER, "2".parse().unwrap())]);
    let error = refusal(StatusCode::TOO_MANY_REQUESTS, &headers, body, "h", &Redactor::default());
    assert_eq!((error.kind, error.cause), (RateLimited, None));
}

#[test]
fn what_is_forbidden_is_told_from_a_wrong_key() {
    let (region, access, wall) =
        (Some(Cause::Region), Some(Cause::NoAccess), Some(Cause::Firewall));
    for (status, body, kind, cause) in [
        (
            403,
            r#"{"error":{"code":"unsupported_country_region_territory","message":"Country, region, or territory not supported","type":"request_forbidden"}}"#,
            Forbidden,
            region.clone(),
        ),
        (
            403,
            r#"{"error":{"message":"Provider returned error","code":403,"metadata":{"raw":"{\"error\":{\"code\":\"unsupported_country_region_territory\",\"message\":\"Country, region, or territory not supported\"}}","provider_name":"OpenAI"}}}"#,
            Forbidden,
            region.clone(),
        ),
        (
            400,
            r#"[{"error":{"code":400,"message":"User location is not supported for the API use.","status":"FAILED_PRECONDITION"}}]"#,
            Forbidden,
            region.clone(),
        ),
        (403, "error code: 1009", Forbidden, region),
        (
            403,
            r#"{"error":{"message":"Project `proj_x` does not have access to model `gpt-4.1`","type":"invalid_request_error","code":"model_not_found"}}"#,
            Forbidden,
            access.clone(),
        ),
        (
            400,
            r#"{"error":{"message":"Your organization must be verified to use the model `o3`.","code":"model_not_found"}}"#,
            Forbidden,
            access.clone(),
        ),
        (
            401,
            r#"{"error":{"message":"key not allowed to access model. This key can only access models=['a']","type":"key_model_access_denied","code":"401"}}"#,
            Forbidden,
            access.clone(),
        ),
        (
            403,
            r#"{"error":"this model requires a subscription, upgrade for access"}"#,
            Forbidden,
            access.clone(),
        ),
        (
            404,
            r#"{"error":{"code":"ModelNotOpen","message":"Your account has not activated the model m."}}"#,
            Forbidden,
            access,
        ),
        (
            403,
            "<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>",
            Forbidden,
            wall.clone(),
        ),
        (
            403,
            "<!DOCTYPE html><title>Attention Required! | Cloudflare</title>",
            Forbidden,
            wall.clone(),
        ),
        (403, "error code: 1020", Forbidden, wall),
        (403, r#"{"error":{"type":"forbidden","message":"Request not allowed"}}"#, Forbidden, None),
        (
            400,
            r#"[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}]"#,
            Unauthorized,
            None,
        ),
        (
            400,
            r#"{"code":"Client specified an invalid argument","error":"Incorrect API key provided: xa***. You can obtain an API key from https://console.x.ai."}"#,
            Unauthorized,
            None,
        ),
        (
            403,
            r#"{"error":{"code":403,"message":"Your API key was reported as leaked. Please use another API key.","status":"PERMISSION_DENIED"}}"#,
            Unauthorized,
            None,
        ),
        (
            403,
            r#"{"error":{"code":403,"message":"Method doesn't allow unregistered callers (callers without established identity)."}}"#,
            Unauthorized,
            None,
        ),
        (
            401,
            "<html><head><title>401 Authorization Required</title></head></html>",
            Unauthorized,
            None,
        ),
        (
            404,
            r#"{"error":{"message":"The model `gpt-4` does not exist or you do not have access to it.","code":"model_not_found"}}"#,
            NotFound,
            None,
        ),
    ] {
        assert_eq!(read(status, body), (kind, cause), "{status} {body}");
    }
}

#[test]
fn a_filter_a_length_and_the_rest_are_told_apart() {
    for (status, body, kind) in [
        (
            400,
            r#"{"error":{"message":"The response was filtered due to the prompt triggering Azure OpenAI's content management policy.","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}"#,
            Filtered,
        ),
        (
            400,
            r#"{"error":{"message":"litellm.BadRequestError: AzureException - Error code: 400 - {'error': {'code': 'content_filter'}}","code":"400"}}"#,
            Filtered,
        ),
        (
            400,
            r#"{"error":{"message":"Content Exists Risk","type":"invalid_request_error"}}"#,
            Filtered,
        ),
        (
            400,
            r#"{"error":{"code":"data_inspection_failed","message":"Input data may contain inappropriate content."}}"#,
            Filtered,
        ),
        (
            400,
            r#"{"error":{"code":"1301","message":"系统检测到输入或生成内容可能包含不安全或敏感内容"}}"#,
            Filtered,
        ),
        (
            403,
            r#"{"error":{"message":"m requires moderation on OpenAI. Your input was flagged for \"violence\"","code":403,"metadata":{"flagged_input":"x"}}}"#,
            Filtered,
        ),
        (
            400,
            r#"[{"error":{"code":400,"message":"The input token count (1200293) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}]"#,
            TooLarge,
        ),
        (
            400,
            r#"{"code":"Client specified an invalid argument","error":"This model's maximum prompt length is 131072 but the request contains 136973 tokens."}"#,
            TooLarge,
        ),
        (
            400,
            r#"{"object":"error","message":"The input (61709 tokens) is longer than the model's context length (40960 tokens).","type":"BadRequestError","code":400}"#,
            TooLarge,
        ),
        (
            400,
            r#"{"error":"The number of tokens to keep from the initial prompt is greater than the context length (n_keep: 13055>= n_ctx: 4096)."}"#,
            TooLarge,
        ),
        (
            422,
            r#"{"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 32768. Given: 82004 `inputs` tokens and 2048 `max_new_tokens`","error_type":"validation"}"#,
            TooLarge,
        ),
        (
            500,
            r#"{"error":{"message":"Requested tokens (5136) exceed context window of 4096","type":"internal_server_error","param":null,"code":null}}"#,
            TooLarge,
        ),
        (
            413,
            r#"{"error":{"code":"tokens_limit_reached","message":"Request body too large for gpt-5-mini model. Max size: 4000 tokens."}}"#,
            TooLarge,
        ),
        (
            502,
            r#"{"error":{"message":"Provider returned error","code":502,"metadata":{"raw":"prompt is too long: 213462 tokens > 200000 maximum","provider_name":"Anthropic"}}}"#,
            TooLarge,
        ),
        (
            400,
            r#"{"error":{"message":"'max_tokens' is too large: 4096. This model's maximum context length is 4096 tokens and your request has 310 input tokens"}}"#,
            BadRequest,
        ),
        (500, r#"{"error":{"message":"no API key for the upstream"}}"#, Server),
        (503, r#"{"error":{"message":"The engine is overloaded"}}"#, Server),
        (408, r#"{"error":{"code":"Timeout","message":"The operation was timeout."}}"#, Timeout),
    ] {
        assert_eq!(read(status, body).0, kind, "{status} {body}");
    }
}

#[test]
fn all_of_it_is_known_inside_of_a_success() {
    for (body, kind) in [
        (r#"{"message":"Your credit balance is too low"}"#, Quota),
        (r#"{"message":"Provider returned error","code":402,"metadata":{"raw":"x"}}"#, Quota),
        (
            r#"{"message":"Rate limit reached","type":"tokens","code":"rate_limit_exceeded"}"#,
            RateLimited,
        ),
        (r#"{"message":"Resource has been exhausted","status":"RESOURCE_EXHAUSTED"}"#, RateLimited),
        (r#"{"message":"Input is too long for requested model.","code":502}"#, TooLarge),
        (r#"{"message":"x","code":"content_filter"}"#, Filtered),
        (r#"{"message":"Country, region, or territory not supported","code":403}"#, Forbidden),
        (r#"{"message":"API key not valid"}"#, Unauthorized),
        (r#"{"message":"Overloaded","type":"overloaded_error"}"#, Provider),
    ] {
        assert_eq!(kind_in_stream(&parse_error(body)), kind, "{body}");
    }
}
