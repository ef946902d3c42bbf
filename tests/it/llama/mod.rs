//! A model file of the user: its server is started, waited for, asked, and ended together with the
//! program.

mod fails;
mod lives;
pub(crate) mod stand_in;
