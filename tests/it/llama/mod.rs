//! A model file of the user's own: its server is started, waited for, asked, and ended with us.

mod fails;
mod lives;
pub(crate) mod stand_in;
