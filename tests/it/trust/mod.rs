//! Repositories that must not be trusted, one that the user trusts, and what an editor may set:
//! with the real binary, on the command line and in an editor.

mod commands;
mod gadget;
mod heavy;
mod hostile;
mod look;
mod menu;
mod own;
mod pager;
mod question;
mod tree;
mod trusted;
