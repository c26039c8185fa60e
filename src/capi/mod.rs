//! The C ABI: one file per noun, conversion only; `ptr.rs` holds every dereference.
#![allow(
    unsafe_code,
    reason = "exported symbols are `unsafe(no_mangle)`, and C hands out pointers"
)]
#![allow(
    clippy::missing_safety_doc,
    reason = "the contract towards C is the conventions page of the header"
)]

pub mod address;
pub mod buffer;
pub mod cancel;
pub mod connect;
pub mod date;
pub mod deadline;
pub mod error;
pub mod features;
pub mod frame;
mod guard;
pub mod listen;
pub mod listener;
mod ptr;
pub mod resolve;
pub mod sendfile;
pub mod socket;
pub mod vector;
