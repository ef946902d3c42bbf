//! What servers say is wrong.

#[path = "../../src/provider/transport/words.rs"]
mod words;

pub(super) use words::{Complaint, complaint, unasked};
