//! What servers say is wrong.

#[path = "../../src/provider/transport/unnamed_error.rs"]
mod unnamed_error;
#[path = "../../src/provider/transport/words.rs"]
mod words;

pub(super) use unnamed_error::bare_complaint;
pub(super) use words::{Complaint, complaint};
