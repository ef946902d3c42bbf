//! Repositories that nobody should trust, one that somebody does, and what an editor may say: over
//! the real binary, from the command line and as an editor.

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
