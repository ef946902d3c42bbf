//! The part of the transport that reads error responses.

#[path = "../../src/provider/transport/api_error.rs"]
mod api_error;
#[path = "../../src/provider/transport/decimal.rs"]
mod decimal;
#[path = "../../src/provider/transport/unnamed_error.rs"]
mod unnamed_error;

pub(super) use api_error::{ApiError, parse_error};
pub(super) use unnamed_error::parse_unnamed_error;
