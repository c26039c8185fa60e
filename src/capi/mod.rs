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
pub mod connector;
pub mod datagram;
pub mod date;
pub mod deadline;
pub mod error;
pub mod features;
pub mod frame;
mod guard;
pub mod hosts;
pub mod insight;
pub mod listen;
pub mod listener;
pub mod multicast;
pub mod option;
pub mod plan;
pub mod poller;
mod ptr;
pub mod readiness;
pub mod resolve;
pub mod rights;
pub mod sendfile;
pub mod service;
pub mod socket;
pub mod unix;
pub mod vector;
