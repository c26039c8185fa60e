//! The system calls that neither the standard library nor socket2 offers safely, one file a call
//! family. With `capi`, the only place with `unsafe` code and with differences between systems.
#![allow(unsafe_code, reason = "these are the calls into the system")]

pub mod address;
pub mod bind;
pub mod clock;
pub mod connect;
pub mod control;
pub mod datagram;
pub mod descriptor;
pub mod event;
pub mod flag;
pub mod message;
pub mod multicast;
pub mod name;
pub mod option;
pub mod poll;
pub mod process;
pub mod queue;
pub mod rights;
pub mod search;
pub mod signal;
pub mod thread;
pub mod transfer;
pub mod vector;
pub mod watch;

/// What threads meet in, for tests/loom.sh.
#[cfg(loom)]
pub use std::sync;
