//! The part of the transport that reads error responses.

#[path = "../../src/provider/transport/api_error.rs"]
mod api_error;

pub(super) use api_error::{ApiError, parse_error, parse_unnamed_error};
