//! Level 1 through its C ABI: every promise of the header about sockets, and the bad input that it
//! has to answer. Loopback only, port 0 always.
#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "each block calls the C ABI with handles and buffers that this crate keeps alive"
)]

mod argument;
mod budget;
mod calls;
mod cancel;
mod descriptor;
mod error;
mod frame;
mod framed;
mod guest;
mod handle;
mod peer;
mod process;
mod resolve;
mod sendfile;
mod signal;
mod stream;
mod syscalls;
mod tcp;
mod threads;
mod udp;
mod unix;
mod vector;
