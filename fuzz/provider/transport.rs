//! What servers say is wrong.

#[path = "../../src/provider/transport/bare.rs"]
mod bare;
#[path = "../../src/provider/transport/words.rs"]
mod words;

pub(super) use bare::bare_complaint;
pub(super) use words::{Complaint, complaint};
